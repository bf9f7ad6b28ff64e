import Datasets
import Graph
import TestSupport
import TestTraits
import Testing

@Suite("CIFAR-10", .limited)
struct CIFARTests {
    let shape = Shape.map(channels: 3, height: 32, width: 32)

    @Test("the batches that are there are read in their order, channels last")
    func read() throws {
        let folder = try TestFolder()
        try folder.write(cifarFile(12), to: "data_batch_2.bin")
        try folder.write(gzipFile(cifarFile(3)), to: "data_batch_4.bin.gz")
        try folder.write(cifarFile(5), to: "test_batch.bin")
        let dataset = try Dataset.open("cifar10:\(folder.path)", shape)
        #expect(dataset.count(.train) == 15 && dataset.count(.test) == 5)
        #expect(
            dataset.notes == [
                "data_batch_1.bin, data_batch_3.bin, data_batch_5.bin are not there: 15 training images"
            ])
        #expect(dataset.classNames[3] == "cat")
        let all = try dataset.all(.train)
        #expect(all.labels == (0..<12).map { $0 % 10 } + [0, 1, 2])
        let planes = pattern(3072, step: 2 * 2 + 1)
        let expected = (0..<1024).flatMap { pixel in (0..<3).map { Float(planes[$0 * 1024 + pixel]) } }
        #expect(Array(all.values[(14 * 3072)...]) == expected)
    }

    @Test("a damaged file says what was expected, what was found, and where")
    func damaged() throws {
        func found(_ bytes: [UInt8]) throws -> String {
            let folder = try TestFolder()
            try folder.write(bytes, to: "data_batch_1.bin")
            try folder.write(cifarFile(1), to: "test_batch.bin")
            return message { _ = try Dataset.open("cifar10:\(folder.path)", shape) } ?? "nothing"
        }
        #expect(try found([]).contains("byte 0: expected a record of 3073 bytes"))
        #expect(
            try found(cifarFile(3).dropLast(5)).contains(
                "byte 6146: expected a record of 3073 bytes, found 3068"))
        #expect(
            try found(cifarFile(2) + [10] + pattern(3072)).contains(
                "byte 6146: expected a label, 0 to 9, found 10"))
    }
}
