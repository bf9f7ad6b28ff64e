import CKernels
import COneDNN

/// One direction of a product, made ready for tensors that are bound later.
protocol ProductPass: AnyObject {
    /// Says where the tensors lie, or their gradients: the product's input, its sums, and its weights in the order of
    /// files (out, in / groups, height, width). The sums are floats, the others floats or codes.
    func bind(
        source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer, plain: UnsafeMutableRawPointer
    ) throws(EngineError)
    /// Computes one tensor from the two others.
    func run() throws(EngineError)
}

/// What one direction of a product computes, whatever the method.
struct ProductDirection {
    /// What the input and the weights are.
    enum Factors: Hashable {
        case floats
        /// Codes of one byte; those of weights have a sign. A forward pass alone is on codes: of the transpose of the shape where
        /// the direction is backward, with weights in the order and with the taps of the transpose.
        case codes(areSigned: Bool)
    }

    let direction: ConvolutionPrimitive.Direction
    let shape: onednn_convolution
    let layer: String
    let library: OneDNN
    var factors = Factors.floats
    /// Whether tiles of our own products have fewer sums than registers of 512 bits hold.
    var hasNarrowTiles = ck_has_wide_tiles() == 0

    /// Gives room for so many bytes while the pass runs.
    typealias Room = (Int) -> Buffer

    /// The pass by a method; nil where the method has none for this shape on this machine.
    func pass(_ method: ProductMethod, _ room: Room) throws(EngineError) -> (any ProductPass)? {
        if case .codes(let areSigned) = factors { return try codes(method, areSigned: areSigned, room) }
        switch method {
        case .direct: return try LibraryPass(self, in: .channelsLast, room)
        case .reordered:
            return optional { () throws(EngineError) in try LibraryPass(self, in: .own, room) }
        case .winograd:
            return direction == .backwardWeights ? WinogradWeightPass(self, room) : WinogradPass(self, room)
        case .bfloat:
            guard ck_has_bfloat() != 0 else { return nil }
            return optional { () throws(EngineError) in
                try LibraryPass(self, in: .channelsLast, room, rounded: true)
            }
        case .taps: return taps(isRounded: false, room)
        case .bfloatTaps: return ck_has_bfloat() != 0 ? taps(isRounded: true, room) : nil
        }
    }

    private func codes(
        _ method: ProductMethod, areSigned: Bool, _ room: Room
    ) throws(EngineError) -> (any ProductPass)? {
        switch method {
        case .direct where direction == .forward:
            return OneDNN.hasExactBytes ? try LibraryPass(self, in: .channelsLast, room) : nil
        case .taps:
            if !areSigned, ck_has_bytes() != 0, let pass = TapPass(self, .bytes, room) { return pass }
            return ck_has_words() != 0 ? TapPass(self, .words(areSigned: areSigned), room) : nil
        case .direct, .reordered, .winograd, .bfloat, .bfloatTaps: return nil
        }
    }

    /// The library says by a failure that it lacks a method.
    private func optional(_ make: () throws(EngineError) -> LibraryPass) -> LibraryPass? {
        do {
            let pass = try make()
            return pass.isReference ? nil : pass
        } catch {
            return nil
        }
    }

    private func taps(isRounded: Bool, _ room: Room) -> (any ProductPass)? {
        switch direction {
        case .forward, .backwardData:
            if shape.groups == 1 { return TapPass(self, isRounded ? .bfloats : .floats, room) }
            return isRounded ? nil : TapPass(self, .depthwise, room)
        case .backwardWeights:
            if shape.groups > 1 { return isRounded ? nil : DepthwiseWeightPass(self, room) }
            if hasNarrowTiles, !isRounded, !TapWeightPlan.sharesNarrowTiles(shape) {
                return PanelWeightPass(self, room)
            }
            return TapWeightPass(self, isRounded: isRounded, room)
        }
    }

    /// Multiplications with what lies outside the map counted, times two.
    var operations: Double {
        2 * Double(shape.batch * shape.out_height * shape.out_width * shape.out_channels)
            * Double(shape.in_channels / shape.groups * shape.kernel_height * shape.kernel_width)
    }

    /// Multiplications with pixels of the map alone, times two.
    var existingOperations: Double {
        2 * Double(shape.batch * shape.out_channels) * Double(shape.in_channels / shape.groups)
            * Double(TapPairs(shape: shape).count)
    }

    /// The fewest multiplications that a method of ours needs, times two: by Winograd's sums where they compute it, which factors in
    /// single precision have alone.
    func leastOperations(_ factors: ProductFactors) -> Double {
        guard factors == .single,
            let product = ck_winograd(shape, isBackward: direction == .backwardData)
        else { return existingOperations }
        let sums = 2 * Double(CK_WINOGRAD_POINTS) * Double(product.tiles)
        return min(existingOperations, sums * Double(shape.in_channels * shape.out_channels))
    }

    /// Direction and shape in a line, which names them in files: batch, channels, height and width of both tensors.
    var key: String {
        let s = shape
        let numbers = factors == .floats ? "" : "codes, "
        let sizes =
            "\(s.batch) x \(s.in_channels) x \(s.in_height) x \(s.in_width) to "
            + "\(s.out_channels) x \(s.out_height) x \(s.out_width)"
        return "\(numbers)\(direction.rawValue) \(sizes), window \(s.kernel_height) x \(s.kernel_width), "
            + "stride \(s.stride), dilation \(s.dilation), groups \(s.groups), pad \(s.pad_top) \(s.pad_left)"
    }

    /// Numbers of the product's input, of its sums, and of its weights.
    var sizes: (source: Int, destination: Int, weights: Int) {
        (
            Int(shape.batch * shape.in_channels * shape.in_height * shape.in_width),
            Int(shape.batch * shape.out_channels * shape.out_height * shape.out_width), shape.weights
        )
    }
}

extension onednn_convolution {
    var taps: Int64 { kernel_height * kernel_width }
    /// The numbers of the weights.
    var weights: Int { Int(out_channels * in_channels / groups * taps) }
}
