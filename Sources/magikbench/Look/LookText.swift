import Datasets
import Editing
import Foundation
import Graph
import Probing
import QAT
import Runs
import Terminal

/// Samples with what is right and what the network says, as a table and as JSON.
enum LookText {
    /// The first samples as a table.
    static func text(_ look: SessionLook, shown: Int) -> String {
        let words = AnswerWords(look.dataset)
        let hasAnswers = look.entries.contains { $0.answers != nil }
        let isLabelled = look.dataset.isLabelled
        var columns: [TextTable.Column] = [.init(title: "sample", isRightAligned: true)]
        if isLabelled { columns.append(.init(title: "right")) }
        if hasAnswers {
            columns += [
                .init(title: "quantized"), .init(title: "float"), .init(title: "loss", isRightAligned: true),
            ]
        }
        let files = look.entries.map { look.dataset.file(of: $0.index, in: look.split) }
        if files.contains(where: { $0 != nil }) { columns.append(.init(title: "file")) }
        let rows = zip(look.entries, files).prefix(shown).map { entry, file -> [TextTable.Cell] in
            var cells: [TextTable.Cell] = [.init("\(entry.index)")]
            if isLabelled { cells.append(.init(words.truth(entry.truth).printable)) }
            if hasAnswers {
                cells.append(.init(entry.answers.map { words.short($0.quantized).printable } ?? "-"))
                cells.append(.init(entry.answers.map { words.short($0.float).printable } ?? "-"))
                cells.append(.init(entry.answers?.quantized.loss.map { String(format: "%.3f", $0) } ?? "-"))
            }
            if let file { cells.append(.init(file.printable)) }
            return cells
        }
        let count = "\(Figures.grouped(look.dataset.count(look.split))) \(look.split.noun) samples"
        var lines = ["\(look.dataset.spec)".printable + ", \(count)"]
        if look.entries.isEmpty { return lines[0] + "\nno sample is listed" }
        lines += TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
        if look.entries.count > shown {
            lines.append("and \(Figures.grouped(look.entries.count - shown)) more")
        }
        if let reason = look.whyNoLoss { lines.append("no loss: \(reason)".printable) }
        return lines.joined(separator: "\n")
    }

    /// All samples.
    static func document(_ look: SessionLook) -> JSON {
        let words = AnswerWords(look.dataset)
        return .object([
            .init("data", .string("\(look.dataset.spec)")), .init("split", .string(look.split.rawValue)),
            .init("count", .integer(look.dataset.count(look.split))),
            .init("classes", .array(look.dataset.classNames.map(JSON.string))),
            .init("samples", .array(look.entries.map { document($0, look, words) })),
        ])
    }

    private static func document(
        _ entry: SessionLook.Entry, _ look: SessionLook, _ words: AnswerWords
    ) -> JSON {
        var members: [JSON.Member] = [.init("sample", .integer(entry.index))]
        if let file = look.dataset.file(of: entry.index, in: look.split) {
            members.append(.init("file", .string(file)))
        }
        if look.dataset.isLabelled {
            members.append(
                look.dataset.holdsBoxes
                    ? .init("boxes", .array(entry.truth.boxes.map { document($0, words) }))
                    : .init("right", .string(words.truth(entry.truth))))
        }
        if let answers = entry.answers {
            members += [
                .init("quantized", document(answers.quantized, words)),
                .init("float", document(answers.float, words)), .init("changed", .boolean(answers.isChanged)),
            ]
        }
        return .object(members)
    }

    private static func document(_ box: ObjectBox, _ words: AnswerWords) -> JSON {
        .object([
            .init("class", .string(words.name(box.label))),
            .init("box", sides(box.left, box.top, box.right, box.bottom)),
        ])
    }

    private static func document(_ answer: NetworkAnswer, _ words: AnswerWords) -> JSON {
        var members: [JSON.Member] = [.init("loss", .finite(answer.loss))]
        switch answer.content {
        case .classes(let scores):
            members.append(
                .init(
                    "classes",
                    .array(
                        scores.map {
                            .object([
                                .init("class", .string(words.name($0.label))),
                                .init("probability", .finite(Double($0.probability))),
                            ])
                        })))
        case .boxes(let boxes):
            members.append(
                .init(
                    "boxes",
                    .array(
                        boxes.map {
                            .object([
                                .init("class", .string(words.name($0.label))),
                                .init("score", .finite(Double($0.score))),
                                .init("box", sides($0.left, $0.top, $0.right, $0.bottom)),
                            ])
                        })))
        case .pixels(let right, let count):
            members += [.init("rightPixels", .integer(right)), .init("pixels", .integer(count))]
        case .numbers(let numbers):
            members.append(.init("numbers", .array(numbers.map { .finite(Double($0)) })))
        }
        return .object(members)
    }

    private static func sides(_ numbers: Float...) -> JSON { .array(numbers.map { .finite(Double($0)) }) }
}
