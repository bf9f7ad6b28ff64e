/// A number type of Swift whose arrays are tensors of a safetensors file.
public protocol TensorElement: BitwiseCopyable {
    /// The format's type for it.
    static var dtype: Safetensors.DType { get }
}

extension Float: TensorElement {
    /// F32
    public static var dtype: Safetensors.DType { .float32 }
}

extension Double: TensorElement {
    /// F64
    public static var dtype: Safetensors.DType { .float64 }
}

extension Int8: TensorElement {
    /// I8
    public static var dtype: Safetensors.DType { .int8 }
}

extension UInt8: TensorElement {
    /// U8
    public static var dtype: Safetensors.DType { .uint8 }
}

extension Int16: TensorElement {
    /// I16
    public static var dtype: Safetensors.DType { .int16 }
}

extension Int32: TensorElement {
    /// I32
    public static var dtype: Safetensors.DType { .int32 }
}

extension Int64: TensorElement {
    /// I64
    public static var dtype: Safetensors.DType { .int64 }
}

extension UInt64: TensorElement {
    /// U64
    public static var dtype: Safetensors.DType { .uint64 }
}

#if !_endian(little)
#error("safetensors files are little endian, and numbers are copied as they lie in memory")
#endif

extension Safetensors.Tensor {
    /// A tensor of numbers, copied once. Their number must be what the shape says.
    public init<Element: TensorElement>(_ name: String, _ values: [Element], shape: [Int]) {
        self = values.withUnsafeBufferPointer { Self(name, copying: $0, shape: shape) }
    }

    /// A tensor of one row of numbers, copied once.
    public init<Element: TensorElement>(_ name: String, _ values: [Element]) {
        self.init(name, values, shape: [values.count])
    }

    /// A tensor of numbers that lie in memory, copied once. Their number must be what the shape says.
    public init<Element: TensorElement>(
        _ name: String, copying values: UnsafeBufferPointer<Element>, shape: [Int]
    ) {
        self.init(
            name, dtype: Element.dtype, shape: shape,
            bytes: Array(UnsafeRawBufferPointer(values))[...])
    }

    /// The numbers of the tensor; throws where it has other elements.
    public func values<Element: TensorElement>(
        as type: Element.Type = Element.self
    ) throws(SafetensorsError) -> [Element] {
        try check(type)
        return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            initialized = count
        }
    }

    /// The numbers of a tensor of any type of floats, in single precision: narrower ones are widened, wider ones rounded.
    /// Throws where the elements are none of floats.
    public func numbers() throws(SafetensorsError) -> [Float] {
        switch dtype {
        case .float32: return try values()
        case .float64: return try values(as: Double.self).map(Float.init)
        case .float16: return words { Float(Float16(bitPattern: $0)) }
        case .bfloat16: return words { Float(bitPattern: UInt32($0) << 16) }
        case .bool, .uint8, .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64:
            throw .wrongType(tensor: name, dtype: dtype, expected: .float32)
        }
    }

    private func words(_ number: (UInt16) -> Float) -> [Float] {
        bytes.withUnsafeBytes { raw in
            (0..<count).map {
                number(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)))
            }
        }
    }

    /// Copies the numbers to memory that has room for exactly so many; throws where it has not, or where the
    /// tensor has other elements, and has copied nothing then.
    public func copy<Element: TensorElement>(
        to memory: UnsafeMutableBufferPointer<Element>
    ) throws(SafetensorsError) {
        try check(Element.self)
        guard memory.count == count else {
            throw .wrongCount(tensor: name, count: count, expected: memory.count)
        }
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(memory).copyMemory(from: $0) }
    }

    private func check<Element: TensorElement>(_ type: Element.Type) throws(SafetensorsError) {
        guard dtype == Element.dtype else {
            throw .wrongType(tensor: name, dtype: dtype, expected: Element.dtype)
        }
    }
}
