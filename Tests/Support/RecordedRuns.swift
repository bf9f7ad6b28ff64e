import Datasets
import Editing
import Graph
import QAT
public import Runs
public import Sessions

/// Runs as training records them, without training: two epochs of two steps each.
public enum RecordedRuns {
    /// Records a run for each name behind those that are there, the first of 4 and the others of 8 bits, a second apart. They
    /// begin now, or at a time in seconds since 1970; `more` adds to each what a test needs beside that.
    public static func add(
        to session: Session, names: [String], started: Double? = nil,
        more: (RunWriter) throws -> Void = { _ in }
    ) throws {
        let store = try RunStore.openForWriting(session: session.path)
        for (index, name) in names.enumerated() {
            let plan = TrainingPlan(
                stages: [
                    .init(bits: index == 0 ? 4 : 8, epochs: 2, optimizer: .adam, learningRate: 0.001)
                ],
                data: "glyphs")
            var record = RunRecord(
                id: "2026-11-25-14301\(index)-\(name)", plan: plan.json, seed: 1, data: "glyphs",
                digest: session.document.network.digest, network: session.document.text, device: "T40")
            record.started = (started ?? record.started) + Double(index)
            (record.steps, record.stepsPerEpoch) = (4, 2)
            let writer = try store.begin(record)
            for step in 1...4 {
                try writer.add(
                    .metrics(
                        RunMetrics(
                            step: step, epoch: (step - 1) / 2, loss: 2, accuracy: 0.5, learningRate: 0.001,
                            imagesPerSecond: 10)))
            }
            for epoch in 1...2 {
                try writer.add(
                    .evaluation(
                        RunEvaluation(
                            step: epoch * 2, epoch: epoch, split: .test, mode: .quantized,
                            loss: 1.5 - Double(index) / 4, accuracy: 0.75)))
            }
            try writer.add(
                .range(
                    RunRange(
                        step: 4, layer: "conv0", tensor: .weight, minimum: -1, maximum: 1, clip: 1,
                        clipRatio: 0, mean: 0, deviation: 1, sqnr: 20.25 + Double(index) * 20, flips: 0.25)))
            try more(writer)
            try writer.end(.finished)
        }
    }
}
