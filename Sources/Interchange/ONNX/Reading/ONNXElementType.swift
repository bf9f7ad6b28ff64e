import Foundation

/// The types of elements, under the numbers of the standard.
enum ONNXElementType: Int32 {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case bool = 9
    case float16 = 10
    case double = 11
    case uint32 = 12
    case uint64 = 13
    case bfloat16 = 16
    case uint4 = 21
    case int4 = 22

    /// Whether numbers of a type are whole.
    static func isWhole(_ type: Int32) -> Bool {
        switch ONNXElementType(rawValue: type) {
        case .uint8, .int8, .uint16, .int16, .int32, .int64, .bool, .uint32, .uint64, .uint4, .int4: true
        case .float, .float16, .double, .bfloat16, nil: false
        }
    }

    /// What to say of an input of a type that is computed in single precision here; nil where nothing differs.
    static func note(_ type: Int32) -> String? {
        switch ONNXElementType(rawValue: type) {
        case .float16, .bfloat16: "has numbers of half precision, which are computed in single precision here"
        case .double: "has numbers of double precision, which are computed in single precision here"
        case .float, .uint8, .int8, .uint16, .int16, .int32, .int64, .bool, .uint32, .uint64, .uint4, .int4,
            nil:
            nil
        }
    }

    /// The codes that a quantizer gives in the type; nil where it is none of codes.
    var codes: ClosedRange<Int>? {
        switch self {
        case .uint8: 0...255
        case .int8: -128...127
        case .uint16: 0...65535
        case .int16: -32768...32767
        case .uint4: 0...15
        case .int4: -8...7
        case .float, .int32, .int64, .bool, .float16, .double, .uint32, .uint64, .bfloat16: nil
        }
    }

    /// Bits of one element.
    var bits: Int {
        switch self {
        case .uint4, .int4: 4
        case .uint8, .int8, .bool: 8
        case .uint16, .int16, .float16, .bfloat16: 16
        case .float, .int32, .uint32: 32
        case .int64, .double, .uint64: 64
        }
    }
}

extension ONNXTensor {
    /// Takes a tensor of a file; `data` are its bytes where they were left in the file.
    init(_ message: ONNXTensorProto, data: ArraySlice<UInt8>? = nil) throws(ONNXError) {
        let name = message.name
        guard let type = ONNXElementType(rawValue: message.dataType) else {
            throw .badTensor(name, reason: "has elements of type \(message.dataType), which is not read")
        }
        guard let count = ONNXTensor.count(of: message.dims.map(Int.init)) else {
            throw .badTensor(name, reason: "has the shape \(message.dims), which is too large")
        }
        dims = message.dims.map(Int.init)
        self.type = type
        let raw = data ?? (message.rawData.isEmpty ? nil : Array(message.rawData)[...])
        if let raw {
            let expected = (count * type.bits + 7) / 8
            guard raw.count == expected else {
                throw .wrongSize(tensor: name, found: raw.count, expected: expected)
            }
            elements = ONNXTensor.elements(raw, type, count: count)
            return
        }
        elements = ONNXTensor.elements(message, type)
        let found: Int
        switch elements {
        case .floats(let bytes): found = bytes.count / 4
        case .integers(let values): found = values.count
        case .filled: found = count
        }
        guard found == count else {
            throw .badTensor(name, reason: "has \(found) elements, its shape says \(count)")
        }
    }

    /// Elements that are listed one by one in the message.
    private static func elements(_ message: ONNXTensorProto, _ type: ONNXElementType) -> Elements {
        func floats(_ values: [Float]) -> Elements { .floats(values.withUnsafeBytes { Array($0)[...] }) }
        switch type {
        case .float: return floats(message.floatData)
        case .double: return floats(message.doubleData.map(Float.init))
        case .int64: return .integers(message.int64Data.map(Int.init))
        case .uint32, .uint64: return .integers(message.uint64Data.map { Int(clamping: $0) })
        case .float16:
            return floats(message.int32Data.map { half(UInt16(truncatingIfNeeded: $0)) })
        case .bfloat16:
            return floats(
                message.int32Data.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
        case .uint8, .int8, .uint16, .int16, .int32, .bool, .uint4, .int4:
            return .integers(message.int32Data.map(Int.init))
        }
    }

    /// Elements as they lie in memory, little endian.
    private static func elements(_ raw: ArraySlice<UInt8>, _ type: ONNXElementType, count: Int) -> Elements {
        func loaded<Value: BitwiseCopyable>(_ type: Value.Type) -> [Value] {
            raw.withUnsafeBytes { bytes in
                (0..<count).map {
                    bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: type)
                }
            }
        }
        func floats(_ values: [Float]) -> Elements { .floats(values.withUnsafeBytes { Array($0)[...] }) }
        switch type {
        case .float: return .floats(raw)
        case .double: return floats(loaded(Double.self).map(Float.init))
        case .float16: return floats(loaded(UInt16.self).map(half))
        case .bfloat16: return floats(loaded(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
        case .int64: return .integers(loaded(Int64.self).map(Int.init))
        case .uint64: return .integers(loaded(UInt64.self).map { Int(clamping: $0) })
        case .int32: return .integers(loaded(Int32.self).map(Int.init))
        case .uint32: return .integers(loaded(UInt32.self).map(Int.init))
        case .int16: return .integers(loaded(Int16.self).map(Int.init))
        case .uint16: return .integers(loaded(UInt16.self).map(Int.init))
        case .int8: return .integers(loaded(Int8.self).map(Int.init))
        case .uint8, .bool: return .integers(loaded(UInt8.self).map(Int.init))
        case .uint4, .int4:
            let codes = (0..<count).map { index in
                Int(raw[raw.startIndex + index / 2] >> (index % 2 == 0 ? 0 : 4) & 15)
            }
            return .integers(type == .int4 ? codes.map { $0 > 7 ? $0 - 16 : $0 } : codes)
        }
    }

    /// The value of an IEEE half.
    private static func half(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }
}
