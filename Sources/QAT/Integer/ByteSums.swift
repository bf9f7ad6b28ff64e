import CKernels
import COneDNN
import Graph

/// The sums of a product of bytes and codes of weights, for a few images at a time, so that raw sums stay in the cache.
///
/// A byte b stands for the step a b + z, and a code c for the weight w = c, or 2 c + 1 where weights have nine bits. With P the
/// sum of b c, and W that of b, over the places of a window that lie inside of the map,
///
///     sum = a P + z x (sum of w),  or  2 a P + a W + z x (sum of w)
///
/// and that of w depends only on the taps that lie inside.
final class ByteSums: IntegerSums {
    private let rawSums: any RawSums
    /// The product for the images of one call; a map with zeros between its pixels is written out.
    private var product: ck_integer_product
    /// The window over the map without zeros, where there is one.
    private var narrow: ck_window?
    private let images: Int
    private let byteStride: Int
    private let raw: Buffer
    private let spread: Buffer?
    /// The sums of each pixel's channels, and of each window, where weights have nine bits.
    private let sums: (pixels: Buffer, windows: Buffer)?
    private let corrections: TapCorrections?

    /// Raw sums of one call take so many bytes, where that is more than one image.
    static let cacheBytes = 1 << 19

    /// `weights` are steps in the order of files: out, in / groups, taps. Nil where inputs or weights take more than a byte, sums
    /// could leave 32 bits, or this processor has no fast sums of them.
    init?(
        _ tensors: IntegerTensors, layer: String, _ product: ck_integer_product, input: IntegerValues,
        weights: [Int16], largestWeight: Int, cacheBytes: Int = ByteSums.cacheBytes
    ) {
        guard let bytes = input.bytes, input.bound * largestWeight * product.columns <= Int(Int32.max)
        else { return nil }
        // Nine bits are odd.
        let halves = weights.contains { $0 < Int16(Int8.min) || $0 > Int16(Int8.max) }
        guard !halves || weights.allSatisfy({ $0 & 1 == 1 }) else { return nil }
        let codes = weights.map { Int8(truncatingIfNeeded: halves ? $0 >> 1 : $0) }
        images = Int(product.window.batch)
        let pixels = Int(product.window.out_height * product.window.out_width)
        let rows = Int(product.out_channels)
        var own = product
        // Calls of nearly the same size: few images are computed twice.
        let calls = (images - 1) / max(1, cacheBytes / (4 * pixels * rows)) + 1
        own.window.batch = Int64((images - 1) / calls + 1)
        if own.steps_over != 0 {
            narrow = own.window
            own.window.in_height *= 2
            own.window.in_width *= 2
            own.steps_over = 0
        }
        let fast: (any RawSums)? =
            LibrarySums(tensors, layer: layer, own.shape, codes)
            ?? WordSums(tensors, layer: layer, own.shape, codes)
        guard let fast else { return nil }
        rawSums = fast
        self.product = own
        byteStride = bytes.stride
        let batch = Int(own.window.batch)
        raw = tensors.buffer(bytes: 4 * batch * pixels * rows)
        let inputPixels = Int(own.window.in_height * own.window.in_width)
        spread =
            narrow == nil ? nil : tensors.buffer(bytes: batch * inputPixels * Int(own.window.channels))
        let groups = Int(own.groups)
        sums =
            halves
            ? (
                tensors.buffer(bytes: 4 * batch * inputPixels * groups),
                tensors.buffer(bytes: 4 * batch * pixels * groups)
            ) : nil
        corrections = bytes.zero == 0 ? nil : TapCorrections(product, weights: weights, zero: bytes.zero)
    }

