import Datasets
import Graph
import TestSupport
import TestTraits
import Testing

@Suite("NPZ", .limited)
struct NPZTests {
    private func opened(
        _ shape: Shape, deflates: Bool = false, version: UInt8 = 1, type: String = "|u1", axes: [Int],
        options: String = "", values: ([UInt8]) -> [UInt8] = { $0 }
    ) throws -> Dataset {
        let folder = try TestFolder()
        let file = npzFile(
            deflates: deflates,
            x: { npyFile(type, [$0] + axes, values(pattern($0 * axes.reduce(1, *))), version: version) },
            y: { npyFile("<i8", [$0], littleEndian((0..<Int64($0)).map { $0 % 4 })) })
        try folder.write(file, to: "set.npz")
        return try Dataset.open("npz:\(folder.path)/set.npz\(options)", shape)
    }

    @Test("arrays are read, stored and deflated, in every version", arguments: [false, true], [1, 2, 3])
    func read(deflates: Bool, version: Int) throws {
        let dataset = try opened(
            .map(channels: 3, height: 4, width: 5), deflates: deflates, version: UInt8(version),
            axes: [4, 5, 3])
        #expect(dataset.count(.train) == 6 && dataset.count(.test) == 3 && dataset.classes == 4)
        let all = try dataset.all(.train)
        #expect(all.labels == [0, 1, 2, 3, 0, 1])
        #expect(all.values == pattern(360).map(Float.init))
    }

    @Test("without labels the samples are all that is read")
    func unlabelled() throws {
        let folder = try TestFolder()
        let file = npzFile(
            deflates: false, x: { npyFile("|u1", [$0, 4, 5, 3], pattern($0 * 60)) },
            y: { npyFile("<f4", [$0], [UInt8](repeating: 0xFF, count: 4 * $0)) })
        try folder.write(file, to: "set.npz")
        let spec = try DataSpec("npz:\(folder.path)/set.npz")
        let shape = Shape.map(channels: 3, height: 4, width: 5)
        #expect(throws: DatasetError.self) { try Dataset.open(spec, shape: shape) }
        let set = try Dataset.open(spec, shape: shape, readsLabels: false)
        #expect(set.count(.train) == 6 && set.count(.test) == 3 && !set.isLabelled)
        #expect(try set.all(.train).values == pattern(360).map(Float.init))
    }

