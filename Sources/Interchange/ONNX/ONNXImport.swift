public import Graph
import QAT
import SwiftProtobuf
public import Weights

/// An ONNX model as a network of ours with its weights, and a report of what became of each operator.
///
/// All operators that have no counterpart are found at once. The weights have the names and shapes of the parameters of
/// the NPU family, whose layers are those of the file one by one.
public struct ONNXImport: Sendable {
    /// The network, in float; where operators were refused, without them and what follows from them.
    public let network: Network
    /// The weights, by the names that checkpoints have.
    public let weights: Safetensors
    /// What became of the operators.
    public let report: ONNXReport

    /// The head of the model, which the host computes from the network's results, as the bytes of an ONNX file; nil where
    /// the host has nothing to compute.
    public let host: [UInt8]?

    /// The newest version of operators that is read.
    public static let newestOpset = 28
    /// The oldest version of operators that is read.
    public static let oldestOpset = 6

    /// Reads a file.
    public init(path: String, options: Options = Options()) throws(ONNXError) {
        try self.init(try ONNXFile(path: path), options)
    }

    /// Reads the bytes of a file; weights outside it are looked for in `folder` alone.
    public init(
        bytes: [UInt8], folder: String = ".", options: Options = Options()
    ) throws(ONNXError) {
        try self.init(try ONNXFile(bytes: bytes, folder: folder), options)
    }

    init(_ file: ONNXFile, _ options: Options) throws(ONNXError) {
        if let own = try OwnExport(file) {
            network = own.network
            report = ONNXReport(own, file)
            weights = Checkpoint.weights(own.store, digest: own.network.digest)
            host = nil
            return
        }
        let run = try ImportRun(file, options)
        do {
            network = try Network(
                inputs: run.builder.inputs,
                nodes: run.builder.drafts.map { Node($0.name, $0.layer, inputs: $0.inputs) })
        } catch {
            throw .network("\(error)")
        }
        report = run.report
        // What is refused leaves no model to give numbers to.
        weights =
            report.faults.isEmpty ? try ONNXImport.weights(of: network, run.builder.drafts) : Safetensors([])
        do {
            host = try run.host.map { try $0.serializedBytes() }
        } catch {
            throw .network("the host's part cannot be written: \(error)")
        }
    }

    /// The numbers under the names of checkpoints.
    private static func weights(
        of network: Network, _ drafts: [ImportedLayer]
    ) throws(ONNXError) -> Safetensors {
        let layout = ParameterLayout(Analysis(network, on: .npu))
        var drafted: [String: ImportedLayer] = [:]
        for draft in drafts { drafted[draft.name] = draft }
        var tensors: [Safetensors.Tensor] = []
        for entry in layout.parameters + layout.statistics {
            let name = String(entry.name.dropFirst(entry.layer.count + 1))
            guard let tensor = drafted[entry.layer]?.parameters[name], tensor.count == entry.count else {
                throw .network("layer '\(entry.layer)' has no '\(name)' of \(entry.shape)")
            }
            if let number = tensor.firstNotFinite {
                throw .network(
                    "layer '\(entry.layer.oneLine(upTo: 64))': '\(name)' holds \(number), which is no number to compute with"
                )
            }
            tensors.append(tensor.named(entry.name, shape: entry.shape))
        }
        return Safetensors(
            tensors, metadata: [Checkpoint.digestKey: network.digest, "format": "magikbench weights 1"])
    }
}
