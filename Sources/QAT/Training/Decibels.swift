import Foundation

/// Signal to quantization noise in other words.
public enum Decibels {
    /// Noise in % of the signal, by amplitude, of a ratio in dB: 100 * 10^(-dB / 20).
    public static func noisePercent(_ decibels: Double) -> Double { 100 * pow(10, -decibels / 20) }
}