    @Test(
        "channels that the data does not have are zeros where an input was widened", arguments: [true, false])
    func widened(isPlanar: Bool) throws {
        let dataset = try opened(
            .map(channels: 16, height: 2, width: 5), axes: isPlanar ? [4, 2, 5] : [2, 5, 4])
        #expect(dataset.notes.contains("4 of 16 channels, the others zeros"), "\(dataset.notes)")
        let values = try dataset.all(.train).values
        for pixel in 0..<10 {
            let stored = (0..<4).map { pattern(240)[isPlanar ? $0 * 10 + pixel : pixel * 4 + $0] }
            #expect(
                Array(values[pixel * 16..<(pixel + 1) * 16]) == stored.map(Float.init)
                    + [Float](repeating: 0, count: 12))
        }
        // Colours are no part of more channels.
        #expect(throws: DatasetError.self) {
            try opened(.map(channels: 16, height: 2, width: 5), axes: [2, 5, 3])
        }
    }

    @Test("values of every type are the numbers that they are")
    func types() throws {
        func values(_ type: String, _ convert: ([UInt8]) -> [UInt8]) throws -> [Float] {
            try opened(.sequence(length: 3, features: 2), type: type, axes: [3, 2], values: convert).all(
                .test
            ).values
        }
        let plain = pattern(18).map(Float.init)
        #expect(
            try values("<f2") { bytes in bytes.flatMap { littleEndian([Float16(Float($0)).bitPattern]) } }
                == plain)
        #expect(try values("|u1") { $0 } == plain)
        #expect(try values("|i1") { $0 } == pattern(18).map { Float(Int8(bitPattern: $0)) })
        #expect(try values("<i2") { littleEndian($0.map { Int16($0) - 100 }) } == plain.map { $0 - 100 })
        #expect(try values("<i4") { littleEndian($0.map { Int32($0) * -3 }) } == plain.map { $0 * -3 })
        #expect(try values("<i8") { littleEndian($0.map { Int64($0) - 9 }) } == plain.map { $0 - 9 })
        #expect(
            try values("<f4") { littleEndian($0.map { (Float($0) / 8).bitPattern }) } == plain.map { $0 / 8 })
        #expect(
            try values("<f8") { littleEndian($0.map { (Double($0) / 8).bitPattern }) } == plain.map { $0 / 8 }
        )
    }

    @Test("a number that is none is named with its sample before the first step")
    func notFinite() throws {
        for bad in [Float.nan, .infinity] {
            let found =
                message {
                    _ = try opened(.map(channels: 1, height: 2, width: 2), type: "<f4", axes: [2, 2]) {
                        bytes in
                        littleEndian(bytes.indices.map { ($0 == 9 ? bad : Float(bytes[$0])).bitPattern })
                    }
                } ?? "nothing"
            #expect(found.contains("x_train") && found.contains("in sample 2"), "\(found)")
        }
    }

    @Test("numbers from 0 to 1 get a line, others none")
    func shares() throws {
        func notes(_ scale: Float) throws -> [String] {
            try opened(.map(channels: 1, height: 2, width: 2), type: "<f4", axes: [2, 2]) { bytes in
                littleEndian(bytes.map { (Float($0) * scale).bitPattern })
            }.notes
        }
        #expect(try notes(1 / 255).contains { $0.contains("not 0 to 255 as images have") })
        #expect(try !notes(1).contains { $0.contains("0 to 255") })
    }

    @Test("numbers are normalized, flipped and cropped like pixels")
    func numbers() throws {
        let shape = Shape.map(channels: 3, height: 6, width: 6)
        func batch(_ type: String, _ convert: @escaping ([UInt8]) -> [UInt8]) throws -> Batch {
            let dataset = try opened(
                shape, type: type, axes: [3, 6, 6], options: ",augment=flip+crop", values: convert)
            let loader = Loader(
                dataset, split: .train, batch: 6, seed: 5, shuffled: true, augmented: true, dropsLast: true,
                mean: 3,
                variance: 7)
            return try loader.nextBatch()
        }
        let numbers = try batch("<f4") { littleEndian($0.map { Float($0).bitPattern }) }
        #expect(try batch("|u1") { $0 } == numbers)
    }

    @Test("integers are indices for a vector")
    func indices() throws {
        let dataset = try opened(.vector(5), type: "<i4", axes: [5]) {
            littleEndian($0.map { Int32($0) * 1000 })
        }
        #expect(try dataset.all(.test).values == pattern(15).map { Float($0) * 1000 })
    }

    @Test("what cannot be used says why")
    func wrong() throws {
        func found(_ file: [UInt8], _ options: String = "") throws -> String {
            let folder = try TestFolder()
            try folder.write(file, to: "set.npz")
            return message {
                _ = try Dataset.open("npz:\(folder.path)/set.npz\(options)", .vector(2))
            } ?? "nothing"
        }
        let labels = { (count: Int) in npyFile("|u1", [count], pattern(count, step: 1)) }
        func file(_ x: @escaping (Int) -> [UInt8]) -> [UInt8] { npzFile(x: x, y: labels) }
        #expect(try found(file { npyFile("|u1", [$0, 2], pattern($0 * 2)) }) == "nothing")
        #expect(try found([1, 2, 3]).contains("is it an .npz?"))
        #expect(try found(file { npyFile(">f4", [$0, 2], pattern($0 * 8)) }).contains("low byte first"))
        #expect(try found(file { npyFile("<U4", [$0, 2], pattern($0 * 8)) }).contains("found <U4"))
        #expect(
            try found(file { npyFile("|u1", [$0 + 1, 2], pattern($0 * 2 + 2)) }).contains("whole numbers"))
        #expect(
            try found(file { npyFile("|u1", [$0, 2], pattern($0)) }).contains(
                "expected 12 bytes for 6x2 values"))
        #expect(try found(file { npyFile("|u1", [$0, 3], pattern($0 * 3)) }).contains("an input of 3"))
        let floats = npzFile(
            x: { npyFile("|u1", [$0, 2], pattern($0 * 2)) }, y: { npyFile("<f4", [$0], pattern($0 * 4)) })
        #expect(try found(floats).contains("values of float"))
        let negative = npzFile(
            x: { npyFile("|u1", [$0, 2], pattern($0 * 2)) },
            y: { npyFile("<i2", [$0], littleEndian([Int16](repeating: -1, count: $0))) })
        #expect(try found(negative).contains("expected a class, 0 to 65535, found -1"))
        let part = zipFile(
            [("x_train.npy", npyFile("|u1", [2, 2], pattern(4))), ("y_train.npy", labels(2))], deflates: true)
        #expect(try found(part).contains("array x_test is not there"))
        #expect(try found(part, ",validation=0.5") == "nothing")
        var damaged = file { npyFile("|u1", [$0, 2], pattern($0 * 2)) }
        damaged[160] ^= 1
        #expect(try found(damaged).contains("the file is damaged"))
    }

    @Test("for regression y has numbers for each sample", arguments: [1, 3])
    func regression(numbers: Int) throws {
        func file(_ y: @escaping (Int) -> [Float], test: Int? = nil) -> [UInt8] {
            npzFile(
                deflates: false, x: { npyFile("|u1", [$0, 2, 2], pattern($0 * 4)) },
                y: { count in
                    let each = count == 3 ? test ?? numbers : numbers
                    return npyFile(
                        "<f4", each == 1 ? [count] : [count, each],
                        littleEndian(y(count * each).map(\.bitPattern)))
                })
        }
        let folder = try TestFolder()
        let shape = Shape.map(channels: 1, height: 2, width: 2)
        func open(_ options: String = "") throws -> Dataset {
            try Dataset.open(
                DataSpec("npz:\(folder.path)/set.npz\(options)"), shape: shape, task: .regression)
        }
        try folder.write(file { (0..<$0).map { Float($0) / 4 } }, to: "set.npz")
        let set = try open()
        #expect(set.answerNumbers == numbers && set.isLabelled)
        let answers = try set.answers(.train)
        #expect(answers.flatMap(\.numbers) == (0..<6 * numbers).map { Float($0) / 4 })
        #expect(answers.allSatisfy { $0.numbers.count == numbers })
        #expect(try open(",augment=hsv+noise").answerNumbers == numbers)
        #expect(message { _ = try open(",augment=flip") }?.contains("whose answer is numbers") == true)
        #expect(message { _ = try open(",balance=yes") }?.contains("without classes") == true)
        #expect(message { _ = try Dataset.open("npz:\(folder.path)/set.npz", shape) } != nil)
        try folder.write(file { (0..<$0).map { _ in Float.nan } }, to: "set.npz")
        #expect(message { _ = try open() }?.contains("in the answer of sample 0") == true)
        try folder.write(file({ (0..<$0).map { _ in 0 } }, test: 5), to: "set.npz")
        #expect(message { _ = try open() }?.contains("as y_train has, found 5") == true)
    }
}
