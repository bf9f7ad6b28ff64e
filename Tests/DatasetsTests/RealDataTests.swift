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
}
