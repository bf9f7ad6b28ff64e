import Foundation

/// Functions of the C library under whole words.
enum TrainingMath {
    static func cosine(_ angle: Double) -> Double { cos(angle) }
    static func decimalLogarithm(_ value: Double) -> Double { log10(value) }
}
