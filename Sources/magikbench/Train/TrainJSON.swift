import Graph
import QAT
import Runs

/// The lines of `train --json`, as scripts read them.
enum TrainJSON {
    static func start(_ start: TrainingRun.Start) -> JSON {
        .object([
            .init("event", "start"), .init("run", .string(start.run)),
            .init("parameters", .integer(start.parameters)), .init("threads", .integer(start.threads)),
            .init("steps", .integer(start.steps)), .init("doneSteps", .integer(start.doneSteps)),
            .init("data", .string(start.plan.data)), .init("notes", .array(start.notes.map(JSON.string))),
        ])
    }

    static func step(_ step: TrainingReport.Step, imagesPerSecond: Double) -> JSON {
        .object(
            [
                .init("event", "step"), .init("step", .integer(step.step)),
                .init("epoch", .integer(step.epoch)), .init("stage", .integer(step.stage)),
            ]
                + RunMetric.ofSteps.map {
                    JSON.Member($0.name, .finite($0.value(of: step, imagesPerSecond: imagesPerSecond)))
                })
    }

    static func threads(_ active: Int, of all: Int) -> JSON {
        .object([
            .init("event", "threads"), .init("active", .integer(active)), .init("threads", .integer(all)),
        ])
    }

    static func evaluation(_ evaluation: TrainingReport.Evaluation) -> JSON {
        .object(
            [
                .init("event", "evaluation"), .init("epoch", .integer(evaluation.epoch)),
                .init("stage", .integer(evaluation.stage)),
                .init("split", .string(evaluation.split.noun)),
                .init("loss", .number(evaluation.result.loss)),
                .init("accuracy", .finite(evaluation.result.accuracy)),
                .init("sqnr", .finite(evaluation.result.sqnr)),
                .init("integerAccuracy", .finite(evaluation.integer?.accuracy)),
                .init("integerSQNR", .finite(evaluation.integer?.sqnr)),
                .init("integerSamples", evaluation.integer.map { .integer($0.count) } ?? .null),
            ]
                + MeasuredNumber.allCases.compactMap { number in
                    evaluation.result.measure.flatMap { number.value(of: $0) }.map {
                        JSON.Member(number.rawValue, .finite($0))
                    }
                })
    }

    static func ranges(_ tensors: [TensorObservation], step: Int) -> JSON {
        .object([
            .init("event", "ranges"), .init("step", .integer(step)),
            .init(
                "ranges",
                .array(
                    tensors.map { tensor in
                        [
                            "layer": .string(tensor.layer), "tensor": .string(tensor.kind.rawValue),
                            "min": .finite(tensor.minimum), "max": .finite(tensor.maximum),
                            "clip": .finite(tensor.clip), "clipRatio": .finite(tensor.clipRatio),
                            "mean": .finite(tensor.mean), "deviation": .finite(tensor.deviation),
                            "sqnr": .finite(tensor.sqnr), "flips": .finite(tensor.flips),
                        ]
                    })),
        ])
    }

    static func checkpoint(_ path: String) -> JSON {
        .object([.init("event", "checkpoint"), .init("path", .string(path))])
    }

    static func end(_ end: TrainingRun.End, seconds: Double) -> JSON {
        .object(
            [
                .init("event", "end"), .init("reason", .string(end.isFinished ? "finished" : "interrupted")),
                .init("run", .string(end.run)), .init("steps", .integer(end.steps)),
                .init("seconds", .number(seconds)), .init("accuracy", end.accuracy.map(JSON.number) ?? .null),
                .init("sqnr", .finite(end.sqnr)),
            ] + (end.check.map { [.init("torchAccuracy", .number($0.theirs))] } ?? []))
    }
}
