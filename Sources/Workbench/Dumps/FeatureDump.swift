import Datasets
import Devices
import Foundation
import Graph
public import QAT

/// What every layer gives out for one sample, in a folder: a file a layer and an index, to be laid beside a board's.
public struct FeatureDump {
    /// The file that lists the others.
    public static let indexName = "index.json"
    static let format = "magikbench dump 1"

    /// The layers, in the order of evaluation.
    public let layers: [LayerCodes]
    /// The layers that the training arithmetic stood in for, and why.
    public let standIns: [IntegerNetwork.StandIn]
    /// What it is of, as the index says.
    let facts: [JSON.Member]

    init(layers: [LayerCodes], standIns: [IntegerNetwork.StandIn], facts: [JSON.Member]) {
        (self.layers, self.standIns, self.facts) = (layers, standIns, facts)
    }

    /// The folder, made where it is not there. Files of an earlier dump are replaced, the index last, so that a folder with
    /// an index is whole.
    public func write(to folder: String) throws(DumpError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(folder, reason: error.localizedDescription)
        }
        var entries: [JSON] = []
        for (place, layer) in layers.enumerated() {
            let bytes = layer.bytes
            let file = FeatureDump.fileName(layer, place)
            try FeatureDump.replace(folder + "/" + file, with: bytes)
            entries.append(
                .object([
                    .init("layer", .string(layer.layer)), .init("output", .integer(layer.output)),
                    .init("shape", .array(layer.lastAxes.map { .integer($0) })),
                    .init("bits", .integer(layer.bits)), .init("type", .string(layer.type.rawValue)),
                    .init("file", .string(file)), .init("md5", .string(MD5.digest(bytes))),
                ]))
        }
        let index = JSON.object(facts + [.init("layers", .array(entries))])
        try FeatureDump.replace(folder + "/" + FeatureDump.indexName, with: Array(index.pretty.utf8))
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(DumpError) {
        do {
            try Disk.replace(path, with: bytes)
        } catch {
            throw .unwritable(path, reason: "\(error)")
        }
    }

    /// "003-conv1.bin", and "007-split.1.bin" for another output.
    private static func fileName(_ layer: LayerCodes, _ place: Int) -> String {
        let plain = layer.layer.map {
            $0.isASCII && ($0.isLetter || $0.isNumber) || "._-".contains($0) ? $0 : "_"
        }
        let number = String(repeating: "0", count: max(0, 3 - "\(place)".count)) + "\(place)"
        return "\(number)-\(String(plain))\(layer.output == 0 ? "" : ".\(layer.output)").bin"
    }
}

/// How a number of a dump is stored; little-endian.
enum DumpType: String {
    case uint8, int8, uint16, int16, float32

    var size: Int {
        switch self {
        case .uint8, .int8: 1
        case .uint16, .int16: 2
        case .float32: 4
        }
    }
}

extension LayerCodes {
    var type: DumpType {
        guard codes != nil else { return .float32 }
        return isSigned ? (bits > 8 ? .int16 : .int8) : bits > 8 ? .uint16 : .uint8
    }

    /// Height, width, channels; or time, features; or the length.
    var lastAxes: [Int] {
        guard case .map(let channels, let height, let width) = shape else { return shape.dimensions }
        return [height, width, channels]
    }

    /// The numbers, channels last.
    var bytes: [UInt8] {
        guard let codes else {
            return (values ?? []).flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
            }
        }
        guard type.size == 2 else { return codes.map { UInt8(truncatingIfNeeded: $0) } }
        return codes.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}

extension Session {
    /// What the chip computes of one sample of a data set: of the first split that is not trained on, the one of that index,
    /// counted from 0. Nil `data` is the generated set that fits the input.
    ///
    /// Throws `SessionError`, `DumpError`, `EngineError`, `TrainingError` or what the data set says.
    public func dump(data: String?, index: Int, seed: UInt64) throws -> FeatureDump {
        guard let input = document.network.inputs.first, document.network.inputs.count == 1 else {
            throw DumpError.inputs(document.network.inputs.count)
        }
        let spec =
            try data.map { text throws(DatasetError) in try DataSpec(text) } ?? .generated(for: input.shape)
        let dataset = try Dataset.open(spec, shape: input.shape, seed: seed)
        let split = dataset.observed
        guard index >= 0, index < dataset.count(split) else {
            throw DumpError.noSample(index, count: dataset.count(split))
        }
        let analysis = Analysis(document.network, on: document.device.family)
        let store = ParameterStore(analysis)
        if let weights = try weights(isRequired: true) { try Checkpoint.load(weights, into: store) }
        let network = try IntegerNetwork(
            analysis, store: store, batch: 1, padsBothSides: document.device.padsBothSides)
        try network.read(dataset, split, index)
        network.prepare()
        try network.run()
        let facts: [JSON.Member] = [
            .init("format", .string(FeatureDump.format)), .init("network", .string(name)),
            .init("digest", .string(document.network.digest)),
            .init("device", .string(document.device.rawValue)), .init("data", .string(spec.description)),
            .init("split", .string(split.rawValue)), .init("index", .integer(index)), .init("layout", "NHWC"),
        ]
        return FeatureDump(layers: network.results, standIns: network.standIns, facts: facts)
    }
}

/// Why a dump cannot be written, read or compared.
public enum DumpError: Error, Hashable, Sendable {
    /// A dump feeds one input.
    case inputs(Int)
    /// There is no such sample.
    case noSample(Int, count: Int)
    /// A file cannot be written.
    case unwritable(String, reason: String)
    /// A file cannot be read.
    case unreadable(String, reason: String)
    /// The index is not one.
    case index(String, reason: String)
    /// A file is not what the index says.
    case file(String, reason: String)
}

extension DumpError: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .inputs(let count): "a dump feeds one input; this network has \(count)"
        case .noSample(let index, let count):
            "there is no sample \(index): the data set has 0 to \(count - 1) that are not trained on"
        case .unwritable(let path, let reason): "\(path.oneLine(upTo: 400)): cannot be written: \(reason)"
        case .unreadable(let path, let reason): "\(path.oneLine(upTo: 400)): cannot be read: \(reason)"
        case .index(let path, let reason): "\(path.oneLine(upTo: 400)): \(reason)"
        case .file(let path, let reason): "\(path.oneLine(upTo: 400)): \(reason)"
        }
    }
}
