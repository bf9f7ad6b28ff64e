import Graph

/// The cells of a head's map, and their size in pixels of the network's input.
package struct HeadGrid: Hashable, Sendable {
    /// Cells from top to bottom.
    let height: Int
    /// Cells from left to right.
    let width: Int
    /// Pixels from a cell to the one on its right.
    let strideX: Float
    /// Pixels from a cell to the one below.
    let strideY: Float

    init(of head: DetectionHead, height: Int, width: Int, input: (height: Int, width: Int)) {
        self.height = height
        self.width = width
        switch head {
        case .ssd:
            // Priors divide the picture evenly (Liu et al. 2016, section 2.2).
            strideX = Float(input.width) / Float(width)
            strideY = Float(input.height) / Float(height)
        case .yolov3, .yolov5, .distances:
            strideX = HeadGrid.stride(from: input.width, to: width)
            strideY = HeadGrid.stride(from: input.height, to: height)
        }
    }

    /// How many cells there are.
    var cells: Int { height * width }

    /// The middle of a cell in pixels from the left.
    func middleX(_ cell: Int) -> Float { (Float(cell % width) + 0.5) * strideX }
    /// The middle of a cell in pixels from the top.
    func middleY(_ cell: Int) -> Float { (Float(cell / width) + 0.5) * strideY }

    /// The power of two that makes so many cells of the pixels, the last of which may reach beyond them; else the quotient.
    package static func stride(from pixels: Int, to cells: Int) -> Float {
        var stride = 1
        while (pixels + stride - 1) / stride > cells { stride *= 2 }
        return (pixels + stride - 1) / stride == cells ? Float(stride) : Float(pixels) / Float(cells)
    }
}

/// A head of a task, with the map that its layers have in a network.
struct PlacedHead {
    let head: DetectionHead
    let grid: HeadGrid

    /// The heads of a task in a network; throws where one reads what is not there.
    ///
    /// The channels that heads read of a layer end with the layer's last one.
    static func heads(
        of task: DetectionTask, input: (height: Int, width: Int),
        outputs: [String: (channels: Int, height: Int, width: Int)]
    ) throws(TrainingError) -> [PlacedHead] {
        var placed: [PlacedHead] = []
        var ends: [String: (end: Int, reader: String)] = [:]
        for (index, head) in task.heads.enumerated() {
            let title = "head \(index + 1) of the task (\(head.kind.rawValue))"
            var map: (layer: String, height: Int, width: Int)?
            for (name, part) in head.parts {
                guard let output = outputs[part.layer] else {
                    let known = outputs.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
                    throw .mismatch(
                        "\(title) reads '\(part.layer)' as \(name), which is no output of the network; "
                            + "outputs are \(known)")
                }
                if let map, (output.height, output.width) != (map.height, map.width) {
                    throw .mismatch(
                        "\(title) reads '\(map.layer)' of \(map.width)x\(map.height) cells and '\(part.layer)' of "
                            + "\(output.width)x\(output.height); the parts of a head have maps of one size")
                }
                map = (part.layer, output.height, output.width)
                let wanted = head.channels(of: name, classes: task.classes.count)
                let end = part.firstChannel + wanted
                let reader =
                    "\(title) reads \(channels(wanted)) of '\(part.layer)' as \(name): "
                    + head.reason(for: name, classes: task.classes.count)
                guard end <= output.channels else {
                    throw .mismatch(
                        reader + (part.firstChannel > 0 ? ", from channel \(part.firstChannel) on" : "")
                            + "; the layer has \(channels(output.channels))")
                }
                if end > ends[part.layer]?.end ?? 0 { ends[part.layer] = (end, reader) }
            }
            guard let map else { continue }
            placed.append(
                PlacedHead(
                    head: head, grid: HeadGrid(of: head, height: map.height, width: map.width, input: input)))
        }
        for (layer, last) in ends.sorted(by: { $0.key < $1.key }) {
            guard let output = outputs[layer], output.channels != last.end else { continue }
            throw .mismatch("\(last.reader); the layer has \(channels(output.channels))")
        }
        return placed
    }
}

private func channels(_ count: Int) -> String { count == 1 ? "1 channel" : "\(count) channels" }

extension DetectionHead {
    /// Where the number of a part's channels comes from.
    fileprivate func reason(for name: String, classes: Int) -> String {
        let classWord = classes == 1 ? "1 class" : "\(classes) classes"
        switch self {
        case .yolov3(let head), .yolov5(let head):
            return "\(head.anchors.count) anchors x (5 + \(classWord))"
        case .ssd(let head):
            return "\(head.priors.count) priors x " + (name == "boxes" ? "4" : "(background + \(classWord))")
        case .distances(let head):
            switch name {
            case "boxes": return head.bins > 0 ? "4 sides x \(head.bins) bins" : "4 numbers of a box"
            case "objectness": return "one objectness"
            case _: return classWord
            }
        }
    }
}
