import Datasets
import Graph
import TestTraits
import Testing

@Suite("Splits", .limited)
struct SplitTests {
    let shape = Shape.map(channels: 1, height: 1, width: 1)

    private func dataset(_ options: String, seed: UInt64 = 0) throws -> Dataset {
        let folder = try TestFolder()
        let values = pattern(200, step: 1)
        for part in ["train", "t10k"] {
            try folder.write(idxFile([200, 1, 1], values), to: "\(part)-images-idx3-ubyte")
            try folder.write(idxFile([200], values.map { $0 % 3 }), to: "\(part)-labels-idx1-ubyte")
        }
        return try .open("mnist:\(folder.path)\(options)", shape, seed: seed)
    }

    @Test("training and held out samples are all of the training samples, each once")
    func validation() throws {
        let dataset = try dataset(",validation=0.1")
        #expect(dataset.count(.train) == 180)
        #expect(dataset.count(.validation) == 20)
        #expect(dataset.count(.test) == 200)
        #expect(dataset.classes == 3)
        let values = try dataset.all(.train).values + dataset.all(.validation).values
        #expect(values.sorted() == (0..<200).map(Float.init))
    }

    @Test("a limit counts what is held out, and the seed chooses")
    func limit() throws {
        let dataset = try dataset(",limit=50,validation=0.2")
        #expect(dataset.count(.train) == 40)
        #expect(dataset.count(.validation) == 10)
        let kept = try dataset.all(.train).values
        #expect(try self.dataset(",limit=50,validation=0.2").all(.train).values == kept)
        #expect(try self.dataset(",limit=50,validation=0.2", seed: 1).all(.train).values != kept)
    }

    @Test("a limit above the number of samples is said")
    func largeLimit() throws {
        #expect(try dataset(",limit=500").notes == ["limit=500: there are only 200 training samples"])
    }

    @Test("the digest tells sets, options and seeds apart, not places")
    func digest() throws {
        let digests = try [
            dataset("").digest, dataset(",limit=50").digest, dataset("", seed: 1).digest,
            Dataset.open("glyphs", shape).digest, Dataset.open("tones", shape).digest,
        ]
        #expect(Set(digests).count == digests.count)
        #expect(try dataset("").digest == digests[0])
        #expect(digests.allSatisfy { $0.count == 16 })
    }
}
