import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@Suite(.limited)
struct SafetensorsTests {
    /// A file of the given header and data, as any program may have written it.
    private func file(_ header: String, data: Int = 0) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
            + [UInt8](repeating: 7, count: data)
    }

    private func message(_ bytes: [UInt8]) -> String {
        do throws(SafetensorsError) {
            return "read: \(try Safetensors(bytes: bytes).tensors.map(\.name))"
        } catch {
            return error.description
        }
    }

    // Round trips.

    @Test("numbers come back as they were, bit for bit")
    func numbers() throws {
        let floats: [Float] = [0, -0.0, 1.5, .infinity, -.greatestFiniteMagnitude, .leastNonzeroMagnitude]
        let written = Safetensors(
            [
                .init("weight", floats, shape: [2, 3]),
                .init("double", [Double.pi]),
                .init("codes", [Int8.min, 0, 127]),
                .init("state", [UInt8(0), 255], shape: [2, 1, 1]),
                .init("short", [Int16.min]),
                .init("labels", [Int32.min, 7]),
                .init("step", [Int64.max], shape: []),
                .init("random", [UInt64.max, 1]),
                .init("nothing", [Float](), shape: [0, 4]),
            ], metadata: ["digest": "ab12", "": "\"quoted\"\n\u{1F600}"])
        let read = try Safetensors(bytes: written.encoded())
        #expect(read == written)
        #expect(try read.values("weight", shape: [2, 3]) == floats)
        #expect(try read["weight"]?.values(as: Float.self)[1].sign == .minus)
        #expect(try read.values("double", shape: [1]) == [Double.pi])
        #expect(try read.values("codes", shape: [3]) == [Int8.min, 0, 127])
        #expect(try read.values("state", shape: [2, 1, 1]) == [UInt8(0), 255])
        #expect(try read.values("short", shape: [1]) == [Int16.min])
        #expect(try read.values("labels", shape: [2]) == [Int32.min, 7])
        #expect(try read.values("step", shape: []) == [Int64.max])
        #expect(try read.values("random", shape: [2]) == [UInt64.max, 1])
        #expect(try read.values("nothing", shape: [0, 4]) == [Float]())
        #expect(read.metadata == written.metadata)
    }

    @Test("narrow floats are widened exactly, doubles are rounded, whole numbers are none")
    func widened() throws {
        let numbers: [Float] = [0, 1, -2.5, 0.125, 65504, -6.1035156e-05]
        func bytes<Value>(_ values: [Value]) -> ArraySlice<UInt8> {
            values.withUnsafeBytes { Array($0)[...] }
        }
        let halves = bytes(numbers.map { Float16($0).bitPattern })
        let short = bytes(numbers.map { UInt16($0.bitPattern >> 16) })
        let file = Safetensors([
            .init("half", dtype: .float16, shape: [6], bytes: halves),
            .init("short", dtype: .bfloat16, shape: [2, 3], bytes: short),
            .init("double", numbers.map { Double($0) + 1e-12 }, shape: [6]),
            .init("whole", [Int32](repeating: 1, count: 6), shape: [6]),
        ])
        #expect(try file.numbers("half", shape: [6]) == numbers)
        #expect(
            try file.numbers("short", shape: [2, 3])
                == numbers.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) })
        #expect(try file.numbers("double", shape: [6]) == numbers.map { Float(Double($0) + 1e-12) })
        #expect(throws: SafetensorsError.self) { try file.numbers("whole", shape: [6]) }
        #expect(throws: SafetensorsError.self) { try file.numbers("half", shape: [5]) }
    }

    @Test("a file without tensors is a file")
    func empty() throws {
        let empty = Safetensors()
        #expect(empty.encoded() == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
        #expect(try Safetensors(bytes: empty.encoded()) == empty)
    }

    @Test("the bytes do not depend on the order in which tensors were given")
    func deterministic() {
        let tensors: [Safetensors.Tensor] = [
            .init("b", [Float(1)]), .init("a", [Float(2)]), .init("c", [UInt8(3)]), .init("d", [Int64(4)]),
        ]
        let file = Safetensors(tensors, metadata: ["y": "1", "x": "2"])
        let expected = """
            {"__metadata__":{"x":"2","y":"1"},"d":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
            "a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[1],\
            "data_offsets":[12,16]},"c":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}
            """
        let encoded = file.encoded()
        #expect(String(decoding: encoded[8...].prefix(expected.utf8.count), as: UTF8.self) == expected)
        #expect(encoded.count.isMultiple(of: 8) == false && (encoded.count - 17).isMultiple(of: 8))
        #expect(Safetensors(tensors.reversed(), metadata: ["x": "2", "y": "1"]).encoded() == encoded)
        #expect(file.pieces().flatMap { $0 } == encoded)
    }

    @Test("tensors that were read are slices of the file, not copies")
    func slices() throws {
        let bytes = Safetensors([.init("a", [Float](repeating: 1, count: 1000))]).encoded()
        let tensor = try #require(try Safetensors(bytes: bytes)["a"])
        bytes.withUnsafeBytes { file in
            tensor.bytes.withUnsafeBytes { slice in
                #expect(slice.baseAddress == file.baseAddress.map { $0 + (bytes.count - 4000) })
            }
        }
    }

    @Test("data in another order, spaces and unaligned begins are read")
    func otherWriters() throws {
        let header =
            #"{ "b" : {"data_offsets":[0, 3],"dtype":"U8","shape":[3]}, "#
            + #""a":{"shape":[1],"data_offsets":[3,7],"dtype":"F32"}}  "#
        let read = try Safetensors(bytes: file(header, data: 7))
        #expect(read.tensors.map(\.name) == ["a", "b"])
        #expect(try read.values("a", shape: [1]) == [Float(bitPattern: 0x0707_0707)])
        #expect(try read.values("b", shape: [3]) == [UInt8(7), 7, 7])
        #expect(try Safetensors(bytes: read.encoded()) == read)
    }

    // What is refused.

    @Test("a file whose length is wrong is refused")
    func lengths() {
        #expect(message([1, 2, 3]) == "the file has 3 bytes; the length of a safetensors header alone is 8")
        #expect(
            message([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
                == "the header has 18446744073709551615 bytes, at most 100000000 are read; is it a safetensors file?"
        )
        #expect(
            message([1, 0xE1, 0xF5, 5, 0, 0, 0, 0])
                == "the header has 100000001 bytes, at most 100000000 are read; is it a safetensors file?")
        #expect(
            message([0, 0xE1, 0xF5, 5, 0, 0, 0, 0, 1])
                == "the header has 100000000 bytes, and the file ends after 1 of them; is it cut short?")
        #expect(message(file("")).contains("does not start with '{'"))
    }

    @Test(
        "each fault of a header is refused with its place",
        arguments: [
            (" {}", "header, line 1, column 1: it does not start with '{'; is it a safetensors file?"),
            ("[]", "header, line 1, column 1: it does not start with '{'; is it a safetensors file?"),
            (
                "{\"a\":",
                "header, line 1, column 6: the file ends where a value is expected; is it cut short?"
            ),
            ("{} x", "header, line 1, column 4: there is more after the end of the document"),
            (#"{"a":1}"#, "header, a: is a number, an object is expected"),
            (#"{"a":{}}"#, "header, a.dtype: is missing"),
            (#"{"a":{"dtype":"U8"}}"#, "header, a.shape: is missing"),
            (#"{"a":{"dtype":"U8","shape":[]}}"#, "header, a.data_offsets: is missing"),
            (
                #"{"a":{"dtype":8,"shape":[4],"data_offsets":[0,4]}}"#,
                "header, a.dtype: is a number, a text is expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}"#,
                "header, a.shape: is a number, a list is expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}"#,
                "header, a.shape[0]: a whole number from 0 to 9223372036854775807 is expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}"#,
                "header, a.shape[0]: a whole number from 0 to 9223372036854775807 is expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,9223372036854775808]}}"#,
                "header, a.data_offsets[1]: a whole number from 0 to 9223372036854775807 is expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}"#,
                "header, a.data_offsets: a begin and an end that is not before it are expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}"#,
                "header, a.data_offsets: a begin and an end that is not before it are expected"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"bits":4}}"#,
                "header, a.bits: a tensor has no field 'bits'"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{}}"#,
                "header, line 1, column 54: the key \"a\" stands twice in one object"
            ),
            (
                #"{"a":{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#,
                "header, line 1, column 20: the key \"dtype\" stands twice in one object"
            ),
            (#"{"__metadata__":[]}"#, "header, __metadata__: is a list, an object of texts is expected"),
            (#"{"__metadata__":{"n":1}}"#, "header, __metadata__.n: is a number, a text is expected"),
            (
                #"{"a":{"dtype":"I4","shape":[4],"data_offsets":[0,4]}}"#,
                "'a': the element type 'I4' is not read; those that are: "
                    + "BOOL, U8, I8, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[9223372036854775807,2,0],"data_offsets":[0,4]}}"#,
                "'a': U8 of shape [9223372036854775807, 2, 0] is too large"
            ),
            (
                #"{"a":{"dtype":"F64","shape":[1152921504606846976],"data_offsets":[0,4]}}"#,
                "'a': F64 of shape [1152921504606846976] is too large"
            ),
            (
                #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
                "'a': F32 of shape [2] has 8 bytes, and its offsets [0, 4] have 4"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
                "'a': begins at byte 1 of the data; bytes 0 to 1 are no tensor's"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
                "'b': begins at byte 2 of the data; bytes 1 to 2 are no tensor's"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
                "'b': begins at byte 2 of the data, inside another tensor, which ends at 3"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
                "'b': begins at byte 0 of the data, inside another tensor, which ends at 4"
            ),
            (
                #"{"a\n":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}"#,
                "'a\\u{a}': ends at byte 5 of the data, which has 4; is the file cut short?"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#,
                "the tensors end at byte 3 of the data, which has 4"
            ),
            ("{}", "the tensors end at byte 0 of the data, which has 4"),
        ])
    func faults(header: String, expected: String) {
        #expect(message(file(header, data: 4)) == expected)
    }

    @Test("what is asked of a file and is not there is said")
    func expectations() throws {
        let read = Safetensors([.init("a", [Float(1), 2], shape: [1, 2])])
        #expect(throws: SafetensorsError.missing(tensor: "b")) { try read.tensor("b", .float32, shape: []) }
        #expect(throws: SafetensorsError.wrongType(tensor: "a", dtype: .float32, expected: .uint8)) {
            try read.values("a", shape: [1, 2], as: UInt8.self)
        }
        #expect(throws: SafetensorsError.wrongShape(tensor: "a", shape: [1, 2], expected: [2])) {
            try read.values("a", shape: [2], as: Float.self)
        }
        let tensor = try #require(read["a"])
        var memory: [Float] = [0, 0, 0]
        #expect(throws: SafetensorsError.wrongCount(tensor: "a", count: 2, expected: 3)) {
            try memory.withUnsafeMutableBufferPointer { try tensor.copy(to: $0) }
        }
        #expect(memory == [0, 0, 0])
        try memory.withUnsafeMutableBufferPointer { try tensor.copy(to: .init(rebasing: $0[..<2])) }
        #expect(memory == [1, 2, 0])
        #expect(
            SafetensorsError.wrongShape(tensor: "a", shape: [], expected: Array(repeating: 1, count: 20))
                .description
                == "'a': has the shape [], [\(String(repeating: "1, ", count: 16))...] is expected")
    }
}
