import CKernels
import COneDNN
import Foundation
import Graph

/// Rounds the weights of a product up or down as it serves its result best on what it reads in the quantized network:
/// each rounding error is made good by the weights behind it (Frantar et al. 2022).
struct LearnedRounding {
    private let batch: Int

    /// Patches of the input that errors are weighed with.
    private static let patches = 2048
    /// A share of the mean square of the inputs, added to each: rows of few patches stay solvable.
    private static let damping = 0.01
    /// So many windows for each weight of a row, at least.
    private static let windows = 4
    /// Longer rows are left as they are: their matrices take too long.
    private static let longest = 2400

    init(batch: Int) { self.batch = batch }

    /// The stored weights of a product after rounding; nil where its rows are too long or its form has no patches.
    func rounded(_ kernel: ConvolutionKernel, _ placement: WeightPlacement, _ part: ScaledPart) -> [Float]? {
        let shape = kernel.shape
        guard !kernel.isTransposed, shape.groups > 0 else { return nil }
        let channels = Int(shape.in_channels / shape.groups)
        let size = channels * Int(shape.kernel_height * shape.kernel_width)
        let windows = Int(shape.batch * shape.out_height * shape.out_width)
        // Of few windows the rounding would learn what is theirs alone.
        guard size <= LearnedRounding.longest, size > 1, windows >= LearnedRounding.windows * size else {
            return nil
        }
        let rowsOfGroup = part.rows / Int(shape.groups)
        let grid = part.grid
        var codes = [Int32](repeating: 0, count: part.rows * size)
        var matrix = [Double](repeating: 0, count: size * size)
        var room = [Double](repeating: 0, count: size * size)
        for group in 0..<Int(shape.groups) {
            let (values, count) = patches(of: kernel, from: group * channels, channels)
            for place in matrix.indices { matrix[place] = 0 }
            ck_gram(values, Int64(count), Int64(size), &matrix)
            let mean = (0..<size).reduce(0.0) { $0 + matrix[$1 * (size + 1)] } / Double(size)
            for place in 0..<size {
                matrix[place * (size + 1)] += LearnedRounding.damping * mean + 1e-12
            }
            let gram = matrix
            guard ck_inverse_factor(&matrix, &room, Int64(size)) == 0 else { return nil }
            for row in group * rowsOfGroup..<(group + 1) * rowsOfGroup {
                var weights = placement.wanted[row * size..<(row + 1) * size].map(Double.init)
                codes.withUnsafeMutableBufferPointer { codes in
                    guard let start = codes.baseAddress else { return }
                    ck_round_row(
                        &weights, matrix, Int64(size), placement.steps[row], grid.zeroPlace,
                        Int32(grid.lastPlace),
                        start + row * size)
                }
                keepBetter(of: row, &codes, placement, grid, gram, size)
            }
        }
        return placement.stored(codes: codes.map(Int.init), grid)
    }

    /// Takes the nearest codes of a row where they lose no more of its result than those that were learned: errors that
    /// are passed on can grow where a range ends.
    private func keepBetter(
        of row: Int, _ codes: inout [Int32], _ placement: WeightPlacement, _ grid: QuantizationGrid,
        _ gram: [Double], _ size: Int
    ) {
        let first = row * size
        let step = placement.steps[row]
        let nearest = (0..<size).map { place in
            let code = (Double(placement.wanted[first + place]) / step + grid.zeroPlace).rounded()
            return Int32(held: min(max(code, 0), Double(grid.lastPlace)))
        }
        func lost(_ codes: (Int) -> Int32) -> Double {
            let apart = (0..<size).map {
                Double(placement.wanted[first + $0]) - (Double(codes($0)) - grid.zeroPlace) * step
            }
            return apart.withUnsafeBufferPointer { apart in
                gram.withUnsafeBufferPointer { gram in
                    var sum = 0.0
                    for one in 0..<size {
                        var products = 0.5 * gram[one * size + one] * apart[one]
                        for other in (one + 1)..<max(one + 1, size) {
                            products += gram[one * size + other] * apart[other]
                        }
                        sum += 2 * apart[one] * products
                    }
                    return sum
                }
            }
        }
        let learned = lost { codes[first + $0] }
        guard lost({ nearest[$0] }) <= learned else { return }
        for place in 0..<size { codes[first + place] = nearest[place] }
    }

    /// What some of the windows read, row by row, in the order of the weights: channel, row, column.
    private func patches(
        of kernel: ConvolutionKernel, from first: Int, _ channels: Int
    ) -> (values: [Float], count: Int) {
        let shape = kernel.shape
        let height = Int(shape.in_height)
        let width = Int(shape.in_width)
        let all = Int(shape.in_channels)
        let kernelHeight = Int(shape.kernel_height)
        let kernelWidth = Int(shape.kernel_width)
        let pixels = Int(shape.out_height * shape.out_width)
        let total = Int(shape.batch) * pixels
        let count = min(total, LearnedRounding.patches)
        let size = channels * kernelHeight * kernelWidth
        var values = [Float](repeating: 0, count: count * size)
        for patch in 0..<count {
            let place = patch * total / count
            let image = place / pixels
            let pixel = place % pixels
            let top = pixel / Int(shape.out_width) * Int(shape.stride) - Int(shape.pad_top)
            let left = pixel % Int(shape.out_width) * Int(shape.stride) - Int(shape.pad_left)
            for tap in 0..<kernelHeight * kernelWidth {
                let row = top + tap / kernelWidth * Int(shape.dilation)
                let column = left + tap % kernelWidth * Int(shape.dilation)
                guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
                let source = kernel.input.values + ((image * height + row) * width + column) * all + first
                for channel in 0..<channels {
                    values[patch * size + channel * kernelHeight * kernelWidth + tap] = source[channel]
                }
            }
        }
        return (values, count)
    }
}
