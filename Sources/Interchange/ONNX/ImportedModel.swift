public import Devices
public import Editing
import Graph
public import Weights

/// An ONNX model as a document of ours: the document that it would be, its weights, and what became of its operators.
public struct ImportedModel: Sendable {
    /// The network for a chip, quantized to some bits.
    public let document: Document
    /// The weights.
    public let weights: Safetensors
    /// What became of the operators.
    public let report: ONNXReport
    /// The detector whose heads the network has, so that its task is set; nil where it has those of none.
    public let recognized: KnownDetector?
    /// The head as a model of its own; nil where the host has nothing to compute.
    public let host: [UInt8]?

    /// The ending of the files that are read as models.
    public static let ending = ".onnx"
    /// The bits that a network is judged with unless others are asked for.
    public static let bits = 8

    /// Whether a path names a model.
    public static func isModel(_ path: String) -> Bool { path.lowercased().hasSuffix(ending) }

    /// What a session made from a model would be called.
    public static func stem(_ path: String) -> String {
        String((path.split(separator: "/").last ?? "").dropLast(ending.count))
    }

    /// What the chips find. Of a model with refused operators nothing is said of layers beside those, whose neighbours are
    /// not there, nor of the whole.
    public func reports(for devices: [Device]) -> [Report] {
        let network = document.network
        let reports = Checker.reports(on: network, for: devices, waivers: document.waivers)
        guard !report.faults.isEmpty else { return reports }
        let read = Set(network.nodes.flatMap { $0.inputs.map(\.name) })
        let results = Set(report.outputs.map(\.source.name))
        let whole = network.nodes.filter { node in
            !node.inputs.contains { report.substitutes.contains($0.name) }
                && (read.contains(node.name) || results.contains(node.name))
        }
        let names = Set(whole.map(\.name))
        return reports.map { $0.filtered { $0.layer.map(names.contains) ?? false } }
    }

    /// Reads a model; an export of ours keeps the chip and the settings that it was made with.
    public init(
        _ path: String, device: Device? = nil, bits: Int = bits, options: ONNXImport.Options = .init()
    ) throws(ONNXError) {
        var options = options
        options.hasPixelShuffle = (device ?? .t40).has(.pixelShuffle(PixelShuffle()))
        let model = try ONNXImport(path: path, options: options)
        weights = model.weights
        report = model.report
        host = model.host
        let own = report.isOwn ? report.device.flatMap(Device.init(name:)) : nil
        let device = device ?? own ?? .t40
        var network = report.isOwn ? model.network : model.network.quantized(to: bits, on: device)
        let isAsked = options.recognizesHeads && !report.isOwn && report.faults.isEmpty
        let found = isAsked ? KnownDetector.recognize(network) : nil
        if let found { network = network.applying(task: .detection(found.task)) }
        recognized = found?.detector
        document = Document(network: network, device: device)
    }
}

extension Network {
    /// The network with a task.
    fileprivate func applying(task: NetworkTask) -> Network {
        do {
            return try applying(.setTask(task))
        } catch {
            preconditionFailure("a task can be set: \(error)")
        }
    }

    /// The network with all quantizers on, at a width; 32 leaves it as it is.
    fileprivate func quantized(to bits: Int, on device: Device) -> Network {
        guard bits < Quantization.float else { return self }
        let editing = EditBuilder(Analysis(self, on: device.family), for: device)
        do {
            return try applying(try editing.quantizing(true)).atBits(bits)
        } catch {
            preconditionFailure("quantizers can be turned on: \(error)")
        }
    }
}
