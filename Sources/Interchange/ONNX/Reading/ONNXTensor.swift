import Foundation
import QAT
import Weights

/// A tensor that does not depend on data: a weight or a shape.
struct ONNXTensor {
    /// The sizes of the axes; empty for a single number.
    var dims: [Int]
    /// The elements.
    var elements: Elements
    /// The type that they have in the file, where it is a tensor of the file.
    var type: ONNXElementType?

    /// The elements, row-major.
    enum Elements {
        /// Single precision, little endian; often a slice of the file.
        case floats(ArraySlice<UInt8>)
        /// Whole numbers.
        case integers([Int])
        /// One number everywhere: `ConstantOfShape` makes weights of hundreds of megabytes of them.
        case filled(Float)
    }

    /// The most elements that a tensor may have.
    static let countLimit = 1 << 30

    /// The number of elements that axes have; nil where it, or that without the axes of 0, is more than are read: other
    /// orders of the axes multiply the others first.
    static func count(of dims: [Int]) -> Int? {
        var others = 1
        for axis in dims {
            let (product, overflow) = others.multipliedReportingOverflow(by: max(1, axis))
            guard axis >= 0, !overflow, product <= countLimit else { return nil }
            others = product
        }
        return dims.contains(0) ? 0 : others
    }

    /// The number of elements.
    var count: Int { dims.reduce(1, *) }

    /// Whether the elements are one number that is not written out.
    var isFilled: Bool { if case .filled = elements { true } else { false } }

    /// Whether the elements are whole numbers.
    var isInteger: Bool { if case .integers = elements { true } else { false } }

    /// Single precision.
    init(_ values: [Float], dims: [Int]) {
        precondition(values.count == dims.reduce(1, *), "as many numbers as the axes say")
        self.dims = dims
        elements = .floats(values.withUnsafeBytes { Array($0)[...] })
    }

    /// Whole numbers.
    init(_ values: [Int], dims: [Int]) { (self.dims, elements) = (dims, .integers(values)) }

    /// A number everywhere.
    init(filled value: Float, dims: [Int]) { (self.dims, elements) = (dims, .filled(value)) }

    /// The elements as single precision.
    var floats: [Float] {
        switch elements {
        case .floats(let bytes):
            [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, initialized in
                bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
                initialized = bytes.count / 4
            }
        case .integers(let values): values.map(Float.init)
        case .filled(let value): [Float](repeating: value, count: count)
        }
    }

    /// The elements as whole numbers.
    var integers: [Int] {
        if case .integers(let values) = elements { return values }
        return floats.map { Int(exactly: $0.rounded(.towardZero)) ?? 0 }
    }

    /// The elements as sizes, places or steps: whole numbers held to 32 bits, as those of attributes are.
    var sizes: [Int] { integers.map { Int(Int32(clamping: $0)) } }

    /// The first element that is not finite.
    var firstNotFinite: Float? {
        switch elements {
        case .integers: return nil
        case .filled(let value): return value.isFinite ? nil : value
        case .floats(let bytes):
            return bytes.withUnsafeBytes { raw in
                (0..<raw.count / 4).lazy.map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
                    .first { !$0.isFinite }
            }
        }
    }

    /// The only element; nil where there are several.
    var scalar: Float? {
        if case .filled(let value) = elements { return value }
        guard count == 1 else { return nil }
        return floats.first
    }

    /// The same elements under other axes.
    func reshaped(_ dims: [Int]) -> ONNXTensor {
        var tensor = self
        tensor.dims = dims
        return tensor
    }

    /// The elements with the axes in another order: axis i of the result is axis `order[i]`.
    func transposed(_ order: [Int]) -> ONNXTensor {
        let target = order.map { dims[$0] }
        if case .filled = elements { return reshaped(target) }
        var strides = [Int](repeating: 1, count: dims.count)
        for axis in dims.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * dims[axis + 1] }
        let steps = order.map { strides[$0] }
        func moved<Element>(_ values: [Element]) -> [Element] {
            guard let last = target.last, let lastStep = steps.last else { return values }
            return [Element](unsafeUninitializedCapacity: values.count) { buffer, initialized in
                var index = [Int](repeating: 0, count: target.count)
                var place = 0
                while initialized < values.count {
                    for step in 0..<last {
                        buffer.initializeElement(at: initialized, to: values[place + step * lastStep])
                        initialized += 1
                    }
                    var axis = target.count - 2
                    while axis >= 0 {
                        index[axis] += 1
                        place += steps[axis]
                        if index[axis] < target[axis] { break }
                        place -= index[axis] * steps[axis]
                        index[axis] = 0
                        axis -= 1
                    }
                    if axis < 0 { break }
                }
            }
        }
        if case .integers(let values) = elements { return ONNXTensor(moved(values), dims: target) }
        return ONNXTensor(moved(floats), dims: target)
    }

    /// The tensor under a name of ours; filled ones are written out.
    func named(_ name: String, shape: [Int]) -> Safetensors.Tensor {
        if case .floats(let bytes) = elements {
            return Safetensors.Tensor(name, dtype: .float32, shape: shape, bytes: bytes)
        }
        if case .filled(let value) = elements {
            let bytes = [UInt8](unsafeUninitializedCapacity: 4 * count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer).bindMemory(to: Float.self).initialize(repeating: value)
                initialized = 4 * count
            }
            return Safetensors.Tensor(name, dtype: .float32, shape: shape, bytes: bytes[...])
        }
        return Safetensors.Tensor(name, floats, shape: shape)
    }
}
