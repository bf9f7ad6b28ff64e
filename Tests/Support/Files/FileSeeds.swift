import Devices
import Graph
import Interchange
import QAT
import Weights

/// Valid files of every format, small, made in code.
enum FileSeeds {
    /// A file, or a folder of some, by its name in messages.
    struct Seed: Sendable {
        var name: String
        /// The files, the one that is damaged most first.
        var files: [(name: String, bytes: [UInt8])]
    }

    /// The network that weights are read into.
    static let network = made { try SmallNetwork.images() }

    /// The numbers of the network, drawn at random.
    static let weights: Safetensors = {
        let store = ParameterStore(Analysis(network, on: .npu))
        store.initialize(seed: 7)
        return Checkpoint.weights(store, digest: network.digest)
    }()

    /// The files of a format.
    static func seeds(of format: FileFuzz.Format) -> [Seed] {
        switch format {
        case .onnx: models
        case .safetensors: [Seed(name: "weights", files: [("weights.safetensors", weights.encoded())])]
        case .npz: archives
        case .dump: dumps
        case .recording: recordings
        case .yolo: [LabelSeeds.yolo]
        case .voc: [LabelSeeds.voc]
        case .coco: [LabelSeeds.coco]
        case .store: stores
        }
    }

    private static let stores: [Seed] = made {
        [Seed(name: "store", files: [("runs.sqlite", try StoreFuzz.sound()), (StoreFuzz.statements, [])])]
    }

    private static func made<Value>(_ body: () throws -> Value) -> Value {
        do {
            return try body()
        } catch {
            preconditionFailure("a file that fuzzing starts from is broken: \(error)")
        }
    }

    private static let models: [Seed] = made {
        var seeds = ModelSeed.all.enumerated().map { Seed(name: "model \($0)", files: [("m.onnx", $1)]) }
        var networks: [(String, Network, Int, Bool)] = [
            ("float", try SmallNetwork.images(), 13, false), ("8 bits", try SmallNetwork.images(), 13, true),
            ("4 bits", try SmallNetwork.images(bits: 4), 21, true),
            ("block", try SmallNetwork.block(bits: 8, signed: true), 13, true),
        ]
        for sample in OperatorSample.all {
            networks.append((sample.description, try sample.network(), 13, true))
        }
        for (name, network, opset, isQuantized) in networks {
            let analysis = Analysis(network, on: .npu)
            let store = ParameterStore(analysis)
            guard store.layout.parameterCount < 10_000 else { continue }
            store.initialize(seed: 7)
            var options = ONNXExport.Options()
            (options.opset, options.isQuantized, options.device) = (opset, isQuantized, "T40")
            let model = try ONNXExport(analysis, store: store, options: options, version: "1")
            seeds.append(Seed(name: "export, \(name)", files: [("m.onnx", Array(try model.encoded()))]))
        }
        return seeds
    }

    private static let archives: [Seed] = [false, true].flatMap { deflates in
        let tensors = weights.tensors.map { tensor in
            (name: "\(tensor.name).npy", bytes: npyFile("<f4", tensor.shape, Array(tensor.bytes)))
        }
        let set = ["train", "test"].flatMap { part in
            [
                (name: "x_\(part).npy", bytes: npyFile("|u1", [4, 8, 8], [UInt8](repeating: 7, count: 256))),
                (name: "y_\(part).npy", bytes: npyFile("<i8", [4], littleEndian([Int64(0), 1, 2, 3]))),
            ]
        }
        let kind = deflates ? "deflated" : "stored"
        return [
            Seed(
                name: "weights, \(kind)", files: [("w.npz", zipFile(tensors, deflates: deflates))] + tensors),
            Seed(name: "set, \(kind)", files: [("w.npz", zipFile(set, deflates: deflates))] + set),
        ]
    }

    private static let dumps: [Seed] = {
        let types = ["uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "float32": 4]
        let names = types.keys.sorted()
        let entries = names.map { name -> JSON in
            [
                "layer": .string(name), "output": 0, "shape": [2, 2, 2], "bits": 8, "type": .string(name),
                "file": .string("\(name).bin"), "md5": "",
            ]
        }
        let index: JSON = ["format": "magikbench dump 1", "layers": .array(entries)]
        let files = names.map {
            (name: "\($0).bin", bytes: [UInt8](repeating: 1, count: 8 * (types[$0] ?? 0)))
        }
        return [Seed(name: "dump", files: [("index.json", Array(index.pretty.utf8))] + files)]
    }()

    private static let recordings: [Seed] = {
        let activation: JSON = ["function": "ReLU6", "arguments": [:]]
        let bits: JSON = 8
        func call(
            _ id: Int, _ name: String, _ kind: String, _ input: JSON, _ arguments: [JSON.Member]
        ) -> JSON {
            [
                "id": .string("\(id)"), "name": .string(name), "op": .string(kind), "inputs": [[input, 0]],
                "arguments": .object(arguments + [.init("target_device", "T40")]),
            ]
        }
        let nodes: JSON = [
            call(
                0, "stem.conv", "Conv2D", "x",
                [
                    .init("in_channels", 3), .init("out_channels", 8), .init("kernel_h", 3),
                    .init("kernel_w", 3), .init("stride", 2), .init("padding", 1), .init("bias", true),
                    .init("activation_fn", activation), .init("quantize", true),
                    .init("input_bitwidth", bits), .init("output_bitwidth", bits),
                    .init("weight_bitwidth", bits), .init("first_layer", false),
                    .init("clip_max_value", .number(6)),
                ]),
            call(
                1, "pool", "Maxpool2D", "0", [.init("kernel_h", 2), .init("kernel_w", 2), .init("stride", 2)]),
            call(2, "flat", "Flatten", "1", [.init("shape_list", [-1, 32])]),
            call(
                3, "head", "FullConnected", "2",
                [.init("in_channels", 32), .init("out_channels", 10), .init("last_layer", true)]),
        ]
        let foreign: JSON = ["about": [:], "inputs": ["x"], "nodes": nodes, "notes": ["a note"]]
        let own: JSON = [
            "about": [
                "device": "T40", "inputs": ["x": [3, 8, 8]], "waivers": [["rule", "stem", "reason"]],
                "names": ["stem.conv": "stem", "pool": "pool", "flat": "flat", "head": "head"],
                "order": ["stem", "pool", "flat", "head"], "unset": ["stem"], "notes": ["stem": "a note"],
            ], "inputs": ["x"], "nodes": nodes, "notes": [],
        ]
        return [("foreign", foreign), ("own", own)].map {
            Seed(name: $0.0, files: [("out.json", Array($0.1.pretty.utf8))])
        }
    }()
}
