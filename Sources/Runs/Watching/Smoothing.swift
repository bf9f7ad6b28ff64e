/// Exponential smoothing that does not pull the first values to zero: y = m / (1 - w^k) with m = w m + (1 - w) x.
///
/// Values that are no numbers are left out of the mean and stay as they are. It has to see every value: of those that a
/// `DownsampledSeries` keeps, the extremes are too many.
public struct Smoothing: Sendable {
    /// The weights that a key steps through: how much of the value before stays.
    public static let weights = [0, 0.6, 0.9, 0.97, 0.99]

    private let weight: Double
    private var (mean, left) = (0.0, 1.0)

    /// Smooths with a weight from 0, which leaves values as they are, to below 1.
    public init(weight: Double) { self.weight = weight }

    /// The smoothed value of the next one.
    public mutating func next(_ value: Double) -> Double {
        guard value.isFinite else { return value }
        mean = weight * mean + (1 - weight) * value
        left *= weight
        return mean / (1 - left)
    }
}
