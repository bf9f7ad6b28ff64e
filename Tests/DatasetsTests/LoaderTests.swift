import Datasets
import Graph
import TestTraits
import Testing

@Suite("Loader", .limited)
struct LoaderTests {
    let shape = Shape.map(channels: 1, height: 4, width: 4)

    private func loader(
        _ text: String = "glyphs,limit=23,augment=flip+crop", batch: Int = 5, shuffled: Bool = true,
        dropsLast: Bool = false,
        seed: UInt64 = 3, from position: LoaderPosition = .start, threads: Int = 1
    ) throws -> Loader {
        Loader(
            try .open(text, .map(channels: 3, height: 12, width: 10)), split: .train, batch: batch,
            seed: seed,
            shuffled: shuffled, augmented: true, dropsLast: dropsLast, from: position, threads: threads)
    }

    @Test("an epoch shows every sample once, and a call that fills nothing ends it")
    func epoch() throws {
        let folder = try TestFolder()
        try writeMNIST(in: folder, count: 23)
        let dataset = try Dataset.open("mnist:\(folder.path)", shape)
        let loader = Loader(
            dataset, split: .train, batch: 5, shuffled: true, augmented: false, dropsLast: false)
        #expect(loader.batchesPerEpoch == 5)
        for epoch in 0..<3 {
            let batches = try loader.epoch()
            #expect(batches.map(\.labels.count) == [5, 5, 5, 5, 3])
            #expect(batches.flatMap(\.labels).sorted() == (0..<23).map { Int32($0 % 10) }.sorted())
            #expect(loader.position == LoaderPosition(epoch: epoch + 1))
        }
    }

    @Test("without the last batch, every batch is full")
    func dropsLast() throws {
        let loader = try loader(dropsLast: true)
        #expect(loader.batchesPerEpoch == 4)
        #expect(try loader.epoch().map(\.labels.count) == [5, 5, 5, 5])
        #expect(loader.position == LoaderPosition(epoch: 1))
    }

    @Test("a split smaller than a full batch, or an empty one, has no batches")
    func tooSmall() throws {
        let small = try loader(batch: 24, dropsLast: true)
        #expect(small.batchesPerEpoch == 0)
        #expect(try small.epoch().isEmpty)
        let none = Loader(
            try .open("glyphs", shape), split: .validation, batch: 4, shuffled: true, augmented: false,
            dropsLast: false)
        #expect(try none.epoch().isEmpty)
    }

    @Test("the order differs between epochs and seeds, and is the same for the same ones")
    func order() throws {
        let first = try loader()
        let (one, two) = (try first.epoch(), try first.epoch())
        #expect(one != two)
        #expect(try loader().epoch() == one)
        #expect(try loader(seed: 4).epoch() != one)
    }

    @Test("going on at any position gives the same batches, at any number of threads", arguments: [1, 2, 5])
    func resuming(threads: Int) throws {
        let whole = try loader()
        var batches: [(LoaderPosition, Batch)] = []
        for _ in 0..<14 { batches.append((whole.position, try whole.nextBatch())) }
        for start in 0..<batches.count {
            let rest = try loader(from: batches[start].0, threads: threads)
            for (position, batch) in batches[start...] {
                #expect(rest.position == position)
                #expect(try rest.nextBatch() == batch)
            }
        }
    }

    @Test("values are (x - mean) / variance")
    func normalized() throws {
        let folder = try TestFolder()
        try writeMNIST(in: folder, count: 10)
        let dataset = try Dataset.open("mnist:\(folder.path)", shape)
        let plain = Loader(
            dataset, split: .test, batch: 10, shuffled: false, augmented: false, dropsLast: true)
        #expect(try plain.nextBatch().values == (0..<160).map { Float(Double($0 / 16 * 10) / 255) })
        let shifted = Loader(
            dataset, split: .test, batch: 10, shuffled: false, augmented: false, dropsLast: true, mean: 127.5,
            variance: 63)
        #expect(
            try shifted.nextBatch().values == (0..<160).map { Float((Double($0 / 16 * 10) - 127.5) / 63) })
    }

    @Test("a loader that is released stops its threads, wherever they are", arguments: [0, 1, 2, 7])
    func stopping(batches: Int) throws {
        for threads in 1...4 {
            weak var released: Loader?
            do {
                let loader = try loader("glyphs,limit=1000", batch: 3, threads: threads)
                released = loader
                for _ in 0..<batches { _ = try loader.nextBatch() }
            }
            #expect(released == nil)
        }
    }
}
