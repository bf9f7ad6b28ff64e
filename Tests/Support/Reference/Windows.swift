import Graph

/// Where a window and its taps lie in a map that is already padded.
struct WindowTaps {
    /// From the window's first value to each tap: over the channels of a group, rows, columns.
    let offsets: [Int]
    /// The first value of each window within a channel, row by row.
    let starts: [Int]

    /// The windows that give an output of those axes, over maps of those axes; both batch, channels, height, width.
    init(_ window: Window, channels: Int, over input: [Int], giving output: [Int]) {
        let (height, width) = (input[2], input[3])
        let last = (
            row: (output[2] - 1) * window.stride + (window.height - 1) * window.dilation,
            column: (output[3] - 1) * window.stride + (window.width - 1) * window.dilation
        )
        precondition(last.row < height && last.column < width, "\(window) leaves the map \(input)")
        offsets = (0..<channels).flatMap { channel in
            (0..<window.height).flatMap { row in
                (0..<window.width).map { column in
                    (channel * height + row * window.dilation) * width + column * window.dilation
                }
            }
        }
        starts = (0..<output[2]).flatMap { row in
            (0..<output[3]).map { (row * width + $0) * window.stride }
        }
    }
}

extension ReferencePass {
    /// The map with the padding of a window around it, so that the windows give an output of those axes
    /// (docs/arithmetic.md, Products and padding).
    mutating func padded(
        _ input: ReferenceTensor, for window: Window, giving output: [Int]
    ) -> ReferenceTensor {
        guard window.padding != 0 else { return input }
        let rows = padding(window, size: window.height, available: input.shape[2], steps: output[2])
        let columns = padding(window, size: window.width, available: input.shape[3], steps: output[3])
        let (height, width) = (input.shape[2], input.shape[3])
        var indices: [Int?] = []
        for plane in 0..<input.shape[0] * input.shape[1] {
            for row in -rows.before..<height + rows.after {
                for column in -columns.before..<width + columns.after {
                    let isInside = 0..<height ~= row && 0..<width ~= column
                    indices.append(isInside ? (plane * height + row) * width + column : nil)
                }
            }
        }
        let shape = [
            input.shape[0], input.shape[1], rows.before + height + rows.after,
            columns.before + width + columns.after,
        ]
        return tape.gather(input, indices, shape, fill: padValue)
    }

    /// How much is added in front of an axis and behind it; a negative number crops.
    private func padding(
        _ window: Window, size: Int, available: Int, steps: Int
    ) -> (before: Int, after: Int) {
        let total = (steps - 1) * window.stride + window.dilation * (size - 1) + 1 - available
        if padsBothSides { return (1, total - 1) }
        if window.dilation > 1 { return (window.padding, window.padding) }
        // Shifting rounds toward minus infinity, dividing does not.
        let before = total >> 1
        return (before, total - before)
    }
}
