import Datasets
import Devices
import Editing
import Graph
import Platform
public import QAT
public import Sessions

/// What every layer gives out for one sample, in a folder: a file a layer and an index, to be laid beside a board's.
public struct FeatureDump {
    /// The file that lists the others.
    public static let indexName = "index.json"
    static let format = "magikbench dump 1"

    /// The layers, in the order of evaluation.
    public let layers: [LayerCodes]
    /// The layers that the training arithmetic stood in for, and why.
    public let fallbacks: [IntegerNetwork.Fallback]
    /// What it is of, as the index says.
    let facts: [JSON.Member]

    init(layers: [LayerCodes], fallbacks: [IntegerNetwork.Fallback], facts: [JSON.Member]) {
        self.layers = layers
        self.fallbacks = fallbacks
        self.facts = facts
    }

    /// The folder, made where it is not there. Files of an earlier dump are replaced, the index last, so that a folder with
    /// an index is whole.
    public func write(to folder: String) throws(DumpError) {
        let files: Folder
        do {
            try Disk.makeFolders(folder)
            files = try Folder(folder)
        } catch {
            throw .unwritable(folder, reason: "\(error)")
        }
        var entries: [JSON] = []
        for (place, layer) in layers.enumerated() {
            let bytes = layer.bytes
            let file = FeatureDump.fileName(layer, place)
            try FeatureDump.replace(file, in: files, with: bytes)
            entries.append(
                .object([
                    .init("layer", .string(layer.layer)), .init("output", .integer(layer.output)),
                    .init("shape", .array(layer.lastAxes.map { .integer($0) })),
                    .init("bits", .integer(layer.bits)), .init("type", .string(layer.type.rawValue)),
                    .init("file", .string(file)), .init("md5", .string(MD5.digest(bytes))),
                ]))
        }
        let index = JSON.object(facts + [.init("layers", .array(entries))])
        try FeatureDump.replace(FeatureDump.indexName, in: files, with: Array(index.pretty.utf8))
    }

    private static func replace(
        _ name: String, in files: Folder, with bytes: [UInt8]
    ) throws(DumpError) {
        do {
            try files.replace(name, with: bytes)
        } catch {
            throw .unwritable(files.path(of: name), reason: "\(error)")
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
            try data.map { text throws(DatasetError) in try DataSpec(text) }
            ?? .generated(for: document.network)
        let dataset = try Dataset.open(
            spec, shape: input.shape, task: document.network.task, readsLabels: false, seed: seed)
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
        return FeatureDump(layers: network.results, fallbacks: network.fallbacks, facts: facts)
    }
}
