import CKernels
import COneDNN
import Graph

/// The sums of bytes times codes of weights for a few images, in 32 bits.
protocol RawSums: AnyObject {
    /// Brings the weights to where `run` reads them. What other layers write may lie there before.
    func prepare()

    /// Computes the sums, axes images, pixels, channels.
    func run(_ source: UnsafeMutablePointer<UInt8>, into raw: Buffer) throws(EngineError)
}

/// By oneDNN.
final class LibrarySums: RawSums {
    private let library: OneDNN
    private let primitive: ConvolutionPrimitive
    /// In the library's order.
    private let weights: UnsafeMutableRawPointer
    private let scratch: Buffer?
    private var isBound = false

    /// Nil where the library is not exact or not fast with bytes. `codes` are in the order of files.
    init?(_ tensors: IntegerTensors, layer: String, _ shape: onednn_convolution, _ codes: [Int8]) {
        guard OneDNN.hasExactBytes else { return nil }
        library = tensors.library
        do {
            (primitive, weights) = try LibrarySums.prepare(shape, layer: layer, codes, tensors.library)
        } catch {
            // Others compute what the library does not.
            return nil
        }
        scratch = primitive.scratchBytes > 0 ? tensors.buffer(bytes: primitive.scratchBytes) : nil
        guard !primitive.isReference,
            primitive.sumsWholeNumbers || codes.fitFloats(rows: Int(shape.out_channels))
        else { return nil }
    }

    deinit { weights.deallocate() }

    /// The primitive, and the weights in its order.
    private static func prepare(
        _ shape: onednn_convolution, layer: String, _ codes: [Int8], _ library: OneDNN
    ) throws(EngineError) -> (ConvolutionPrimitive, UnsafeMutableRawPointer) {
        let primitive = try ConvolutionPrimitive(
            .forward, shape, source: .unsignedByte, weights: .signedByte, destination: .word,
            library: library, layer: layer)
        let own = UnsafeMutableRawPointer.allocate(byteCount: max(1, primitive.weightBytes), alignment: 64)
        var plain = codes
        let result = plain.withUnsafeMutableBytes { plain -> Result<Void, EngineError> in
            guard let address = plain.baseAddress else { return .success(()) }
            return Result { () throws(EngineError) in
                try Reorder(
                    weightsOf: primitive, plainType: .signedByte, fromPlain: true, library: library,
                    plain: address,
                    own: own
                ).run()
            }
        }
        do {
            try result.get()
        } catch {
            own.deallocate()
            throw error
        }
        return (primitive, own)
    }

    func prepare() {}

    func run(_ source: UnsafeMutablePointer<UInt8>, into raw: Buffer) throws(EngineError) {
        if !isBound {
            try primitive.bind(
                source: source, weights: weights, destination: raw.address, scratch: scratch?.address)
            isBound = true
        }
        try primitive.read(from: source)
        try primitive.run()
    }
}

/// By our own products of pixels, on bytes widened to 16 bits.
final class WordSums: RawSums {
    private let pass: TapPass
    private let codes: Buffer
    private let plain: [Int8]

    /// Nil where the processor or the shape has no such products. `codes` are in the order of files.
    init?(_ tensors: IntegerTensors, layer: String, _ shape: onednn_convolution, _ codes: [Int8]) {
        guard ck_has_words() != 0 else { return nil }
        let direction = ProductDirection(
            direction: .forward, shape: shape, layer: layer, library: tensors.library,
            factors: .codes(areSigned: false))
        let pass = TapPass(
            direction, .words(areSigned: false), keepsWhole: true, { tensors.buffer(bytes: $0) })
        guard let pass else { return nil }
        self.pass = pass
        plain = codes
        self.codes = tensors.buffer(bytes: codes.count)
    }

    func prepare() {
        let weights = codes.address.assumingMemoryBound(to: Int8.self)
        weights.update(from: plain, count: plain.count)
        pass.pack(codes.address)
    }

    func run(_ source: UnsafeMutablePointer<UInt8>, into raw: Buffer) {
        pass.bind(source: source, destination: raw.address, plain: codes.address)
        pass.multiply()
    }
}

extension [Int8] {
    /// Single precision holds all whole numbers up to here.
    private static var exactFloats: Int { 1 << 24 }

    /// Whether no sum of bytes times these codes leaves what single precision holds exactly.
    fileprivate func fitFloats(rows: Int) -> Bool {
        let columns = count / rows
        return (0..<rows).allSatisfy { row in
            var above = 0
            var below = 0
            for code in self[row * columns..<(row + 1) * columns] {
                above += Swift.max(0, Int(code))
                below -= Swift.min(0, Int(code))
            }
            return 255 * Swift.max(above, below) <= Self.exactFloats
        }
    }
}
