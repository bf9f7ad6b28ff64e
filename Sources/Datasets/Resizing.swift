import Graph

/// How samples become what the network reads: resized, with its number of channels, cut or padded in time.
struct Resizing: Sendable {
    /// The input of the network.
    let shape: Shape
    /// The same with channels last; a sequence has one channel, a vector is one row.
    let target: Layout
    /// How pictures of another size are brought to this one.
    let fit: PictureFitting

    init(_ shape: Shape, fit: PictureFitting = .stretch) {
        self.shape = shape
        self.fit = fit
        switch shape {
        case .map(let channels, let height, let width):
            target = Layout(height: height, width: width, channels: channels)
        case .sequence(let length, let features):
            target = Layout(height: length, width: features, channels: 1)
        case .vector(let count): target = Layout(height: 1, width: count, channels: 1)
        }
    }

    /// Height, width and channels of a stored picture once it was scaled, without what is filled around it.
    func content(of stored: Layout) -> Layout {
        switch fit {
        case .stretch: return target
        case .letterbox:
            let factor = min(
                Double(target.height) / Double(stored.height), Double(target.width) / Double(stored.width))
            func scaled(_ length: Int, _ limit: Int) -> Int {
                max(1, min(limit, Int(held: (Double(length) * factor).rounded())))
            }
            return Layout(
                height: scaled(stored.height, target.height), width: scaled(stored.width, target.width),
                channels: target.channels)
        }
    }

    /// What has to be done to samples of a layout, in words; throws where nothing helps.
    func notes(for layout: Layout, holdsNumbers: Bool) throws(DatasetError) -> [String] {
        switch shape {
        case .map: try mapNotes(for: layout, holdsNumbers: holdsNumbers)
        case .sequence: try sequenceNotes(for: layout)
        case .vector(let count):
            if layout.elements == count {
                layout.height == 1 ? [] : ["read as a vector: \(layout.axes) row by row"]
            } else {
                throw .mismatch(
                    found: "a sample of \(layout.elements) values", network: shape,
                    advice: "give the network an input of \(layout.elements)")
            }
        }
    }

    private func mapNotes(for layout: Layout, holdsNumbers: Bool) throws(DatasetError) -> [String] {
        var notes: [String] = []
        let isResized = (layout.height, layout.width) != (target.height, target.width)
        if isResized {
            guard !holdsNumbers else {
                throw .mismatch(
                    found: "an array of \(layout.axes) numbers", network: shape,
                    advice: "only bytes are resized; store uint8, or give the network this size")
            }
            notes.append("resized from \(layout.height)x\(layout.width) to \(target.height)x\(target.width)")
        }
        switch (layout.channels, target.channels) {
        case (let stored, let wanted) where stored == wanted: break
        case (1, let wanted): notes.append("grey copied to \(wanted) channels")
        case (3, 1): notes.append("colour turned to grey")
        case (4..., _) where layout.channels < target.channels:
            notes.append("\(layout.channels) of \(target.channels) channels, the others zeros")
        case (let stored, let wanted):
            throw .mismatch(
                found: "a sample of \(stored) channels", network: shape,
                advice: "give the network \(stored) channels, or store \(wanted)")
        }
        return notes
    }

    private func sequenceNotes(for layout: Layout) throws(DatasetError) -> [String] {
        guard layout.channels == 1, layout.width == target.width else {
            throw .mismatch(
                found: "a sample of \(layout.axes)", network: shape,
                advice: layout.channels == 1
                    ? "give the network \(layout.width) features" : "an image with colours is no sequence")
        }
        if layout.height > target.height { return ["cut to \(target.height) of \(layout.height) steps"] }
        if layout.height < target.height {
            return ["padded with 0 from \(layout.height) to \(target.height) steps"]
        }
        return []
    }
}

extension Layout {
    /// The axes as a message names them: 28x28, or 32x32x3.
    var axes: String { channels == 1 ? "\(height)x\(width)" : "\(height)x\(width)x\(channels)" }
}

/// Fits one sample after the other; keeps what it needs for that between them.
struct Resizer {
    private let resizing: Resizing
    private var resize: PictureScaling?
    private var spare: [UInt8] = []
    /// The last layout that is known to fit.
    private var checked: Layout?

    init(_ resizing: Resizing) { self.resizing = resizing }

    /// Gives the sample the layout of the network, and its boxes and mask their place there.
    mutating func fit(_ sample: inout Sample, holdsNumbers: Bool) throws(DatasetError) {
        try scale(&sample, holdsNumbers: holdsNumbers)
        pad(&sample)
    }

