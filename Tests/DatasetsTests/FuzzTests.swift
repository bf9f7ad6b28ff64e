import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import Datasets

/// Files with bytes changed, cut and repeated at random: reading them gives samples or an error, never more.
@Suite("Damaged files", .limited)
struct FuzzTests {
    private static let mutations = 700

    /// The bytes after one to four random changes.
    private func mutated(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<random.within(1...4) where !bytes.isEmpty {
            // Headers are where numbers are that a reader could trust.
            let place = random.below(random.once(in: 2) ? min(bytes.count, 64) : bytes.count)
            switch random.below(6) {
            case 0: bytes[place] = UInt8(random.below(256))
            case 1: bytes[place] ^= 1 << UInt8(random.below(8))
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)]
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + random.within(1...20)))
            case 4:
                bytes.insert(
                    contentsOf: bytes[place..<min(bytes.count, place + random.within(1...20))], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    /// Opens and reads a set again and again, one of its files changed each time.
    private func run(
        _ files: [String: [UInt8]], _ spec: String, _ shape: Shape, task: NetworkTask = .classification
    ) throws {
        let folder = try TestFolder()
        for (name, bytes) in files { try folder.write(bytes, to: name) }
        let specification = try DataSpec(spec.replacingOccurrences(of: "DIR", with: folder.path))
        var sample = Sample()
        // Untouched, the files are read.
        #expect(try Dataset.open(specification, shape: shape, task: task).count(.train) > 0)
        let names = files.keys.sorted()
        for round in 0..<Self.mutations {
            var random = Random(17, UInt64(round))
            let name = names[random.below(names.count)]
            let whole = try #require(files[name])
            try folder.write(mutated(whole, &random), to: name)
            do throws(DatasetError) {
                let dataset = try Dataset.open(specification, shape: shape, task: task)
                for split in Split.allCases {
                    for index in 0..<dataset.count(split) {
                        try dataset.read(index, of: split, into: &sample)
                        #expect((0..<Int32(dataset.classes)).contains(sample.label))
                        for box in sample.answer.boxes {
                            #expect(box.left < box.right && box.top < box.bottom)
                            #expect((0..<Int32(dataset.classes)).contains(box.label))
                        }
                    }
                }
            } catch {
                let lines = "\(error)".split(separator: "\n", omittingEmptySubsequences: false)
                if case .labels = error {
                    #expect(lines.count > 1 && lines.count < 53 && !lines.contains(""))
                } else {
                    #expect(lines.count == 1 && lines != [""])
                }
            }
            try folder.write(whole, to: name)
        }
    }

    @Test("IDX", arguments: [false, true])
    func idx(isPacked: Bool) throws {
        let files = [
            "train-images-idx3-ubyte": idxFile([5, 4, 4], pattern(80)),
            "train-labels-idx1-ubyte": idxFile([5], [0, 1, 2, 3, 4]),
            "t10k-images-idx3-ubyte": idxFile([2, 4, 4], pattern(32)),
            "t10k-labels-idx1-ubyte": idxFile([2], [0, 1]),
        ]
        try run(
            isPacked ? files.mapValues(gzipFile) : files, "mnist:DIR", .map(channels: 1, height: 4, width: 4))
    }

    @Test("CIFAR-10")
    func cifar() throws {
        let files = ["data_batch_1.bin": cifarFile(2), "test_batch.bin": gzipFile(cifarFile(1))]
        try run(files, "cifar10:DIR", .map(channels: 3, height: 32, width: 32))
    }

    @Test("NPZ", arguments: [false, true])
    func npz(deflates: Bool) throws {
        let file = npzFile(
            deflates: deflates, x: { npyFile("<f4", [$0, 2, 3], pattern($0 * 24)) },
            y: { npyFile("|u1", [$0], pattern($0, step: 1)) })
        try run(["set.npz": file], "npz:DIR/set.npz", .sequence(length: 2, features: 3))
    }

    @Test("array headers")
    func npy() throws {
        let whole = npyFile("<i4", [2, 3], pattern(24))
        for round in 0..<Self.mutations {
            var random = Random(18, UInt64(round))
            let store = ByteStore(file: "array", bytes: mutated(whole, &random))
            do throws(DatasetError) {
                let header = try NPYHeader(ByteRange(store: store, range: 0..<store.count, name: "array"))
                #expect(header.start + header.axes.reduce(header.width, *) == store.count)
            } catch {
                #expect(!"\(error)".contains("\n"))
            }
        }
    }

    @Test("PNG and JPEG")
    func images() throws {
        let png = pngFile(height: 6, width: 8, channels: 3, pattern(144))
        let jpeg = jpegFile(height: 6, width: 8, channels: 3, pattern(144))
        try run(
            ["train/a/1.png": png, "train/b/1.jpg": jpeg, "test/a/1.png": png], "images:DIR",
            .map(channels: 3, height: 6, width: 8))
    }

    @Test("label files", arguments: ["yolo:DIR", "voc:DIR", "coco:DIR/set.json,images=DIR/images"])
    func labels(spec: String) throws {
        let png = pngFile(height: 6, width: 8, channels: 3, pattern(144))
        let box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>4</ymax></bndbox>"
        let files: [String: String] =
            switch spec.prefix(4) {
            case "yolo":
                [
                    "labels/a.txt": "0 0.5 0.5 0.25 0.75\n1 0.1 0.2 0.3 0.4 0.5 0.6\n",
                    "set.yaml": "names:\n  0: cat\n  1: 'dog' # two\n",
                ]
            case "voc:":
                [
                    "Annotations/a.xml":
                        "<?xml version='1.0'?>\n<annotation><size><width>8</width></size>\n<object><name>c&#97;t</name><difficult>1</difficult>\(box)</object></annotation>",
                    "ImageSets/Main/train.txt": "a 1\n",
                ]
            default:
                [
                    "set.json":
                        #"{"images": [{"id": 1, "file_name": "a.png", "width": 8}], "annotations": [{"image_id": 1, "category_id": 2, "bbox": [1, 2.5, 3e0, 1], "iscrowd": 0, "segmentation": [[1]]}], "categories": [{"id": 2, "name": "cat"}]}"#
                ]
            }
        let place = spec.hasPrefix("voc") ? "JPEGImages/a.png" : "images/a.png"
        var bytes = files.mapValues { Array($0.utf8) }
        bytes[place] = png
        try run(bytes, spec, .map(channels: 3, height: 6, width: 8), task: petTask())
    }
}
