import CKernels
import COneDNN

/// The pairs of an input's and an output's pixel that a tap of a window multiplies: only those inside the map.
struct TapPairs {
    let shape: onednn_convolution

    /// How many pairs there are in a sample.
    var count: Int {
        let down = (0..<Int(shape.kernel_height)).reduce(0) { $0 + rows(of: $1).count }
        let across = (0..<Int(shape.kernel_width)).reduce(0) { $0 + columns(of: $1).count }
        return down * across
    }

    /// The rows of the output that a row of the window reads inside the map.
    private func rows(of row: Int) -> Range<Int> {
        reached(
            row * Int(shape.dilation), pad: Int(shape.pad_top), of: Int(shape.in_height),
            by: Int(shape.out_height))
    }

    /// The columns of the output that a column of the window reads inside the map.
    func columns(of column: Int) -> Range<Int> {
        reached(
            column * Int(shape.dilation), pad: Int(shape.pad_left), of: Int(shape.in_width),
            by: Int(shape.out_width))
    }

    /// The places of windows, of which `tap` reads inside `size`.
    private func reached(_ tap: Int, pad: Int, of size: Int, by places: Int) -> Range<Int> {
        let stride = Int(shape.stride)
        let first = max(0, (pad - tap + stride - 1) / stride)
        let last = size - 1 + pad - tap < 0 ? -1 : min(places - 1, (size - 1 + pad - tap) / stride)
        return first..<max(first, last + 1)
    }

    /// The pairs of a tap in some columns of the output, as numbers from the start of an image; those of a row belong to
    /// the run in front where they lie behind it. The input is the tensor of vectors, or else the output.
    func runs(_ tap: Int, _ columns: Range<Int>, hasInputVectors: Bool) -> [ck_tap_run] {
        let ins = Int(shape.in_channels)
        let outs = Int(shape.out_channels)
        return runs(tap, columns, hasInputVectors, steps: (Int(shape.stride) * ins, outs)) {
            ($0 * Int(shape.in_width) + $1) * ins
        }
    }

    /// The same as numbers of pixels in panels, whose pixels of the input have an order of their own.
    func runs(_ tap: Int, _ columns: Range<Int>, hasInputVectors: Bool, in order: PhaseOrder) -> [ck_tap_run]
    {
        runs(tap, columns, hasInputVectors, steps: (1, 1), place: order.place)
    }

    /// `steps` lead from one pair to the next, and `place` says where a pixel of the input is.
    private func runs(
        _ tap: Int, _ columns: Range<Int>, _ hasInputVectors: Bool, steps: (input: Int, output: Int),
        place: (_ row: Int, _ column: Int) -> Int
    ) -> [ck_tap_run] {
        guard !columns.isEmpty else { return [] }
        let stride = Int(shape.stride)
        let row = tap / Int(shape.kernel_width)
        let column = tap % Int(shape.kernel_width)
        var found: [(input: Int, output: Int, length: Int)] = []
        for y in rows(of: row) {
            let input = place(
                y * stride + row - Int(shape.pad_top),
                columns.lowerBound * stride + column - Int(shape.pad_left))
            let output = (y * Int(shape.out_width) + columns.lowerBound) * steps.output
            if let last = found.last, last.input + last.length * steps.input == input,
                last.output + last.length * steps.output == output
            {
                found[found.count - 1].length += columns.count
            } else {
                found.append((input, output, columns.count))
            }
        }
        return found.map { run in
            ck_tap_run(
                vector: Int32(hasInputVectors ? run.input : run.output),
                scalar: Int32(hasInputVectors ? run.output : run.input), length: Int32(run.length))
        }
    }
}

/// The pixels of an input by the remainders of row and column, which the stride divides: those that a tap reads one after the
/// other lie beside each other. Pixels that no tap reads are left out.
struct PhaseOrder {
    /// Where each pixel is in an image.
    private(set) var pixels: [Int32] = []
    private let stride: Int
    /// By the remainders: the number of the first pixel, and the pixels of a row.
    private var starts: [Int: (first: Int, width: Int)] = [:]

    init(_ shape: onednn_convolution) {
        let stride = Int(shape.stride)
        self.stride = stride
        func phases(_ window: Int64, _ pad: Int64) -> Set<Int> {
            Set((0..<Int(window)).map { (($0 - Int(pad)) % stride + stride) % stride })
        }
        for row in phases(shape.kernel_height, shape.pad_top).sorted() {
            for column in phases(shape.kernel_width, shape.pad_left).sorted() {
                let columns = Array(Swift.stride(from: column, to: Int(shape.in_width), by: stride))
                starts[row * stride + column] = (pixels.count, columns.count)
                for y in Swift.stride(from: row, to: Int(shape.in_height), by: stride) {
                    pixels += columns.map { Int32(y * Int(shape.in_width) + $0) }
                }
            }
        }
    }

    /// The number of a pixel that a tap reads.
    func place(row: Int, column: Int) -> Int {
        guard let phase = starts[row % stride * stride + column % stride] else {
            preconditionFailure("A tap reads row \(row), column \(column)")
        }
        return phase.first + row / stride * phase.width + column / stride
    }
}

extension onednn_convolution {
    /// The numbers of an image of the input, and of the output.
    var inImage: Int { Int(in_height * in_width * in_channels) }
    var outImage: Int { Int(out_height * out_width * out_channels) }
}
