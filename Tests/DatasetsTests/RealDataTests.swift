import Datasets
import Graph
import TestSupport
import TestTraits
import Testing

/// Tests over real data sets, which lie outside of the project: MAGIKBENCH_DATA, or shared/data beside it.
@Suite("Real data", .limited)
struct RealDataTests {
    private func counts(_ labels: [Int32]) -> [Int] { (0..<10).map { label in labels.count { $0 == label } } }

    /// The labels of a split, without keeping its pixels.
    private func labels(_ dataset: Dataset, _ split: Split) throws -> [Int32] {
        let loader = Loader(
            dataset, split: split, batch: 100, shuffled: true, augmented: false, dropsLast: false)
        return try loader.epoch().flatMap(\.labels)
    }

    @Test("MNIST has its samples, and as many of each digit", .enabled(if: RealData.has("mnist")))
    func mnist() throws {
        let dataset = try Dataset.open(
            "mnist:\(RealData.folder)/mnist", .map(channels: 1, height: 28, width: 28))
        #expect(dataset.count(.train) == 60000 && dataset.count(.test) == 10000)
        #expect(
            counts(try labels(dataset, .test)) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    }

    @Test("CIFAR-10 has as many of each class as its batches should", .enabled(if: RealData.has("cifar10")))
    func cifar10() throws {
        let dataset = try Dataset.open(
            "cifar10:\(RealData.folder)/cifar10", .map(channels: 3, height: 32, width: 32))
        #expect(dataset.count(.train) == 20000)
        #expect(counts(try labels(dataset, .test)) == [Int](repeating: 1000, count: 10))
        let expected = [1989, 1981, 2042, 2011, 2009, 1925, 2038, 2027, 2012, 1966]
        #expect(counts(try labels(dataset, .train)) == expected)
    }

    @Test("spoken digits are sequences", .enabled(if: RealData.has("spoken-digits")))
    func spokenDigits() throws {
        let files = ["train", "test"].map { part in
            "\(part)-images=\(part)-features-idx3-ubyte.gz,\(part)-labels=\(part)-labels-idx1-ubyte.gz"
        }
        let dataset = try Dataset.open(
            "idx:\(RealData.folder)/spoken-digits,\(files.joined(separator: ","))",
            .sequence(length: 64, features: 32))
        #expect(dataset.count(.train) == 2700 && dataset.count(.test) == 300)
        #expect(counts(try labels(dataset, .test)) == [Int](repeating: 30, count: 10))
    }

    @Test("BCCD has its pictures and cells", .enabled(if: RealData.has("bccd")))
    func bccd() throws {
        let task = petTask(classes: ["RBC", "WBC", "Platelets"])
        let dataset = try Dataset.open(
            DataSpec("voc:\(RealData.folder)/bccd"), shape: .map(channels: 3, height: 48, width: 64),
            task: task)
        #expect(Split.allCases.map(dataset.count) == [205, 87, 72])
        let boxes = try Split.allCases.flatMap { try dataset.answers($0).flatMap(\.boxes) }
        #expect((0..<3).map { label in boxes.count { $0.label == Int32(label) } } == [4153, 372, 361])
        #expect(dataset.notes == ["2 boxes without an area left out"])
    }

    @Test("COCO128 has its persons", .enabled(if: RealData.has("coco128")))
    func coco128() throws {
        let dataset = try Dataset.open(
            DataSpec("yolo:\(RealData.folder)/coco128,validation=0.125,skip=bad"),
            shape: .map(channels: 3, height: 64, width: 64), task: petTask(.letterbox, classes: ["person"]))
        #expect(Split.allCases.map(dataset.count) == [112, 16, 0])
        let boxes = try Split.allCases.flatMap { try dataset.answers($0).flatMap(\.boxes) }
        #expect(boxes.count == 254)
        #expect(dataset.notes.first?.hasPrefix("675 objects of 70 other classes") == true, "\(dataset.notes)")
    }
}
