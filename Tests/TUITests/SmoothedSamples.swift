import Runs

extension Smoothing {
    /// A whole series, smoothed.
    static func smoothed(_ samples: [CurvePoint], _ weight: Double) -> [CurvePoint] {
        var smoothing = Smoothing(weight: weight)
        return samples.map { CurvePoint(x: $0.x, y: smoothing.next($0.y)) }
    }
}