    /// Scales a picture to the size that it has in the network's input, and gives it the channels there; a sequence or a
    /// vector is fitted at once.
    mutating func scale(_ sample: inout Sample, holdsNumbers: Bool) throws(DatasetError) {
        let stored = sample.stored
        let target = resizing.target
        // Sets with one layout for all samples are checked when they are opened; images are not.
        if stored != target, stored != checked {
            _ = try resizing.notes(for: stored, holdsNumbers: holdsNumbers)
            checked = stored
        }
        switch resizing.shape {
        case .vector: sample.layout = target
        case .sequence:
            guard stored != target else { return }
            let count = target.elements
            if holdsNumbers {
                sample.numbers = Array(sample.numbers.prefix(count))
                sample.numbers += repeatElement(0, count: count - sample.numbers.count)
            } else {
                sample.bytes = Array(sample.bytes.prefix(count))
                sample.bytes += repeatElement(0, count: count - sample.bytes.count)
            }
            sample.layout = target
        case .map:
            let content = resizing.content(of: stored)
            if (sample.layout.height, sample.layout.width) != (content.height, content.width) {
                resize(&sample, to: content)
            }
            if stored.channels != content.channels {
                if holdsNumbers {
                    recolour(&sample.numbers, from: sample.layout, to: content) {
                        $0 * 0.299 + $1 * 0.587 + $2 * 0.114
                    }
                } else {
                    recolour(&sample.bytes, from: sample.layout, to: content, grey: luminance)
                }
            }
            sample.layout = content
            place(&sample.answer, from: stored, to: content)
        }
    }

    /// Says where a picture is that was scaled, and moves its boxes and its mask with it.
    private func place(_ answer: inout SampleAnswer, from stored: Layout, to content: Layout) {
        var placing = PicturePlacing()
        placing.height = stored.height
        placing.width = stored.width
        placing.scaleX = Float(content.width) / Float(stored.width)
        placing.scaleY = Float(content.height) / Float(stored.height)
        answer.placing = placing
        guard (stored.height, stored.width) != (content.height, content.width) else { return }
        let movement = Movement(scaleX: placing.scaleX, scaleY: placing.scaleY)
        answer.boxes = answer.boxes.map(movement.moved)
        answer.moveMask(movement, from: stored, to: content)
    }

    /// Fills what a scaled picture leaves of the network's input with grey, half on each side.
    func pad(_ sample: inout Sample) {
        let content = sample.layout
        let target = resizing.target
        guard content != target else { return }
        let left = (target.width - content.width) / 2
        let top = (target.height - content.height) / 2
        let row = content.width * content.channels
        var bytes = [UInt8](repeating: Composer.grey, count: target.elements)
        for line in 0..<content.height {
            let start = ((top + line) * target.width + left) * target.channels
            bytes.replaceSubrange(start..<start + row, with: sample.bytes[line * row..<(line + 1) * row])
        }
        sample.bytes = bytes
        sample.layout = target
        sample.answer.placing.left = Float(left)
        sample.answer.placing.top = Float(top)
        let movement = Movement(left: Float(left), top: Float(top))
        sample.answer.boxes = sample.answer.boxes.map(movement.moved)
        sample.answer.moveMask(movement, from: content, to: target)
    }

    private mutating func resize(_ sample: inout Sample, to target: Layout) {
        let from = (sample.layout.height, sample.layout.width)
        var step = resize.take() ?? PictureScaling(from: from, to: (target.height, target.width))
        if step.from != from { step = PictureScaling(from: from, to: (target.height, target.width)) }
        step.run(sample.bytes, channels: sample.layout.channels, into: &spare)
        swap(&sample.bytes, &spare)
        sample.layout = Layout(height: target.height, width: target.width, channels: sample.layout.channels)
        resize = step
    }
}

/// Copies grey to every channel, turns three channels to grey, or leaves channels behind those that there are at zero.
private func recolour<Value: Numeric>(
    _ values: inout [Value], from: Layout, to: Layout, grey: (Value, Value, Value) -> Value
) {
    let pixels = from.height * from.width
    var result = [Value](repeating: 0, count: pixels * to.channels)
    for pixel in 0..<pixels {
        if to.channels > from.channels, from.channels > 1 {
            for channel in 0..<from.channels {
                result[pixel * to.channels + channel] = values[pixel * from.channels + channel]
            }
        } else if from.channels == 1 {
            for channel in 0..<to.channels { result[pixel * to.channels + channel] = values[pixel] }
        } else {
            result[pixel] = grey(values[3 * pixel], values[3 * pixel + 1], values[3 * pixel + 2])
        }
    }
    values = result
}

/// The grey of a colour with the weights of ITU-R BT.601, rounded.
func luminance(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    var sum: UInt32 = 32768
    sum += UInt32(red) * 19595
    sum += UInt32(green) * 38470
    sum += UInt32(blue) * 7471
    return UInt8(truncatingIfNeeded: sum >> 16)
}
