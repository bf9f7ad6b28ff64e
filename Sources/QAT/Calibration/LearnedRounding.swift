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
        guard let size = LearnedRounding.size(of: kernel, batch: Int(shape.batch)) else { return nil }
        let channels = Int(shape.in_channels / shape.groups)
        let rowsOfGroup = part.rows / Int(shape.groups)
        let grid = part.grid
        var codes: [Int32] = []
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
                codes += LearnedRounding.codes(
                    placement.wanted[row * size..<(row + 1) * size].map(Double.init),
                    step: placement.steps[row], grid, factor: matrix, gram: gram)
            }
        }
        return placement.stored(codes: codes.map(Int.init), grid)
    }

    /// The length of a product's rows, so far as their rounding is learned in a batch; nil where it is not.
    static func size(of kernel: ConvolutionKernel, batch: Int) -> Int? {
        let shape = kernel.shape
        guard !kernel.isTransposed, shape.groups > 0 else { return nil }
        let size = Int(shape.in_channels / shape.groups * shape.kernel_height * shape.kernel_width)
        // Of few windows the rounding would learn what is theirs alone.
        let least = LearnedRounding.windows * size
        guard size <= longest, size > 1, batch * Int(shape.out_height * shape.out_width) >= least else {
            return nil
        }
        return size
    }

    /// The codes of a row. The nearest ones are taken where they lose no more of its result than those that were learned:
    /// errors that are passed on can grow where a range ends.
    private static func codes(
        _ wanted: [Double], step: Double, _ grid: QuantizationGrid, factor: [Double], gram: [Double]
    ) -> [Int32] {
        let size = wanted.count
        var weights = wanted
        var learned = [Int32](repeating: 0, count: size)
        ck_round_row(&weights, factor, Int64(size), step, grid.zeroPlace, Int32(grid.lastPlace), &learned)
        let nearest = wanted.map { weight in
            Int32(held: min(max((weight / step + grid.zeroPlace).rounded(), 0), Double(grid.lastPlace)))
        }
        func lost(_ codes: [Int32]) -> Double {
            let apart = (0..<size).map { wanted[$0] - (Double(codes[$0]) - grid.zeroPlace) * step }
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
        return lost(nearest) <= lost(learned) ? nearest : learned
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

// How long it takes.
extension LearnedRounding {
    /// How much there is to compute, in multiplications.
    struct Work {
        /// Of what the windows read with itself.
        private(set) var products = 0.0
        /// To solve for the factors.
        private(set) var factors = 0.0
        /// Of the rows of weights.
        private(set) var rows = 0.0

        /// Counts a product whose rounding is learned in a batch.
        mutating func add(_ kernel: ConvolutionKernel, batch: Int) {
            guard let size = LearnedRounding.size(of: kernel, batch: batch) else { return }
            let shape = kernel.shape
            let windows = batch * Int(shape.out_height * shape.out_width)
            add(
                size: size, windows: min(windows, LearnedRounding.patches), rows: Int(shape.out_channels),
                groups: Int(shape.groups))
        }

        /// Counts groups of so many windows each, and rows of all groups together.
        mutating func add(size: Int, windows: Int, rows: Int, groups: Int = 1) {
            let square = Double(size * size)
            products += Double(groups * windows) * square
            factors += Double(groups * size) * square
            self.rows += Double(rows) * square
        }
    }

    /// The seconds that a work takes on this machine, by a small one that is timed.
    static func seconds(_ work: Work) -> Double {
        let (size, windows, rows) = (256, 512, 32)
        var known = Work()
        known.add(size: size, windows: windows, rows: rows)
        func number(_ place: Int) -> Double { Double(place * 7919 % 2003) / 1000 - 1 }
        let values = (0..<windows * size).map { Float(number($0)) }
        var matrix = [Double](repeating: 0, count: size * size)
        var room = matrix
        let products = Calibration.timed { ck_gram(values, Int64(windows), Int64(size), &matrix) }
        for place in 0..<size { matrix[place * (size + 1)] += Double(windows) }
        let gram = matrix
        let factors = Calibration.timed { _ = ck_inverse_factor(&matrix, &room, Int64(size)) }
        let wanted = (0..<size).map { number($0 + 5) }
        let grid = QuantizationGrid(.offset, bits: 8)
        let rounding = Calibration.timed {
            for _ in 0..<rows { _ = codes(wanted, step: 0.01, grid, factor: matrix, gram: gram) }
        }
        return products * work.products / known.products + factors * work.factors / known.factors
            + rounding * work.rows / known.rows
    }
}
