import Datasets
import Editing
import Graph
import Probing
import QAT
import Terminal
import Weights

// View 6 as sentences.
extension ScreenState {
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
