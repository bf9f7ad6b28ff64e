import Datasets
import Graph
import Probing
import QAT
import Runs

/// What `eval --json` prints.
struct EvalJSON {
    private let found: SessionEvaluation

    /// The most classes of which the confusion matrix is printed.
    private static let confusionLimit = 256

    /// The document of an evaluation.
    init(_ found: SessionEvaluation) { self.found = found }

    /// One document for several modes that were asked of the same samples.
    static func document(_ all: [SessionEvaluation]) -> JSON {
        ["results": .array(all.map { EvalJSON($0).document })]
    }

    /// The evaluation as one document.
    var document: JSON {
        let result = found.result
        var members: [JSON.Member] = [
            .init("mode", .string(found.mode.rawValue)), .init("count", .integer(result.count)),
            .init("loss", .number(result.loss)),
            .init("accuracy", result.accuracy.map(JSON.number) ?? .null),
            .init("split", .string(found.split.rawValue)),
        ]
        if found.mode == .integer { members.append(.init("movedInputs", .integer(result.moved.count))) }
        if let measure = result.measure { members += self.members(of: measure) }
        if !result.outputs.isEmpty {
            members += [
                .init("sqnr", .finite(result.sqnr)), .init("meanSQNR", .finite(result.outputs.mean)),
                .init("outputs", .array(result.outputs.map(EvalJSON.document))),
            ]
        }
        return .object(members)
    }

    private func members(of measure: TaskMeasure) -> [JSON.Member] {
        var members = MeasuredNumber.allCases.compactMap { number in
            number.value(of: measure).map { JSON.Member(number.rawValue, .finite($0)) }
        }
        let counts = measure.countByClass
        let shown = measure.byClass.indices.filter { $0 < found.classNames.count || counts[$0] > 0 }
        members.append(.init("classes", .array(shown.map { document(ofClass: $0, measure) })))
        if let confusion = measure.confusion, confusion.size <= EvalJSON.confusionLimit {
            members.append(
                .init(
                    "confusion", .array(confusion.counts.map { row in .array(row.map(JSON.integer)) })))
        }
        return members
    }

    /// The name of a class, or its number where the data has none.
    static func name(ofClass label: Int, _ names: [String]) -> String {
        names.indices.contains(label) ? names[label] : "\(label)"
    }

    private func document(ofClass label: Int, _ measure: TaskMeasure) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(EvalJSON.name(ofClass: label, found.classNames)))
        ]
        switch measure {
        case .classification(let measure):
            members += [
                .init("recall", .finite(measure.confusion.recall(of: label))),
                .init("precision", .finite(measure.confusion.precision(of: label))),
                .init("f1", .finite(measure.confusion.f1(of: label))),
            ]
        case .detection(let result):
            let found = result.classes[label]
            members += [
                .init("ap50", .finite(found.ap50)), .init("ap", .finite(found.ap)),
                .init("recall", .finite(found.recall)), .init("precision", .finite(found.precision)),
                .init("score", .finite(found.best.map { Double($0.score) })),
            ]
        case .segmentation(let measure):
            members.append(.init("iou", .finite(measure.confusion.intersectionOverUnion(of: label))))
        case .regression(let measure):
            members += [
                .init("meanAbsoluteError", .finite(measure.absoluteErrors[label])),
                .init("rootMeanSquareError", .finite(measure.squareErrors[label])),
            ]
        }
        members.append(.init("count", .integer(measure.countByClass[label])))
        return .object(members)
    }

    private static func document(_ output: OutputNoise) -> JSON {
        [
            "name": .string(output.name), "sqnr": .finite(output.decibels), "signal": .finite(output.signal),
            "noise": .finite(output.noise),
        ]
    }
}
