import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Runs

/// Runs as TensorBoard's event files.
@Suite(.limited)
struct EventFileTests {
    @Test("checksums are those of RFC 3720, and masked as TFRecords have them")
    func checksums() {
        #expect(CRC32C.of([]) == 0)
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.of(Array(0..<32)) == 0x46DD_794E)
        #expect(CRC32C.of((0..<32).reversed()) == 0x113F_DB5C)
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
        // The length 24, with which each event file of that version begins.
        #expect(CRC32C.masked([24, 0, 0, 0, 0, 0, 0, 0]) == 0x224B_7FA3)
    }

    @Test("numbers are varints, the lowest seven bits first, and texts and messages have their length")
    func wireForm() {
        var message = EventMessage()
        message.add(1, Int64(300))
        message.add(2, Int64(-1))
        message.add(3, "hé")
        var inner = EventMessage()
        inner.add(2, Float(1))
        message.add(16, inner)
        message.add(6, packed: [1])
        #expect(
            message.bytes == [8, 0xAC, 2, 16] + [UInt8](repeating: 0xFF, count: 9) + [1]
                + [26, 3, 0x68, 0xC3, 0xA9] + [0x82, 1, 5, 21, 0, 0, 0x80, 0x3F]
                + [50, 8, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    }

    @Test("a run is a record a step in their order, and each has what the store has")
    func records() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let record = try ExportSamples.add(to: store)
            let path = try #require(
                try RunExport.write(record, of: store, to: session + "/logs", as: .tensorboard).first)
            #expect(path.hasPrefix(session + "/logs/r/events.out.tfevents."))
            let bytes = Array(try Data(contentsOf: URL(filePath: path)))
            let events = try EventReader.records(in: bytes).map(EventReader.Fields.init)
            #expect(events[0].text(3) == "brain.Event:2" && events[0].numbers[1] == record.started)
            #expect(events.dropFirst().map { $0.wholes[2] } == [1, 2, 3])
            #expect(events[2].numbers[1] == 1_800_000_002 && events[3].numbers[1] == record.started)
            let second = try EventReader.values(of: events[2])
            #expect(second["train/loss"]?.floats[2] == Float(0.5))
            #expect(second["validation/quantized/accuracy"]?.floats[2] == Float(0.98))
            #expect(second["sqnr/conv0/feature"]?.floats[2] == Float(21.5))
            #expect(second["sqnr/conv0/weight"] == nil)
            #expect(second["clip_ratio/conv0/weight"]?.floats[2] == Float(0.01))
            let histogram = try EventReader.Fields(try #require(second["conv0/feature"]?.bytes[5]))
            #expect(histogram.numbers[1] == -0.5 && histogram.numbers[2] == 6)
            let (limits, counts) = (histogram.packed(6), histogram.packed(7))
            #expect(limits.count == EventValues.bins && counts.count == limits.count)
            #expect(limits.last == 6 && zip(limits, limits.dropFirst()).allSatisfy { $0 < $1 })
            let stored = RunSamples.histogram(2, "conv0").counts.map(Double.init)
            #expect(counts.reduce(0, +) == stored.reduce(0, +) && counts.first == stored[..<16].reduce(0, +))
            #expect(histogram.numbers[3] == stored.reduce(0, +))
            // Once more gives the same file.
            #expect(
                try RunExport.write(record, of: store, to: session + "/logs", as: .tensorboard) == [path])
            #expect(Array(try Data(contentsOf: URL(filePath: path))) == bytes)
        }
    }

    @Test("tables of a run are files with a row for each row of the store, and one document")
    func tables() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let record = try ExportSamples.add(to: store)
            let files = try RunExport.write(record, of: store, to: session + "/tables", as: .csv)
            let names = files.map { URL(filePath: $0).lastPathComponent }
            #expect(names == ["metrics.csv", "evaluations.csv", "ranges.csv"])
            let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
            #expect(
                texts[0] == """
                    step,epoch,stage,loss,accuracy,learningRate,imagesPerSecond,written,gradientNorm,loadingShare,machineLoad
                    1,0,0,1.0,0.5,0.05,1234.5,1800000001.0,,,
                    2,0,0,0.5,,0.05,1234.5,1800000002.0,,,
                    3,0,0,,,0.05,1234.5,,,,

                    """)
            #expect(
                texts[1]
                    == """
                    step,epoch,split,mode,loss,accuracy,sqnr,samples,map50,map,top5,f1,miou,meanAbsoluteError,rootMeanSquareError
                    2,2,validation,quantized,0.3,0.98,,,0.98,0.5,,,,0.25,

                    """)
            #expect(texts[2].contains("\n2,conv0,feature,-1.5,2.0,1.25,0.01,0.125,0.5,21.5,,,\n"))
            let path = try RunExport.write(record, of: store, to: session + "/r.json", as: .json)[0]
            let json = try JSON(text: try String(contentsOfFile: path, encoding: .utf8))
            #expect(
                json["id"] == "r" && json["note"] == "a \"b\", c" && json["seed"] == "18446744073709551609")
            guard case .array(let metrics)? = json["metrics"] else { throw FixtureError("metrics is a list") }
            #expect(metrics.count == 3 && metrics[2]["loss"] == .null && metrics[1]["loss"] == .number(0.5))
            // A line end is written out, so that every line is a row.
            #expect(CSV.line(["a \"b\", c", "d\n", "e"]) == "\"a \"\"b\"\", c\",d\\u{a},e\n")
            #expect(throws: RunStoreError.self) {
                try RunExport.write(record, of: store, to: session + "/no/where", as: .csv)
            }
            #expect(throws: RunStoreError.self) { try RunExport.write(record, of: store, to: path, as: .csv) }
        }
    }
}

