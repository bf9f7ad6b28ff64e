import Editing
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

    /// What is typed to read a model with operators that come near to those that no chip has.
    static let approximately = "approximate"

    /// Reads a model, or runs a module and reads what it builds. For a module also with what was typed: "ARGUMENTS; SHAPE";
    /// for a model `approximately`, or nothing.
    init(_ path: String, typed: String) throws {
        if ImportedModel.isModel(path) {
            try self.init(model: path, approximates: typed == ImportedFile.approximately)
        } else {
            let module = try MagikImport(running: .init(path: path, typed: typed))
            self.init(document: module.document, weights: nil, host: nil, lines: module.notes)
        }
    }

    private init(model path: String, approximates: Bool) throws(ImportExportError) {
        var options = ONNXImport.Options()
        options.approximates = approximates
        let model: ImportedModel
        do {
            model = try ImportedModel(path, options: options)
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
    }

    private init(document: Document?, weights: Safetensors?, host: [UInt8]?, lines: [String]) {
        self.document = document
        self.weights = weights
        self.host = host
        self.lines = lines
    }
}
