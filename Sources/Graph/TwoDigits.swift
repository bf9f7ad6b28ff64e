import Foundation

/// A positive number rounded to two digits: 0.0123 to 0.012, 1.23 to 1.2; others as they are.
public func twoDigits(_ number: Double) -> Double {
    guard number > 0, number.isFinite else { return number }
    let unit = pow(10, floor(log10(number)) - 1)
    // Dividing by a power of ten gives the number nearest to what is written, which a product of decimals would not be.
    return unit < 1 ? (number / unit).rounded() / (1 / unit).rounded() : (number / unit).rounded() * unit
}