/// A small run with some of everything.
enum ExportSamples {
    static func add(to store: RunStore) throws -> RunRecord {
        let writer = try store.begin(RunSamples.record("r"))
        for step in 1...3 {
            try writer.add(
                .metrics(
                    RunMetrics(
                        step: step, epoch: 0, loss: step == 3 ? .nan : 1 / Double(step),
                        accuracy: step == 1 ? 0.5 : nil, learningRate: 0.05, imagesPerSecond: 1234.5,
                        written: step == 3 ? nil : 1_800_000_000 + Double(step))))
        }
        try writer.add(.evaluation(RunSamples.evaluation(2)))
        var range = RunSamples.range(2, "conv0", .feature)
        range.sqnr = 21.5
        try writer.add(.range(range))
        try writer.add(.range(RunSamples.range(2, "conv0", .weight)))
        try writer.add(.histogram(RunSamples.histogram(2, "conv0")))
        try writer.end(.finished)
        try store.setNote("a \"b\", c", of: "r")
        guard let record = try store.run("r") else { throw FixtureError("the run was recorded") }
        return record
    }
}

/// Reads event files, for tests: frames and the wire form of protocol buffers.
enum EventReader {
    /// The data of each frame; throws where a length or a checksum is wrong.
    static func records(in bytes: [UInt8]) throws -> [[UInt8]] {
        var (records, place) = ([[UInt8]](), 0)
        func number(_ start: Int, _ size: Int) throws -> UInt64 {
            guard start + size <= bytes.count else { throw FixtureError("the file ends at \(bytes.count)") }
            return bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        while place < bytes.count {
            let length = Int(try number(place, 8))
            let end = place + 12 + length
            guard try number(end, 4) == CRC32C.masked(Array(bytes[place + 12..<end])),
                try number(place + 8, 4) == CRC32C.masked(Array(bytes[place..<place + 8]))
            else { throw FixtureError("a checksum at \(place) is wrong") }
            records.append(Array(bytes[place + 12..<end]))
            place = end + 4
        }
        return records
    }

    /// The fields of a message; of those that are repeated, the last.
    struct Fields {
        var wholes: [Int: Int64] = [:]
        var numbers: [Int: Double] = [:]
        var floats: [Int: Float] = [:]
        var bytes: [Int: [UInt8]] = [:]
        /// All of those that have a length, in their order.
        var all: [(field: Int, bytes: [UInt8])] = []

        init(_ message: [UInt8]) throws {
            var rest = message[...]
            func varint() throws -> UInt64 {
                var (value, shift): (UInt64, UInt64) = (0, 0)
                while let byte = rest.popFirst() {
                    value |= UInt64(byte & 0x7F) << shift
                    if byte < 0x80 { return value }
                    shift += 7
                }
                throw FixtureError("a number ends too early")
            }
            func little(_ size: Int) -> UInt64 {
                defer { rest = rest.dropFirst(size) }
                return rest.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            while !rest.isEmpty {
                let tag = try varint()
                let field = Int(tag >> 3)
                switch tag & 7 {
                case 0: wholes[field] = Int64(bitPattern: try varint())
                case 1: numbers[field] = Double(bitPattern: little(8))
                case 5: floats[field] = Float(bitPattern: UInt32(little(4)))
                case 2:
                    let length = Int(try varint())
                    bytes[field] = Array(rest.prefix(length))
                    all.append((field, Array(rest.prefix(length))))
                    rest = rest.dropFirst(length)
                default: throw FixtureError("no such kind of field: \(tag)")
                }
            }
        }

        func text(_ field: Int) -> String? { bytes[field].map { String(decoding: $0, as: UTF8.self) } }

        func packed(_ field: Int) -> [Double] {
            let all = bytes[field] ?? []
            return stride(from: 0, to: all.count, by: 8).map { start in
                Double(bitPattern: all[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
            }
        }
    }

    /// The values of an event by their names.
    static func values(of event: Fields) throws -> [String: Fields] {
        let summary = try Fields(event.bytes[5] ?? [])
        var values: [String: Fields] = [:]
        for (_, bytes) in summary.all {
            let value = try Fields(bytes)
            values[value.text(1) ?? ""] = value
        }
        return values
    }
}

/// Our event files through the package that TensorBoard reads them with.
@Suite(
    .limited, .enabled(if: Python.has("tensorboard"), Comment(rawValue: Python.absence(of: "tensorboard"))))
struct EventFilePythonTests {
    @Test("TensorBoard's own reader finds every scalar and histogram")
    func read() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let record = try ExportSamples.add(to: store)
            let path = try RunExport.write(record, of: store, to: session + "/logs", as: .tensorboard)[0]
            let script = Fixtures.root.appending(path: "Tests/Fixtures/tensorboard_check.py")
            let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            let lines = try Python.run([script.path(percentEncoded: false), folder]).split(separator: "\n")
            let counts = RunSamples.histogram(2, "conv0").counts.reduce(0.0) { $0 + Double($1) }
            #expect(
                lines.filter { $0.hasPrefix("scalar ") || $0.hasPrefix("histogram ") } == [
                    "scalar clip_ratio/conv0/feature 2:0.01", "scalar clip_ratio/conv0/weight 2:0.01",
                    "scalar sqnr/conv0/feature 2:21.5", "scalar train/accuracy 1:0.5",
                    "scalar train/images_per_second 1:1234.5 2:1234.5 3:1234.5",
                    "scalar train/learning_rate 1:0.05 2:0.05 3:0.05", "scalar train/loss 1:1 2:0.5 3:nan",
                    "scalar validation/quantized/accuracy 2:0.98", "scalar validation/quantized/loss 2:0.3",
                    "histogram conv0/feature 2 -0.5 6 \(Int(counts)) 128",
                ], "\(lines)")
        }
    }
}
