import TestTraits
import Testing

@testable import Interchange

@Suite("Files of ONNX", .limited)
struct WireTests {
    @Test("bytes that are no message are refused with their place")
    func noise() {
        #expect(throws: ONNXError.self) { try ONNXImport(bytes: [0xff, 0xff, 0xff]) }
        #expect(throws: ONNXError.noGraph) { try ONNXImport(bytes: []) }
    }
}
