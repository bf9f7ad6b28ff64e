import Datasets
import Graph
import TestTraits
import Testing

@Suite("Augmentation", .limited)
struct AugmentationTests {
    private func images(_ options: String, epochs: Int) throws -> [[Float]] {
        let folder = try TestFolder()
        let image = (1...100).map(UInt8.init)
        for part in ["train", "t10k"] {
            try folder.write(idxFile([1, 10, 10], image), to: "\(part)-images-idx3-ubyte")
            try folder.write(idxFile([1], [0]), to: "\(part)-labels-idx1-ubyte")
        }
        let dataset = try Dataset.open(
            "mnist:\(folder.path)\(options)", .map(channels: 1, height: 10, width: 10))
        let loader = Loader(
            dataset, split: .train, batch: 1, seed: 1, shuffled: false, augmented: true, dropsLast: false,
            mean: 0,
            variance: 1)
        return try (0..<epochs).map { _ in try loader.epoch()[0].values }
    }

    @Test("flip shows an image and its mirror image, each about half of the time")
    func flip() throws {
        let plain = (1...100).map(Float.init)
        let mirrored = (0..<10).flatMap { plain[10 * $0..<10 * $0 + 10].reversed() }
        let found = try images(",augment=flip", epochs: 100)
        #expect(Set(found) == [plain, mirrored])
        #expect((30...70).contains(found.count { $0 == plain }))
    }

    @Test("crop moves by up to four pixels each way and fills with zeros")
    func crop() throws {
        let expected = Set(
            (-4...4).flatMap { down in
                (-4...4).map { right in
                    (0..<100).map { place in
                        let (row, column) = (place / 10 + down, place % 10 + right)
                        let isInside = (0..<10).contains(row) && (0..<10).contains(column)
                        return isInside ? Float(row * 10 + column + 1) : 0
                    }
                }
            })
        let found = Set(try images(",augment=crop", epochs: 400))
        #expect(found.isSubset(of: expected))
        #expect(found.count > 70)
    }

    @Test("without the option nothing changes")
    func none() throws {
        #expect(Set(try images("", epochs: 5)) == [(1...100).map(Float.init)])
    }
}
