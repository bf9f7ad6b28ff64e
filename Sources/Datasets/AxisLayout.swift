import Graph

/// How stored values become a sample with its channels last.
struct AxisLayout: Hashable, Sendable {
    /// The axes of the sample.
    let layout: Layout
    /// Whether the values are stored channel by channel.
    let isPlanar: Bool

    init(layout: Layout, isPlanar: Bool) { (self.layout, self.isPlanar) = (layout, isPlanar) }

    /// The meaning of the axes of one sample, in front of a network of the given shape.
    ///
    /// One axis is a row. Two are height and width, or time and features. Of three, the channels are the first or
    /// the last: the one for which all axes are the network's, else the one that has the network's number of
    /// channels, else the one that has 1 or 3, else the one whose others are the network's height and width; the last where
    /// both would do.
    init(axes: [Int], for shape: Shape) throws(DatasetError) {
        switch axes.count {
        case 1: self.init(layout: Layout(height: 1, width: axes[0], channels: 1), isPlanar: false)
        case 2: self.init(layout: Layout(height: axes[0], width: axes[1], channels: 1), isPlanar: false)
        case 3:
            let last = Layout(height: axes[0], width: axes[1], channels: axes[2])
            let first = Layout(height: axes[1], width: axes[2], channels: axes[0])
            var wanted: Layout?
            if case .map(let channels, let height, let width) = shape {
                wanted = Layout(height: height, width: width, channels: channels)
            }
            let tests: [(Layout) -> Bool] = [
                { $0 == wanted }, { $0.channels == wanted?.channels },
                { $0.channels == 1 || $0.channels == 3 },
                { $0.height == wanted?.height && $0.width == wanted?.width },
            ]
            for test in tests {
                if test(last) {
                    self.init(layout: last, isPlanar: false)
                    return
                }
                if test(first) {
                    self.init(layout: first, isPlanar: true)
                    return
                }
            }
            fallthrough
        default:
            throw .mismatch(
                found: "a sample of \(axes.map(String.init).joined(separator: "x"))", network: shape,
                advice: "neither the first nor the last of its axes can be the channels")
        }
    }

    /// Copies one stored sample, channels last.
    func copy<Value>(_ stored: UnsafeBufferPointer<Value>, into sample: UnsafeMutableBufferPointer<Value>) {
        precondition(stored.count == layout.elements && sample.count == layout.elements, "another layout")
        guard isPlanar, layout.channels > 1 else {
            for index in 0..<stored.count { sample[index] = stored[index] }
            return
        }
        let plane = layout.height * layout.width
        for channel in 0..<layout.channels {
            let start = channel * plane
            for pixel in 0..<plane { sample[pixel * layout.channels + channel] = stored[start + pixel] }
        }
    }
}
