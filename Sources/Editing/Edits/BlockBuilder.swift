import Graph

/// Puts the layers of a block together, each with the settings of its neighbours.
struct BlockBuilder {
    let editing: EditBuilder
    let entry: Source
    let shape: Shape
    let prefix: String
    let near: Int?
    private(set) var draft: PendingLayers

    init(editing: EditBuilder, entry: Source, shape: Shape, prefix: String, near: Int?) {
        self.editing = editing
        self.entry = entry
        self.shape = shape
        self.prefix = prefix
        self.near = near
        draft = PendingLayers(entry: entry)
    }

    mutating func convolutionAndPool() throws(EditingError) {
        let (channels, height, width) = try map(
            "conv and pool reads a feature map of at least 2x2", atLeast: 2)
        let wider = channels < 4 ? editing.block : min(editing.rounded(2 * channels), max(channels, 1024))
        convolve("conv", wider)
        let half = Shape.map(channels: wider, height: height, width: width)
        add("pool", editing.newLayer(.maxpool2D, near: near, reading: half, isLast: false))
    }

    mutating func residual() throws(EditingError) {
        let (channels, _, _) = try map("a residual block reads a feature map")
        let width = editing.rounded(editing.wide(channels))
        convolve("conv1", width)
        convolve("conv2", width, bits: width == channels ? sumBits : nil)
        let main = draft.result
        var skip = entry
        if width != channels {
            // Only 3x3 kernels are everywhere; T02, which has no others, has no Shortcut either.
            convolve("down", width, kernel: 1, reading: entry)
            skip = draft.result
        }
        sum(main, skip)
    }

    mutating func invertedResidual() throws(EditingError) {
        let (channels, height, width) = try map("an inverted residual reads a feature map")
        let narrow = editing.rounded(editing.wide(channels))
        let wide = min(4 * narrow, 65536)
        convolve("expand", wide, kernel: 1)
        let middle = Shape.map(channels: wide, height: height, width: width)
        add("dw", depthwise(reading: middle))
        convolve(
            "project", narrow, kernel: 1, activation: .linear, bits: narrow == channels ? sumBits : nil)
        if narrow == channels { sum(draft.result, entry) }
    }

    mutating func squeezeExcite() throws(EditingError) {
        let (channels, height, width) = try map("squeeze and excite reads a feature map")
        let wide = editing.rounded(editing.wide(channels))
        convolve("conv", wide)
        let inside = Shape.map(channels: wide, height: height, width: width)
        add("se", editing.newLayer(.seBlock, near: near, reading: inside, isLast: false))
    }

    mutating func recurrentHead() throws(EditingError) {
        var sequence = shape
        if case .map(let channels, let height, let width) = shape {
            guard height <= 64 else {
                throw .needs(
                    "an LSTM head reads a sequence or a map of at most 64 rows", of: entry.name, found: shape)
            }
            let rows = height > 1 ? editing.rounded(editing.wide(channels)) : channels
            if height > 1 { convolve("rows", rows, kernel: height, kernelWidth: 1, padding: 0) }
            sequence = .map(channels: rows, height: 1, width: width)
        }
        let length: Int
        switch sequence {
        case .map(_, _, let width): length = width
        case .sequence(let steps, _): length = steps
        case .vector:
            throw .needs("an LSTM head reads a sequence or a feature map", of: entry.name, found: shape)
        }
        guard case .lstm(var lstm) = editing.newLayer(.lstm, near: near, reading: sequence, isLast: false)
        else {
            preconditionFailure("a new LSTM is an LSTM")
        }
        lstm.hiddenSize = 64
        add("lstm", lstm.layer)
        let states = Shape.sequence(length: length, features: 64 * lstm.directions)
        add("flatten", editing.newLayer(.flatten, near: near, reading: states, isLast: false))
        add(
            "fc",
            editing.newLayer(.fullConnected, near: near, reading: .vector(states.elements), isLast: true))
    }
}

// The parts.
extension BlockBuilder {
    /// The bits of what the block reads, where a sum must have them too.
    private var sumBits: Int? {
        let signal = editing.signal(of: entry)
        return editing.isQuantized && !signal.isFloat ? signal.bits : nil
    }

    private func map(
        _ requirement: String, atLeast side: Int = 1
    ) throws(EditingError) -> (channels: Int, height: Int, width: Int) {
        guard case .map(let channels, let height, let width) = shape, height >= side, width >= side else {
            throw .needs(requirement, of: entry.name, found: shape)
        }
        return (channels, height, width)
    }

    private mutating func add(_ part: String, _ layer: Layer, reading inputs: [Source]? = nil) {
        draft.add(prefix + part, layer, reading: inputs)
    }

    private mutating func convolve(
        _ part: String, _ channels: Int, kernel: Int = 3, kernelWidth: Int? = nil, padding: Int? = nil,
        activation: Activation? = nil, bits: Int? = nil, reading input: Source? = nil
    ) {
        guard case .conv2D(var conv) = editing.newLayer(.conv2D, near: near, reading: shape, isLast: false)
        else {
            preconditionFailure("a new Conv2D is a Conv2D")
        }
        conv.outChannels = channels
        conv.kernelHeight = kernel
        conv.kernelWidth = kernelWidth ?? kernel
        conv.padding = padding ?? (kernel > 1 ? 1 : 0)
        conv.batchNorm = true
        conv.bias = false
        if let activation { conv.activationFunction = activation }
        if let bits { conv.quantizers.outputBits = bits }
        add(part, conv.layer, reading: input.map { [$0] })
    }

    private func depthwise(reading shape: Shape) -> Layer {
        let layer = editing.newLayer(.depthwiseConv2D, near: near, reading: shape, isLast: false)
        guard case .depthwiseConv2D(var conv) = layer else {
            preconditionFailure("a new DepthwiseConv2D is a DepthwiseConv2D")
        }
        conv.batchNorm = true
        conv.bias = false
        return conv.layer
    }

    private mutating func sum(_ main: Source, _ skip: Source) {
        add(
            "add", editing.newLayer(.shortcut, near: near, reading: shape, isLast: false),
            reading: [main, skip])
    }
}
