import Runs

extension Smoothing {
    /// A whole series, smoothed.
    static func smoothed(_ samples: [Sample], _ weight: Double) -> [Sample] {
        var smoothing = Smoothing(weight: weight)
        return samples.map { Sample(x: $0.x, y: smoothing.next($0.y)) }
    }
}
