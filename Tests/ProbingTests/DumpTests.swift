import Devices
import Editing
import Foundation
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Probing

/// Dumps of what every layer gives, and what two of them have to say beside each other.
@Suite("Dumps", .limited)
struct DumpTests {
    @Test("checksums are those of RFC 1321")
    func checksum() {
        let words: [(String, String)] = [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                "d174ab98d277d9f5a5611c2c9f419d9f"
            ),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"
            ),
        ]
        for (text, digest) in words { #expect(MD5.digest(Array(text.utf8)) == digest) }
        for count in 50...70 { #expect(MD5.digest([UInt8](repeating: 7, count: count)).count == 32) }
    }

    /// A session of a sample with initial weights, and a dump of it.
    private func withDump(
        _ sample: String, on device: Device? = nil, _ body: (Session, String, FeatureDump) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            var document = try Samples.document(named: sample)
            if let device { document.device = device }
            let session = try Session.create(folder + "/s", document)
            let analysis = Analysis(document.network, on: document.device.family)
            let store = ParameterStore(analysis)
            store.initialize(seed: 3)
            _ = try session.save(weights: Checkpoint.weights(store, digest: document.network.digest))
            let dump = try session.dump(data: nil, index: 5, seed: 1)
            try dump.write(to: folder + "/a")
            try body(session, folder, dump)
        }
    }

    @Test("a dump has every layer's codes, channels last, and two of them are equal")
    func whole() throws {
        try withDump("network-t40-mnist") { session, folder, dump in
            #expect(dump.layers.map(\.layer) == session.document.network.nodes.map(\.name))
            let index = try JSON(bytes: Data(contentsOf: URL(filePath: folder + "/a/index.json")))
            guard case .array(let layers)? = index["layers"] else { throw FixtureError("no list") }
            #expect(layers.count == dump.layers.count && index["layout"] == "NHWC" && index["index"] == 5)
            for (entry, layer) in zip(layers, dump.layers) {
                guard case .string(let file)? = entry["file"] else { throw FixtureError("no file") }
                let bytes = try Data(contentsOf: URL(filePath: folder + "/a/" + file))
                #expect(bytes.count == layer.shape.elements * layer.type.size)
                guard let codes = layer.codes else { continue }
                let top = (Int32(1) << Int32(layer.bits)) - 1
                #expect(codes.allSatisfy { (0...top).contains($0) })
            }
            #expect(dump.layers.last?.codes == nil && dump.layers.last?.values?.count == 10)
            try session.dump(data: nil, index: 5, seed: 1).write(to: folder + "/b")
            let comparison = try DumpComparison(folder + "/a", folder + "/b")
            #expect(comparison.parting == nil && comparison.layers.count == dump.layers.count)
            try session.dump(data: nil, index: 6, seed: 1).write(to: folder + "/b")
            #expect(try DumpComparison(folder + "/a", folder + "/b").parting?.name == "preprocess")
        }
    }

    @Test(
        "one code planted in the middle of a network is found and named",
        arguments: ["network-t40-mnist", "resnet20-cifar"])
    func planted(sample: String) throws {
        try withDump(sample) { _, folder, dump in
            let place = dump.layers.count / 2
            var layers = dump.layers
            let element = layers[place].shape.elements * 2 / 3
            guard var codes = layers[place].codes else { throw FixtureError("no codes in the middle") }
            let before = codes[element]
            codes[element] += before > 0 ? -1 : 1
            layers[place].codes = codes
            try FeatureDump(layers: layers, fallbacks: [], facts: dump.facts).write(to: folder + "/b")
            let comparison = try DumpComparison(folder + "/a", folder + "/b")
            let parting = try #require(comparison.parting)
            #expect(parting.name == layers[place].layer)
            guard case .different(let found) = parting.outcome else { throw FixtureError("\(parting)") }
            let axes = layers[place].lastAxes
            let position = found.place.enumerated().reduce(0) { $0 * axes[$1.offset] + $1.element }
            #expect(position == element && found.count == 1 && found.largest == 1 && found.isCodes)
            #expect(found.first == Double(before) && found.elements == layers[place].shape.elements)
            #expect(comparison.layers.count { $0.outcome != .equal } == 1)
        }
    }

    @Test("SIMD's signed codes are two's complement, and outputs beside the first have a name")
    func signed() throws {
        let codes = LayerCodes(
            layer: "split", output: 1, shape: .map(channels: 2, height: 1, width: 2), bits: 4, isSigned: true,
            codes: [-8, 7, -1, 0], values: nil)
        var wide = codes
        (wide.output, wide.bits, wide.codes) = (0, 10, [-512, 511, 256, -1])
        try withTemporaryFolder { folder in
            try FeatureDump(layers: [wide, codes], fallbacks: [], facts: Self.facts).write(to: folder + "/a")
            #expect(codes.bytes == [0xF8, 7, 0xFF, 0] && wide.bytes.prefix(4) == [0, 0xFE, 0xFF, 1])
            var other = wide
            other.codes?[3] = 4
            try FeatureDump(layers: [other], fallbacks: [], facts: Self.facts).write(to: folder + "/b")
            let comparison = try DumpComparison(folder + "/a", folder + "/b")
            #expect(comparison.layers.map(\.name) == ["split", "split[1]"])
            guard case .different(let found) = comparison.layers[0].outcome else {
                throw FixtureError("equal")
            }
            #expect(found.place == [0, 1, 1] && found.first == -1 && found.second == 4 && found.largest == 5)
            #expect(comparison.layers[1].outcome == .missing(in: folder + "/b"))
        }
    }

    private static let facts: [JSON.Member] = [.init("format", .string(FeatureDump.format))]

    @Test("damaged dumps say what is wrong")
    func damaged() throws {
        try withDump("mnist-cnn") { session, folder, _ in
            try session.dump(data: nil, index: 5, seed: 1).write(to: folder + "/b")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/b").filter {
                $0.hasSuffix(".bin")
            }.sorted()
            let file = folder + "/b/" + files[1]
            var bytes = try Data(contentsOf: URL(filePath: file))
            func reason() -> String {
                do {
                    _ = try DumpComparison(folder + "/a", folder + "/b")
                    return ""
                } catch {
                    return "\(error)"
                }
            }
            bytes[0] ^= 1
            try bytes.write(to: URL(filePath: file))
            #expect(reason().contains("has md5") && reason().contains(files[1]))
            try bytes.dropLast().write(to: URL(filePath: file))
            #expect(reason().contains("bytes, and"))
            try FileManager.default.removeItem(atPath: file)
            #expect(reason().contains("cannot be read"))
            for text in ["", "[]", "{\"format\": \"magikbench dump 1\", \"layers\": [{}]}", "{\"format\":"] {
                try Data(text.utf8).write(to: URL(filePath: folder + "/b/index.json"))
                #expect(reason().contains("index.json"), "\(text)")
            }
            let long =
                "{\"format\": \"magikbench dump 1\", \"layers\": [{\"layer\": \"preprocess\", \"shape\": [268435456, 268435456], \"type\": \"uint8\", \"file\": \"x\"}]}"
            try Data(long.utf8).write(to: URL(filePath: folder + "/b/index.json"))
            #expect(reason().contains("layer 1 needs"))
            #expect(throws: DumpError.noSample(-1, count: 1000)) {
                do { _ = try session.dump(data: nil, index: -1, seed: 1) } catch DumpError.noSample(
                    let index, _)
                {
                    throw DumpError.noSample(index, count: 1000)
                }
            }
        }
    }

    @Test("what an index says of a checksum is repeated in one line")
    func line() throws {
        try withTemporaryFolder { folder in
            let entry: JSON = [
                "layer": "a", "shape": [1], "type": "uint8", "file": "a.bin", "md5": "a\nb",
            ]
            let index: JSON = ["format": "magikbench dump 1", "layers": [entry]]
            try Data(index.compact.utf8).write(to: URL(filePath: folder + "/index.json"))
            try Data([1]).write(to: URL(filePath: folder + "/a.bin"))
            let error = #expect(throws: DumpError.self) { try DumpComparison(folder, folder) }
            #expect(error.map { !"\($0)".contains("\n") } ?? false)
        }
    }
}
