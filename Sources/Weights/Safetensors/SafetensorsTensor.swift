extension Safetensors {
    /// A named tensor of a file: its element type, shape and bytes.
    public struct Tensor: Hashable, Sendable {
        /// The name, unique in its file.
        public let name: String
        /// The type of the elements.
        public let dtype: DType
        /// The sizes of the axes, row-major: the last axis is next to each other. Empty for a single number.
        public let shape: [Int]
        /// The elements, little endian. A slice of the file where the tensor was read from one.
        public let bytes: ArraySlice<UInt8>

        /// A tensor of bytes as the file has them; their number must be what type and shape say.
        public init(_ name: String, dtype: DType, shape: [Int], bytes: ArraySlice<UInt8>) {
            precondition(
                dtype.byteCount(of: shape) == bytes.count, "'\(name)' has the bytes that its shape says")
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.bytes = bytes
        }

        /// The number of elements.
        public var count: Int { bytes.count / dtype.size }
    }

    /// The type of a tensor's elements, under the names of the format and in its order: by size, smallest first.
    public enum DType: String, Hashable, Sendable, CaseIterable {
        /// One byte, 0 or 1.
        case bool = "BOOL"
        /// Whole numbers from 0 to 255.
        case uint8 = "U8"
        /// Whole numbers from -128 to 127; integers below 8 bits travel as these.
        case int8 = "I8"
        /// Whole numbers of two bytes.
        case int16 = "I16"
        /// Whole numbers of two bytes, from 0.
        case uint16 = "U16"
        /// IEEE half precision.
        case float16 = "F16"
        /// The upper half of a float.
        case bfloat16 = "BF16"
        /// Whole numbers of four bytes.
        case int32 = "I32"
        /// Whole numbers of four bytes, from 0.
        case uint32 = "U32"
        /// IEEE single precision.
        case float32 = "F32"
        /// IEEE double precision.
        case float64 = "F64"
        /// Whole numbers of eight bytes.
        case int64 = "I64"
        /// Whole numbers of eight bytes, from 0.
        case uint64 = "U64"

        /// Bytes of one element.
        public var size: Int {
            switch self {
            case .bool, .uint8, .int8: 1
            case .int16, .uint16, .float16, .bfloat16: 2
            case .int32, .uint32, .float32: 4
            case .float64, .int64, .uint64: 8
            }
        }

        /// Bytes of a tensor, or nil where an axis is negative or the product is no `Int`.
        public func byteCount(of shape: [Int]) -> Int? {
            var count = size
            for axis in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: axis)
                guard axis >= 0, !overflow else { return nil }
                count = product
            }
            return count
        }
    }
}
