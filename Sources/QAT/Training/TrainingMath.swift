import Foundation

/// Functions of the C library under names that do not clash.
enum TrainingMath {
    static func cosine(_ angle: Double) -> Double { cos(angle) }
}
