import Graph

/// Which tap of a convolution's kernel each tap of a changed one was: the one that meets the same place of the map.
struct KernelTaps {
    /// For each tap, row by row, the one it was, or -1 for a new one.
    let sources: [Int]
    /// Whether a tap is gone.
    let drops: Bool

    /// Compares two convolutions and what they read. A kernel of the same size stays as it is, whatever its step.
    init(from old: Node, _ read: Shape?, to new: Node, _ readNow: Shape?, padsBothSides: Bool) {
        let before = old.window
        let after = new.window
        let rows = KernelTaps.axis(
            (before, before.height, read?.height), (after, after.height, readNow?.height), padsBothSides)
        let columns = KernelTaps.axis(
            (before, before.width, read?.width), (after, after.width, readNow?.width), padsBothSides)
        sources = rows.flatMap { row in
            columns.map { row < 0 || $0 < 0 ? -1 : row * before.width + $0 }
        }
        drops = Set(sources).subtracting([-1]).count < before.height * before.width
    }

    /// One axis: for each tap the one it was, or -1.
    private static func axis(
        _ old: (window: Window, size: Int, map: Int?), _ new: (window: Window, size: Int, map: Int?),
        _ padsBothSides: Bool
    ) -> [Int] {
        guard old.size != new.size else { return Array(0..<new.size) }
        let oldStep = old.window.dilation
        let newStep = new.window.dilation
        var shift =
            new.window.before(new.map, new.size, padsBothSides)
            - old.window.before(old.map, old.size, padsBothSides)
        // Without padding the map shrinks around its middle.
        if old.window.padding == 0, new.window.padding == 0 {
            shift = (newStep * (new.size - 1) - oldStep * (old.size - 1)) / 2
        }
        return (0..<new.size).map { tap in
            let place = tap * newStep - shift
            let source = place / oldStep
            return place.isMultiple(of: oldStep) && place >= 0 && source < old.size ? source : -1
        }
    }
}

extension Node {
    /// The window of a convolution.
    fileprivate var window: Window {
        func number(_ field: String, _ fallback: Int) -> Int {
            if case .integer(let value)? = layer.value(of: field) { value } else { fallback }
        }
        return Window(
            height: number("kernelHeight", 1), width: number("kernelWidth", 1), stride: number("stride", 1),
            padding: number("padding", 0), dilation: number("dilation", 1))
    }
}

extension Window {
    /// How many places are padded in front of a map along an axis.
    fileprivate func before(_ map: Int?, _ size: Int, _ padsBothSides: Bool) -> Int {
        guard padding != 0, let map else { return 0 }
        if dilation > 1 { return padding }
        return padsBothSides ? 1 : samePadding(map, size: size).before
    }
}

extension Shape {
    fileprivate var height: Int? { if case .map(_, let height, _) = self { height } else { nil } }
    fileprivate var width: Int? { if case .map(_, _, let width) = self { width } else { nil } }
}
