import Foundation
import TestSupport
import TestTraits
import Testing

@testable import Datasets

@Suite("Byte store", .limited)
struct ByteStoreTests {
    @Test("a file above the limit of memory is read piece by piece, with the same bytes")
    func streamed() throws {
        let folder = try TestFolder()
        let bytes = pattern(5000, step: 13)
        try folder.write(bytes, to: "file")
        let whole = try ByteStore("\(folder.path)/file", needed: "")
        let streamed = try ByteStore("\(folder.path)/file", needed: "", memoryLimit: 4999)
        #expect(!whole.isStreamed && streamed.isStreamed)
        for range in [0..<5000, 17..<18, 4990..<5000, 3..<3] {
            #expect(try whole.bytes(range) == Array(bytes[range]))
            #expect(try streamed.bytes(range) == Array(bytes[range]))
        }
        try folder.write(Array(bytes[..<100]), to: "file")
        let found = message { _ = try streamed.bytes(90..<200) } ?? "nothing"
        #expect(found.contains("byte 100: expected 100 more bytes"))
    }

    @Test("a packed file that does not fit into memory is refused")
    func packedTooLarge() throws {
        let folder = try TestFolder()
        try folder.write(gzipFile([UInt8](repeating: 0, count: 1000)), to: "file")
        #expect(try ByteStore("\(folder.path)/file", needed: "", unpackedLimit: 1000).count == 1000)
        let found =
            message { _ = try ByteStore("\(folder.path)/file", needed: "", unpackedLimit: 999) } ?? "nothing"
        #expect(found.contains("the limit is 999"))
    }

    @Test("what is no file is not read")
    func folders() throws {
        let folder = try TestFolder()
        #expect(
            message { _ = try ByteStore(folder.path, needed: "") }?.contains(
                "it is a folder, and a plain file is needed") == true)
    }

    @Test("records of a streamed CIFAR file are those of the same file in memory")
    func streamedRecords() throws {
        let folder = try TestFolder()
        try folder.write(cifarFile(7), to: "file")
        let streamed = try CIFARSource([ByteStore("\(folder.path)/file", needed: "", memoryLimit: 10)])
        let whole = try CIFARSource([ByteStore("\(folder.path)/file", needed: "")])
        var (first, second) = (Sample(), Sample())
        for index in 0..<7 {
            try streamed.read(index, for: nil, into: &first)
            try whole.read(index, for: nil, into: &second)
            #expect(first.bytes == second.bytes && first.label == second.label)
        }
    }
}
