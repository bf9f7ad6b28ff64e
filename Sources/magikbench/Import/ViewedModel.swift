import Devices
import Graph
import Interchange
import Sessions
import Terminal

// What commands do with a model.
extension ImportedModel {
    /// Reads a model for a command.
    static func read(
        _ path: String, device: Device? = nil, bits: Int = bits, options: ONNXImport.Options = .init()
    ) throws(CommandError) -> ImportedModel {
        do {
            return try ImportedModel(path, device: device, bits: bits, options: options)
        } catch {
            throw .failure("\(path.printable): \(error)")
        }
    }

    /// The command that makes a session of a model.
    static func nextStep(_ path: String, _ options: ModelOptions) -> String {
        let sizes = options.input.map { size in
            " --input "
                + ShellWord.quoted(
                    (size.name.isEmpty ? "" : "\(size.name)=")
                        + size.axes.map(String.init).joined(separator: "x"))
        }
        let ends = options.outputs.map { " --outputs \(ShellWord.quoted($0))" } ?? ""
        return
            "next: magikbench import \(ShellWord.quoted(path))\(sizes.joined())\(ends)\(options.approximate ? " --approximate" : "") -o \(ShellWord.quoted(stem(path)))"
    }

    /// Why a model with refused operators is no network.
    var refusal: CommandError? {
        guard let first = report.faults.first else { return nil }
        let others = report.faults.count > 1 ? " and \(report.faults.count - 1) more" : ""
        return .failure(
            "operator '\(first.node.oneLine(upTo: 64))' (\(first.operator.oneLine(upTo: 64))) has no counterpart\(others); 'magikbench check' lists all"
        )
    }
}

extension Session {
    /// Opens a session, a network file by itself or an ONNX model, for a command that only looks at it.
    static func viewed(_ path: String) throws(CommandError) -> Session {
        guard ImportedModel.isModel(path) else { return try opened(path) }
        let model = try ImportedModel.read(path)
        if let refusal = model.refusal { throw refusal }
        return Session(imported: model.document, weights: model.weights, from: path)
    }
}
