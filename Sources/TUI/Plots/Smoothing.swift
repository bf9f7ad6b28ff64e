import Workbench

/// Exponential smoothing that does not pull the first values to zero.
enum Smoothing {
    /// The weights that a key steps through: how much of the value before stays.
    static let weights = [0, 0.6, 0.9, 0.97, 0.99]

    /// y = m / (1 - w^k) with m = w m + (1 - w) x; values that are no numbers are left out of the mean and stay as they are.
    static func smoothed(_ samples: [Sample], _ weight: Double) -> [Sample] {
        guard weight > 0 else { return samples }
        var (mean, left) = (0.0, 1.0)
        return samples.map { sample in
            guard sample.y.isFinite else { return sample }
            mean = weight * mean + (1 - weight) * sample.y
            left *= weight
            return Sample(x: sample.x, y: mean / (1 - left))
        }
    }
}
