/// Which number of a tensor each place under other axes has: axes that were cut, joined, exchanged and stepped over.
struct AxisView: Hashable {
    /// A part of an axis: so many places, so many numbers apart.
    struct Step: Hashable {
        var size: Int
        var stride: Int
    }

    /// The axes, each as its steps from the outermost on; an axis of 1 has none.
    private(set) var axes: [[Step]]
    /// The number that the first place has.
    private(set) var offset = 0

    /// The axes of a tensor as it lies in memory.
    init(dims: [Int]) {
        var stride = 1
        var axes: [[Step]] = []
        for size in dims.reversed() {
            axes.append(size == 1 ? [] : [Step(size: size, stride: stride)])
            stride *= size
        }
        self.axes = axes.reversed()
    }

    /// The sizes of the axes.
    var dims: [Int] { axes.map { $0.reduce(1) { $0 * $1.size } } }

    /// Whether the places have the first numbers in their order.
    var isInOrder: Bool {
        let steps = AxisView.joined(axes.flatMap { $0 })
        return offset == 0 && (steps.isEmpty || steps.count == 1 && steps[0].stride == 1)
    }

    /// The numbers of some axes in their order.
    func places(of range: Range<Int>) -> [Int] {
        var places = [0]
        for step in axes[range].joined() {
            places = places.flatMap { place in (0..<step.size).map { place + $0 * step.stride } }
        }
        return places
    }

    /// Steps that go on where the next ones end are one step.
    static func joined(_ steps: [Step]) -> [Step] {
        var joined: [Step] = []
        for step in steps where step.size != 1 {
            if let last = joined.last, last.stride == step.size * step.stride {
                joined[joined.count - 1] = Step(size: last.size * step.size, stride: step.stride)
            } else {
                joined.append(step)
            }
        }
        return joined
    }

    /// The same order of numbers under axes of other sizes; nil where an axis would begin within a step.
    func reshaped(to sizes: [Int]) -> AxisView? {
        var rest = AxisView.joined(axes.flatMap { $0 })
        var reshaped = self
        reshaped.axes = []
        for size in sizes {
            var open = size
            var steps: [Step] = []
            while open > 1 {
                guard let step = rest.first else { return nil }
                if open.isMultiple(of: step.size) {
                    steps.append(rest.removeFirst())
                    open /= step.size
                } else if step.size.isMultiple(of: open) {
                    let inner = step.size / open
                    steps.append(Step(size: open, stride: step.stride * inner))
                    rest[0].size = inner
                    open = 1
                } else {
                    return nil
                }
            }
            reshaped.axes.append(AxisView.joined(steps))
        }
        return rest.isEmpty ? reshaped : nil
    }

    /// The axes in another order: axis i of the result is axis `order[i]`.
    func transposed(_ order: [Int]) -> AxisView {
        var transposed = self
        transposed.axes = order.map { axes[$0] }
        return transposed
    }

    /// Every `step`th place of an axis; nil where these are no steps.
    func sliced(_ axis: Int, _ range: Range<Int>, by step: Int) -> AxisView? {
        var sliced = self
        let count = (range.count + step - 1) / step
        switch axes[axis].count {
        case 0: return self
        case 1:
            let stride = axes[axis][0].stride
            sliced.offset += range.lowerBound * stride
            sliced.axes[axis] = count == 1 ? [] : [Step(size: count, stride: stride * step)]
            return sliced
        default:
            // Whole rounds of the outermost step.
            let inner = axes[axis].dropFirst().reduce(1) { $0 * $1.size }
            guard step == 1, range.lowerBound.isMultiple(of: inner), range.count.isMultiple(of: inner) else {
                return nil
            }
            let outer = axes[axis][0]
            sliced.offset += range.lowerBound / inner * outer.stride
            sliced.axes[axis][0].size = range.count / inner
            sliced.axes[axis] = AxisView.joined(sliced.axes[axis])
            return sliced
        }
    }

    /// The axes without one that has a single place.
    func dropping(_ axis: Int) -> AxisView {
        var dropped = self
        dropped.axes.remove(at: axis)
        return dropped
    }
}
