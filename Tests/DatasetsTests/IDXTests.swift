import Datasets
import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@Suite("IDX", .limited)
struct IDXTests {
    let shape = Shape.map(channels: 1, height: 4, width: 4)

    @Test("images and labels are read, plain and packed", arguments: [false, true])
    func read(isPacked: Bool) throws {
        let folder = try TestFolder()
        try writeMNIST(in: folder, count: 20)
        if isPacked {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let file = URL(fileURLWithPath: folder.path).appendingPathComponent(name)
                let bytes = [UInt8](try Data(contentsOf: file))
                try FileManager.default.removeItem(at: file)
                // Two members one after the other are one file, and zeros may follow.
                let packed =
                    gzipFile(Array(bytes.prefix(30))) + gzipFile(Array(bytes.dropFirst(30))) + [0, 0]
                try folder.write(packed, to: name + ".gz")
            }
        }
        let dataset = try Dataset.open("mnist:\(folder.path)", shape)
        #expect(dataset.classNames == (0..<10).map(String.init))
        #expect(dataset.count(.train) == 20 && dataset.count(.test) == 20 && dataset.count(.validation) == 0)
        #expect(dataset.notes == [])
        let all = try dataset.all(.test)
        #expect(all.labels == (0..<20).map { $0 % 10 })
        #expect(all.values == all.labels.flatMap { [Float](repeating: Float($0) * 10, count: 16) })
    }

    @Test("without labels the files of images suffice")
    func unlabelled() throws {
        let folder = try TestFolder()
        try writeMNIST(in: folder, count: 20)
        for name in ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"] {
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
        let spec = try DataSpec("mnist:\(folder.path)")
        #expect(throws: DatasetError.self) { try Dataset.open(spec, shape: shape) }
        let set = try Dataset.open(spec, shape: shape, readsLabels: false)
        #expect(set.count(.train) == 20 && !set.isLabelled && set.classNames == ["unlabelled"])
        #expect(try set.all(.test).labels == [Int32](repeating: 0, count: 20))
    }

    @Test("axes mean what the network's input says")
    func shapes() throws {
        func opened(_ axes: [Int], _ shape: Shape) throws -> Dataset {
            let folder = try TestFolder()
            let images = idxFile([2] + axes, pattern(2 * axes.reduce(1, *)))
            for (name, bytes) in ["a": images, "b": idxFile([2], [0, 1])] {
                try folder.write(bytes, to: name)
            }
            return try Dataset.open(
                "idx:\(folder.path),train-images=a,train-labels=b,test-images=a,test-labels=b", shape)
        }
        let stored = { (count: Int) in pattern(2 * count).map(Float.init) }
        #expect(try opened([5, 3], .sequence(length: 5, features: 3)).all(.train).values == stored(15))
        #expect(try opened([7], .vector(7)).all(.train).values == stored(7))
        #expect(try opened([4, 4], .vector(16)).all(.train).values == stored(16))
        #expect(
            try opened([4, 5, 3], .map(channels: 3, height: 4, width: 5)).all(.train).values == stored(60))
        let planar = try opened([3, 4, 5], .map(channels: 3, height: 4, width: 5)).all(.train).values
        let expected = (0..<20).flatMap { pixel in (0..<3).map { stored(60)[$0 * 20 + pixel] } }
        #expect(Array(planar[..<60]) == expected)
        let padded = try opened([5, 3], .sequence(length: 7, features: 3))
        #expect(padded.notes == ["padded with 0 from 5 to 7 steps"])
        #expect(Array(try padded.all(.train).values[..<21]) == Array(stored(15)[..<15]) + [0, 0, 0, 0, 0, 0])
        #expect(try opened([5, 3], .sequence(length: 4, features: 3)).notes == ["cut to 4 of 5 steps"])
        let grey = try opened([4, 4], .map(channels: 3, height: 4, width: 4))
        #expect(grey.notes == ["grey copied to 3 channels"])
        #expect(Array(try grey.all(.train).values[..<6]) == [0, 0, 0, 7, 7, 7])
    }

    @Test("samples that no network of this input can read are refused")
    func mismatch() throws {
        let folder = try TestFolder()
        try writeMNIST(in: folder)
        func found(_ options: String, _ shape: Shape) -> String {
            message { _ = try Dataset.open("mnist:\(folder.path)\(options)", shape) } ?? "nothing"
        }
        #expect(found("", .vector(15)).contains("give the network an input of 16"))
        #expect(found("", .sequence(length: 4, features: 5)).contains("give the network 4 features"))
        #expect(found(",size=5x5", shape).contains("leave size= out"))
        #expect(found(",channels=3", shape).contains("leave channels= out"))
        #expect(found(",augment=flip", .vector(16)).contains("only images"))
    }

    @Test("a damaged file says what was expected, what was found, and where")
    func damaged() throws {
        func found(_ images: [UInt8], _ labels: [UInt8] = idxFile([2], [0, 1])) throws -> String {
            let folder = try TestFolder()
            try writeMNIST(in: folder)
            try folder.write(images, to: "train-images-idx3-ubyte")
            try folder.write(labels, to: "train-labels-idx1-ubyte")
            return message { _ = try Dataset.open("mnist:\(folder.path)", shape) } ?? "nothing"
        }
        let whole = idxFile([2, 4, 4], pattern(32))
        #expect(try found(whole) == "nothing")
        #expect(try found([]).contains("byte 0: expected an IDX header"))
        #expect(try found([1] + whole.dropFirst()).contains("byte 0"))
        #expect(
            try found(whole.dropLast()).contains("byte 47: expected 2x4x4 values, the last one at byte 47"))
        #expect(try found(whole + [0]).contains("byte 48: expected 2x4x4 values"))
        #expect(try found(Array(whole[..<9])).contains("byte 9: expected 3 axes, found the end of the file"))
        #expect(try found([0, 0, 13] + whole.dropFirst(3)).contains("byte 2: expected 8"))
        #expect(
            try found(idxFile([0x7FFF_FFFF, 0x7FFF_FFFF, 0x7FFF_FFFF], [])).contains(
                "byte 12: expected the size"))
        #expect(try found(idxFile([0, 4, 4], [])).contains("byte 4: expected the size of axis 0, found 0"))
        #expect(try found(whole, idxFile([3], [0, 1, 2])).contains("expected 2 labels"))
        let packed = gzipFile(whole)
        #expect(try found(packed.dropLast(9)).contains("expected more of the gzip stream"))
        var broken = packed
        broken[broken.count - 6] ^= 0xFF
        #expect(try found(broken).contains("damaged"))
        #expect(try found(packed + [7, 7, 7]).contains("damaged"))
    }

    @Test("what is not there is named, with what reads it")
    func missing() throws {
        let folder = try TestFolder()
        let found = message { _ = try Dataset.open("mnist:\(folder.path)", shape) } ?? "nothing"
        #expect(found.contains("train-images-idx3-ubyte is not there: mnist reads it, or the same with .gz"))
        try writeMNIST(in: folder)
        try FileManager.default.removeItem(atPath: "\(folder.path)/t10k-images-idx3-ubyte")
        let untested = message { _ = try Dataset.open("mnist:\(folder.path)", shape) } ?? "nothing"
        #expect(untested.contains("validation=0.1"))
        let dataset = try Dataset.open("mnist:\(folder.path),validation=0.1", shape)
        #expect(dataset.count(.test) == 0 && dataset.count(.validation) == 2)
        #expect(dataset.notes == ["t10k-images-idx3-ubyte is not there: no test samples"])
    }
}
