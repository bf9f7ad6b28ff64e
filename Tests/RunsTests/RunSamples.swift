import Datasets
import Foundation
import Graph
import QAT
import Runs
import TestSupport

/// Runs and reports that tests record.
enum RunSamples {
    static func record(_ id: String? = nil) -> RunRecord {
        RunRecord(
            id: id, plan: ["epochs": 3, "recipe": [32, 8, 4], "note": "é\n"], seed: .max - 6,
            data: "mnist:data/mnist,limit=1000", digest: "ab12", network: "{\n}\n", device: "T40")
    }

    static func metrics(_ step: Int) -> RunMetrics {
        RunMetrics(
            step: step, epoch: step / 10, stage: step / 50, loss: 2.5 / Double(step + 1),
            accuracy: step.isMultiple(of: 2) ? 0.1 : nil, learningRate: 0.05, imagesPerSecond: 1234.5)
    }

    static func evaluation(_ step: Int, _ mode: Evaluator.Mode = .quantized) -> RunEvaluation {
        RunEvaluation(
            step: step, epoch: step, split: .validation, mode: mode, loss: 0.3, accuracy: 0.98,
            numbers: [.map50: 0.98, .map: 0.5, .meanAbsoluteError: 0.25])
    }

    static func range(_ step: Int, _ layer: String, _ tensor: TensorObservation.Kind) -> RunRange {
        RunRange(
            step: step, layer: layer, tensor: tensor, minimum: -1.5, maximum: 2, clip: 1.25,
            clipRatio: 0.01, mean: 0.125, deviation: 0.5, sqnr: tensor == .weight ? nil : .infinity)
    }

    static func histogram(_ step: Int, _ layer: String) -> RunHistogram {
        var random = SeededGenerator(seed: UInt64(step))
        let counts = (0..<Observer.bins).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }
        return RunHistogram(step: step, layer: layer, tensor: .feature, low: -0.5, high: 6, counts: counts)
    }
}

/// Runs a test with a folder that passes for a session's.
func withSession<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
        let session = folder + "/net.magik"
        try FileManager.default.createDirectory(atPath: session, withIntermediateDirectories: true)
        return try body(session)
    }
}

/// A clock that tests turn by hand.
final class HandClock: @unchecked Sendable {
    private let lock = NSLock()
    private var seconds = 1_800_000_000.0

    var now: Double { lock.withLock { seconds } }

    func turn(by seconds: Double) { lock.withLock { self.seconds += seconds } }
}
