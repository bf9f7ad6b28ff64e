import Foundation

/// The signal-to-noise ratio (SQNR) in dB, 10 log10(signal / noise), of two sums or means of squares; nil where there is no
/// signal or no noise.
public func decibels(signal: Double, noise: Double) -> Double? {
    signal > 0 && noise > 0 ? 10 * log10(signal / noise) : nil
}

/// The ratio of two powers that are so many dB apart.
public func ratio(decibels: Double) -> Double { pow(10, decibels / 10) }
