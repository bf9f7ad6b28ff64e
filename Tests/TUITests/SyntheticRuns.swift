import Datasets
import Editing
import Graph
import QAT

@testable import Runs
@testable import TUI

extension Synthetic {
    /// Three runs of a network at 32, 8 and 4 bit, the last one first, and the two newest side by side.
    static func compared(of state: ScreenState, comparing names: [String]? = nil) -> RunsSnapshot {
        let runs = [(4, 1.1, "clip too wide"), (8, 0.7, ""), (32, 0.6, "reference")].enumerated().map {
            run($1.0, loss: $1.1, note: $1.2, number: 3 - $0, state)
        }
        let shown = (names ?? runs.prefix(2).map(\.id)).compactMap { name in runs.first { $0.id == name } }
        let members = zip(["A", "B", "C", "D"], shown).map { letter, facts in
            RunComparison.Member(
                letter: letter, facts: facts,
                trainLoss: (1...620).map { CurvePoint(x: Double($0), y: 2 / (1 + Double($0) / 60) + 0.1) },
                stepsPerEpoch: 156)
        }
        let layers = state.editor.network.nodes.filter { $0.kind == .conv2D }.map(\.name)
        var snapshot = RunsSnapshot()
        (snapshot.runs, snapshot.shown, snapshot.table) = (runs.map(\.summary), runs[0].summary, runs)
        snapshot.comparison = RunComparison(
            members,
            sqnr: shown.map { facts in
                let bits = Double(facts.stage?.bits ?? 8)
                return Dictionary(
                    uniqueKeysWithValues: layers.enumerated().map { ($1, 6.02 * bits - 4 - Double($0 % 4)) })
            })
        return snapshot
    }

    /// The run of `runs` with two other runs that it can be drawn with.
    static func overlaid(of state: ScreenState) -> RunsSnapshot {
        var snapshot = runs(of: state)
        let others = compared(of: state)
        snapshot.runs += others.runs
        snapshot.comparison = RunComparison(
            zip(["B", "C"], others.comparison?.members ?? []).map { letter, member in
                var member = member
                member.letter = letter
                return member
            }, sqnr: [[:], [:]])
        return snapshot
    }

    /// The run of `runs`, with two things that go wrong.
    static func troubled(of state: ScreenState) -> RunsSnapshot {
        var snapshot = runs(of: state)
        snapshot.detail?.findings = [
            .init(
                .growing, "loss grew from 0.512 at step 120 to 1.90: the rate 0.1 is too high",
                .run(["--learning-rate": "0.05"], first: "--learning-rate")),
            .init(
                .deadChannels, "conv3: 60% of the channels are zero for all samples, and 1 layer more",
                .layer("conv3")),
        ]
        return snapshot
    }

    private static func run(
        _ bits: Int, loss: Double, note: String, number: Int, _ state: ScreenState
    ) -> RunFacts {
        let plan = TrainingPlan(
            stages: [
                .init(
                    bits: bits, epochs: 4, optimizer: bits < 8 ? .adam : .sgd,
                    learningRate: bits < 8 ? 0.001 : 0.01)
            ],
            data: "glyphs")
        var record = RunRecord(
            id: "2026-11-25-14020\(number)-x\(number)", plan: plan.json, seed: 1, data: "glyphs", digest: "d",
            network: state.editor.document.text, device: "T40")
        (record.steps, record.stepsPerEpoch, record.state) = (624, 156, .finished)
        record.note = note.isEmpty ? nil : note
        let measured = (1...4).map { epoch in
            RunEvaluation(
                step: 156 * epoch, epoch: epoch, split: .test, mode: bits == 32 ? .float : .quantized,
                loss: loss / Double(epoch) + 0.2, accuracy: 1 - loss / Double(epoch) / 3)
        }
        let last = RunMetrics(
            step: 624, epoch: 3, stage: 0, loss: 0.4, accuracy: 0.9, learningRate: 0.001,
            imagesPerSecond: 1300)
        let summary = RunSummary(
            record, last: last, evaluation: measured.last, best: measured.last, at: record.started)
        // On the chip a little less is right.
        let integers = RunEvaluation(
            step: 624, epoch: 4, split: .test, mode: .integer, loss: loss / 4 + 0.21,
            accuracy: 1 - loss / 12 - 0.01)
        return RunFacts(
            summary, RunFacts.Origin(summary).costs, measured: measured + (bits == 32 ? [] : [integers]))
    }
}
