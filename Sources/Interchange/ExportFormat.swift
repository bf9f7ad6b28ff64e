import Devices
public import Editing
import Foundation
import Graph
public import QAT
import Sessions
public import Weights

/// What a document can be written as.
public enum ExportFormat: String, CaseIterable, Hashable, Sendable {
    case onnx, magik, torch, safetensors

    /// What it is for, in one line.
    public var purpose: String {
        switch self {
        case .onnx: "for whatever reads ONNX"
        case .magik: "a Python module for the vendor's training kit"
        case .torch: "Python that trains the network with PyTorch"
        case .safetensors: "the weights alone"
        }
    }

    /// Whether it holds trained weights, without which it cannot be written.
    public var needsWeights: Bool {
        switch self {
        case .onnx, .safetensors: true
        case .magik, .torch: false
        }
    }

    /// What it keeps of a session.
    public var keeps: String {
        switch self {
        case .onnx:
            "Keeps layers, names and weights; quantizers as pairs of QuantizeLinear and DequantizeLinear. Read again it is the same network. Leaves runs and accepted findings out."
        case .magik:
            "Keeps layers, names, remarks and accepted findings, with every argument of the manual. Read again it is the same network. Leaves weights and runs out."
        case .torch:
            "Keeps layers, names and quantizers; weights lie beside it, in safetensors. Leaves runs and accepted findings out."
        case .safetensors: "Keeps parameters and statistics by name. Leaves the network out."
        }
    }

    /// The ending of its files.
    public var ending: String {
        switch self {
        case .onnx: ".onnx"
        case .magik: "-magik.py"
        case .torch: "-torch.py"
        case .safetensors: ".safetensors"
        }
    }

    /// How a format is written, as far as it can be chosen.
    public struct Options {
        /// Of ONNX.
        public var onnx = ONNXExport.Options()
        /// The head that stands behind the network (onnx); nil leaves it out.
        public var host: [UInt8]?
        /// Bits of each stage that PyTorch can train; nil as the layers have them.
        public var recipe: [Int]?

        /// As they are written unless something is chosen.
        public init() {}
    }

    /// The bytes of the file of a document with its weights, under a name. Throws where weights are needed and there are
    /// none.
    public func bytes(
        of document: Document, _ weights: Safetensors?, name: String, _ options: Options = Options()
    ) throws -> [UInt8] {
        let device = document.device
        switch self {
        case .onnx:
            let analysis = Analysis(document.network, on: device.family)
            let store = ParameterStore(analysis)
            try Checkpoint.load(try ExportFormat.known(weights, name), into: store)
            let host = options.host
            var options = options.onnx
            options.device = device.rawValue
            options.padsBothSides = device.padsBothSides
            if let host { options.opset = max(options.opset, try ONNXExport.opset(for: host)) }
            let export = try ONNXExport(
                analysis, store: store, options: options, version: ProgramVersion.text)
            return Array(try (host.map { try export.joined(with: $0) } ?? export).encoded())
        case .magik:
            let text = try MagikExport(
                document.network, for: device, title: name, waivers: document.waivers
            ).text()
            return Array(text.utf8)
        case .torch:
            let network = document.network
            let bits: [Int?] = options.recipe?.map { $0 } ?? [nil]
            let plan = TrainingPlan(
                stages: bits.map { .advised(bits: $0, epochs: 3, of: network) }, data: "")
            return Array(try document.torch(plan, named: name).text.utf8)
        case .safetensors: return try ExportFormat.known(weights, name).encoded()
        }
    }

    private static func known(_ weights: Safetensors?, _ name: String) throws(SessionError) -> Safetensors {
        guard let weights else { throw .noWeights(name) }
        return weights
    }
}

extension Document {
    /// The network and a plan in PyTorch.
    public func torch(_ plan: TrainingPlan, named name: String) throws(TorchError) -> TorchExport {
        try TorchExport(
            network, named: name,
            for: .init(device.family, padsBothSides: device.padsBothSides, device: device.rawValue),
            plan: plan, version: ProgramVersion.text)
    }
}
