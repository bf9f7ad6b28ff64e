import Reporting
import Runs
import TestSupport

@testable import TUI
@testable import Terminal

/// A plot with data that never changes, and the sizes of its golden pictures.
struct PlotSample: Sendable, CustomStringConvertible {
    let name: String
    let sizes: [Size]
    let draw: @Sendable (Rect, inout Canvas) -> Void

    init(_ name: String, _ sizes: (Int, Int)..., draw: @escaping @Sendable (Rect, inout Canvas) -> Void) {
        self.name = name
        self.sizes = sizes.map { Size(rows: $0.1, columns: $0.0) }
        self.draw = draw
    }

    var description: String { name }

    /// The plot alone on a screen.
    func canvas(_ size: Size, _ kind: Glyphs.Kind) -> Canvas {
        var canvas = Canvas(size, Glyphs(kind))
        draw(canvas.frame.bounds, &canvas)
        return canvas
    }

    static let all = lines + histograms + bars
}

/// Curves and counts that look like those of a run.
enum PlotData {
    /// A loss that falls from 2.3 towards 0.7, with noise.
    static let loss: [CurvePoint] = noisy(1170, seed: 1) { step, noise in
        0.66 + 1.7 / (1 + Double(step) / 125) * (1 + 0.15 * noise) + 0.05 * noise
    }.map { CurvePoint(x: $0.x * 4, y: $0.y) }

    static let smoothed = Smoothing.smoothed(loss, 0.97)
    static let smoothedLess = Smoothing.smoothed(loss, 0.9)

    /// The same once an epoch of 390 steps, a little higher.
    static let validation: [CurvePoint] = (1...12).map { epoch in
        CurvePoint(x: Double(epoch * 390), y: 0.71 + 1.7 / (1 + Double(epoch * 390) / 480))
    }

    /// A range that grows across a clip of 4.
    static let upper: [CurvePoint] = noisy(468, seed: 2) { step, noise in
        4.6 * (1 - 1 / (1 + Double(step) / 40)) + 0.08 * noise
    }.map { CurvePoint(x: $0.x * 10, y: $0.y) }

    static let middle: [CurvePoint] = noisy(468, seed: 3) { step, noise in
        0.5 + Double(step) / 800 + 0.03 * noise
    }
    .map { CurvePoint(x: $0.x * 10, y: $0.y) }

    /// A run of so many epochs whose loss ends near `end`.
    static func run(_ epochs: Int, end: Double, seed: UInt64) -> [CurvePoint] {
        noisy(epochs * 4, seed: seed) { step, noise in
            end + 1.6 / (1 + Double(step) / 6) + 0.01 * noise
        }.map { CurvePoint(x: $0.x / 4, y: $0.y) }
    }

    private static func noisy(
        _ count: Int, seed: UInt64, _ value: (Int, Double) -> Double
    ) -> [CurvePoint] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { step in
            let noise = (0..<4).reduce(-2.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
            return CurvePoint(x: Double(step), y: value(step, noise))
        }
    }

    /// A bell around zero, a little wider than its clip.
    static let weights = FineHistogram(low: -0.45, high: 0.45, counts: bell(deviation: 0.126))

    /// What an activation gives: a third is zero, the rest falls off.
    static let features: FineHistogram = {
        var counts = (0..<2048).map { bin -> UInt32 in
            let place = Double(bin)
            let tail: Double = (1 + place / 90) * (1 + place * place / 400_000) * (1 + place / 300)
            return UInt32(2000 / tail)
        }
        counts[0] = 90_000
        for bin in stride(from: 1700, to: 2048, by: 90) { counts[bin] = 1 }
        return FineHistogram(low: 0, high: 5.86, counts: counts)
    }()

    private static func bell(deviation: Double) -> [UInt32] {
        (0..<2048).map { bin -> UInt32 in
            let x: Double = (Double(bin) + 0.5) / 2048 * 0.9 - 0.45
            let z: Double = x * x / (2 * deviation * deviation)
            // 1 / e^z by its series: the test needs no library of functions.
            let power = (1...40).reversed().reduce(1.0) { 1 + z / Double($1) * $0 }
            return UInt32(100 / power)
        }
    }
}
