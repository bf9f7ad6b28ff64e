import Editing
import Graph
import Interchange
import Terminal
import Weights

/// What a file of another program has become.
public struct ImportedFile: Sendable {
    /// The document; nil where something in the file has no counterpart.
    let document: Document?
    /// Its weights, where the file has them.
    let weights: Safetensors?
    /// What the host computes from the network's results, as the bytes of an ONNX file; nil where that is nothing.
    let host: [UInt8]?
    /// What there is to say of it, in lines; a page breaks those that are too long.
    let lines: [String]
    /// What was typed to read it.
    var typed = ""
    /// The tensors at which a model with refused operators could end; none where it is whole, or too little lies before them.
    var cut: [String] = []

    /// What is typed to read a model with operators that come near to those that no chip has.
    static let approximately = "approximate"

    /// What is typed in front of the tensors at which a model ends.
    static let ending = "--outputs="

    /// Reads a model, or runs a module and reads what it builds. For a module also with what was typed: "ARGUMENTS; SHAPE";
    /// for a model sizes of its inputs, `approximately`, the tensors at which it ends behind `ending`, or nothing.
    init(_ path: String, typed: String) throws {
        if ImportedModel.isModel(path) {
            let words = typed.split(separator: " ").map(String.init)
            let sizes = words.filter {
                $0 != ImportedFile.approximately && !$0.hasPrefix(ImportedFile.ending)
            }
            var options = ONNXImport.Options()
            options.approximates = words.contains(ImportedFile.approximately)
            options.sizes = ImportedFile.sizes(sizes) ?? [:]
            options.outputs = words.filter { $0.hasPrefix(ImportedFile.ending) }.flatMap {
                $0.dropFirst(ImportedFile.ending.count).split(separator: ",").map(String.init)
            }
            try self.init(model: path, options)
            self.typed = typed
        } else {
            let module = try MagikImport(running: .init(path: path, typed: typed))
            self.init(document: module.document, weights: nil, host: nil, lines: module.notes)
        }
    }

    /// The axes of inputs behind the batch, by their names, from words such as "3x320x320" or "image=3x320x320"; nil where one is
    /// none.
    static func sizes(_ words: [String]) -> [String: [Int]]? {
        var sizes: [String: [Int]] = [:]
        for word in words {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            let axes = (parts.last ?? "").split(separator: "x", omittingEmptySubsequences: false).map {
                Int($0) ?? 0
            }
            guard axes.allSatisfy({ (1...65536).contains($0) }) else { return nil }
            sizes[parts.dropLast().joined(separator: "=")] = axes
        }
        return sizes
    }

    private init(model path: String, _ options: ONNXImport.Options) throws(ImportExportError) {
        let model: ImportedModel
        do {
            model = try ImportedModel(path, options: options)
        } catch .openAxes(let inputs, let option) {
            throw ImportExportError(
                text: "\(path.printable): \(inputs.joined(separator: "; ").oneLine(upTo: 1000))",
                sizes: option.replacing("--input ", with: ""))
        } catch {
            throw ImportExportError(text: "\(path.printable): \(error)")
        }
        let reports = model.reports(for: [model.document.device])
        let text = ImportText(model, isWhole: true, style: .plain, isFolded: false).blocks(reports).joined(
            separator: "\n\n")
        let isWhole = model.report.faults.isEmpty
        self.init(
            document: isWhole ? model.document : nil, weights: isWhole ? model.weights : nil,
            host: model.host,
            lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        cut = model.report.proposal?.outputs ?? []
    }

    private init(document: Document?, weights: Safetensors?, host: [UInt8]?, lines: [String]) {
        self.document = document
        self.weights = weights
        self.host = host
        self.lines = lines
    }
}