    func run(_ input: IntegerValues, into end: inout ck_integer_end) throws(EngineError) -> Int64 {
        let batch = Int(product.window.batch)
        let sample = input.count / images
        let pixels = Int(product.window.out_height * product.window.out_width)
        let rows = Int(product.out_channels)
        var description = ck_integer_raw(
            raw: raw.words32, windows: sums?.windows.words32, corrections: corrections?.sums.address,
            classes: corrections?.classes.address, scale: Int32(sums == nil ? byteStride : 2 * byteStride),
            window_scale: Int32(byteStride), pixels: Int64(pixels), groups: product.groups,
            channels: Int64(rows))
        rawSums.prepare()
        var peak: Int64 = 0
        for first in stride(from: 0, to: images, by: batch) {
            // The last images may be computed twice.
            let begin = min(first, images - batch)
            var source = input.codes + begin * sample
            if var narrow, let spread {
                ck_integer_spread(&narrow, source, spread.codes)
                source = spread.codes
            }
            try rawSums.run(source, into: raw)
            if let sums {
                ck_integer_window_sums(&product, source, sums.pixels.words32, sums.windows.words32)
            }
            peak = max(
                peak,
                ck_integer_end_raw(
                    &end, &description, Int64(begin * pixels * rows), Int64(batch * pixels * rows)))
        }
        return peak
    }
}

/// What the byte 0 adds to sums where it stands for a step: the steps of the taps that lie inside of the map, by class of
/// pixels that have the same taps inside.
struct TapCorrections {
    /// By pixel of a map, its class.
    let classes: ChannelNumbers<Int32>
    /// By class and output channel.
    let sums: ChannelNumbers<Int32>

    /// `weights` in the order of files; each tap inside stands `zero` times for its weights.
    init(_ product: ck_integer_product, weights: [Int16], zero: Int) {
        let window = product.window
        let tall = Int(window.kernel_height)
        let wide = Int(window.kernel_width)
        let isSpread = product.steps_over != 0
        /// Which taps along an axis lie inside, for each place.
        func taps(_ places: Int64, _ size: Int64, _ kernel: Int, _ start: Int64) -> [[Int]] {
            (0..<Int(places)).map { place in
                (0..<kernel).filter { tap in
                    let at = place * Int(window.stride) - Int(start) + tap * Int(product.dilation)
                    return 0..<Int(size) * (isSpread ? 2 : 1) ~= at && !(isSpread && at % 2 != 0)
                }
            }
        }
        let rows = taps(window.out_height, window.in_height, tall, window.top)
        let columns = taps(window.out_width, window.in_width, wide, window.left)
        let rowKinds = Array(Set(rows))
        let columnKinds = Array(Set(columns))
        let width = weights.count / Int(product.out_channels) / (tall * wide)
        let outputs = Int(product.out_channels)
        /// By output channel and tap.
        let totals = (0..<outputs * tall * wide).map { index -> Int in
            let row = index / (tall * wide)
            let tap = index % (tall * wide)
            return (0..<width).reduce(0) { $0 + Int(weights[(row * width + $1) * tall * wide + tap]) }
        }
        var found: [Int32] = []
        for row in rowKinds {
            for column in columnKinds {
                for output in 0..<outputs {
                    let sum = row.reduce(0) { sum, y in
                        column.reduce(sum) { $0 + totals[(output * tall + y) * wide + $1] }
                    }
                    found.append(Int32(zero * sum))
                }
            }
        }
        sums = ChannelNumbers(found, period: found.count)
        let rowIndices = rows.map { rowKinds.firstIndex(of: $0) ?? 0 }
        let columnIndices = columns.map { columnKinds.firstIndex(of: $0) ?? 0 }
        let all = rowIndices.flatMap { row in columnIndices.map { Int32(row * columnKinds.count + $0) } }
        classes = ChannelNumbers(all, period: all.count)
    }
}

extension ck_integer_product {
    /// The product as the library knows it; it does not step over zeros.
    fileprivate var shape: onednn_convolution {
        func after(_ places: Int64, _ size: Int64, _ kernel: Int64, _ before: Int64) -> Int64 {
            (places - 1) * window.stride + (kernel - 1) * dilation + 1 - size - before
        }
        return onednn_convolution(
            batch: window.batch, groups: groups, in_channels: window.channels, in_height: window.in_height,
            in_width: window.in_width, out_channels: out_channels, out_height: window.out_height,
            out_width: window.out_width, kernel_height: window.kernel_height,
            kernel_width: window.kernel_width, stride: window.stride, dilation: dilation,
            pad_top: window.top, pad_left: window.left,
            pad_bottom: after(window.out_height, window.in_height, window.kernel_height, window.top),
            pad_right: after(window.out_width, window.in_width, window.kernel_width, window.left))
    }
}
