import Datasets
import Editing
import Graph
import Probing
import QAT
import Terminal
import Weights

// View 6 in lines.
extension ScreenState {
    /// The data set, and the answers that are known, the worst first; of the confusion matrix a line for each class.
    var dataLines: [String] {
        if let sentence = dataSentence { return [sentence] }
        guard let cell = data.cell, let matrix = confusion else { return dataText }
        return ["confusion, \(cell.isFloat ? "float" : "quantized")"]
            + (0..<matrix.classes).map { truth in
                let answers = (0..<matrix.size).filter { matrix[truth, $0] > 0 }.map { answer in
                    "\(Figures.grouped(matrix[truth, answer])) as \(name(ofRow: answer))"
                }
                return "\(name(ofRow: truth)) answered "
                    + (answers.isEmpty ? "nothing yet" : answers.joined(separator: ", "))
            }
    }

    /// The selected sample or cell of the confusion matrix.
    var selectedSampleLines: [String] {
        if let sentence = dataSentence { return [sentence] }
        if let cell = data.cell { return [confusionWords(cell)] }
        guard data.sample != nil else { return ["no sample is shown"] }
        var place =
            "\(Figures.grouped(data.selected + 1)) of \(Figures.grouped(data.count)) \(data.split.rawValue)"
        if let filter = data.filter { place += ", \(words(filter))" }
        if data.order != .number { place += ", \(data.order.title)" }
        if let epoch = data.epoch { place += ", augmented as in epoch \(epoch + 1)" }
        return [place] + sampleText + (data.problem.map { ["the network cannot be asked: \($0)"] } ?? [])
    }

    /// The data set, and the answers that are known, the worst first; empty where no set is open.
    var dataText: [String] {
        guard let source = data.source, let outline = data.opened else { return [] }
        let counts = Split.allCases.compactMap { split -> String? in
            let count = outline.counts[split] ?? 0
            return count > 0 ? "\(count) \(split.rawValue)" : nil
        }
        var lines = ["data \(source.data), samples: \(counts.joined(separator: ", "))"]
        if outline.isLabelled { lines.append("classes: \(outline.classNames.joined(separator: ", "))") }
        lines += outline.notes.map { "note: \($0)" }
        let words = AnswerWords(outline.dataset)
        let answers = (data.answers[data.split]?.samples ?? [:]).values.sorted(by: JudgedSample.isWorse)
        for answer in answers {
            let loss = answer.quantized.loss.map { ", loss \(Figures.significant($0))" } ?? ""
            lines.append(
                "sample \(answer.index), \(words.truth(answer.truth)): quantized \(words.short(answer.quantized))\(loss), float \(words.short(answer.float))"
            )
        }
        return lines
    }

    /// Opens the data set at once, and asks a network with weights about its first samples.
    mutating func readData(_ weights: Safetensors?, samples: Int) {
        guard let source = wantedData else { return }
        data.show(source)
        do throws(DatasetError) {
            data.outline = .success(PictureOutline(try source.open()))
        } catch {
            data.outline = .failure(error)
        }
        guard let outline = data.opened, let weights else { return }
        do {
            let judges = try Judges(
                JudgedNetwork(editor.document, weights: weights, floatModel: editor.floatModel),
                on: outline.dataset)
            let count = min(samples, judges.batch, data.total)
            data.take(try judges.answers(to: 0..<count, of: data.split), of: data.split)
        } catch {
            // The views before say what is wrong with a network that does not run.
            data.problem = "\(error)"
        }
    }
}
