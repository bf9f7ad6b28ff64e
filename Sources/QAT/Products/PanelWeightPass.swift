import CKernels
import COneDNN

/// The gradient of a product's weights from copies of both tensors in panels: what `TapWeightPass` computes, where registers
/// have 256 bits.
final class PanelWeightPass: FloatPass {
    private let shape: onednn_convolution
    private let plan: PanelPlan
    private let sums: Buffer
    private let panels: Buffer
    /// Images whose panels stay in the cache; the sums are added in their order.
    private let block: Int
    var bound: BoundFloats?

    private static let blockBytes = 512 << 10
    /// Blocks that are copied at a time; threads wait for each other after them.
    private static let together = 8

    /// Nil where the shape has none.
    init?(_ direction: ProductDirection, _ room: ProductDirection.Room) {
        shape = direction.shape
        guard let plan = PanelPlan(shape) else { return nil }
        self.plan = plan
        sums = room(4 * shape.weights)
        let image = 4 * plan.numbersOfPanels
        block = max(1, min(Int(shape.batch), PanelWeightPass.blockBytes / image))
        panels = room(min(PanelWeightPass.together * block, Int(shape.batch)) * image)
    }

    func run() {
        guard let bound else { return }
        plan.withProduct(into: sums.floats) { product in
            var product = product
            ck_weight_panels_gradient(
                &product, plan.hasInputVectors ? bound.source : bound.destination,
                plan.hasInputVectors ? bound.destination : bound.source, shape.batch, Int64(block),
                Int64(PanelWeightPass.together), panels.floats)
        }
        ck_tap_weights_plain(
            sums.floats, shape.out_channels, shape.in_channels, shape.taps, plan.hasInputVectors ? 1 : 0,
            bound.plain)
    }
}

/// The panels of a gradient of weights, and the pairs of their pixels.
struct PanelPlan {
    let hasInputVectors: Bool
    private let shape: onednn_convolution
    /// Where the pixels of a panel are in an image, in pixels.
    private let inputPixels, outputPixels: [Int32]
    private var runs: [ck_tap_run] = []
    /// By tap: where its runs begin; last, where they end.
    private var starts: [Int32] = []

    /// Nil where neither tensor's channels fill vectors, or the window has gaps or groups.
    init?(_ shape: onednn_convolution) {
        let lanes = Int64(CK_TAP_LANES)
        hasInputVectors = shape.in_channels % lanes == 0
        guard shape.groups == 1, shape.dilation == 1, hasInputVectors || shape.out_channels % lanes == 0,
            shape.weights < Int(Int32.max), shape.inImage < Int(Int32.max), shape.outImage < Int(Int32.max)
        else { return nil }
        self.shape = shape
        let order = PhaseOrder(shape)
        inputPixels = order.pixels
        outputPixels = (0..<Int32(shape.out_height * shape.out_width)).map { $0 }
        let pairs = TapPairs(shape: shape)
        for tap in 0..<Int(shape.taps) {
            starts.append(Int32(runs.count))
            let columns = pairs.columns(of: tap % Int(shape.kernel_width))
            runs += pairs.runs(tap, columns, hasInputVectors: hasInputVectors, in: order)
        }
        starts.append(Int32(runs.count))
    }

    /// Numbers of an image in panels.
    var numbersOfPanels: Int {
        inputPixels.count * Int(shape.in_channels) + outputPixels.count * Int(shape.out_channels)
    }

    /// The product, whose lists exist while `body` runs.
    func withProduct(into sums: UnsafeMutablePointer<Float>, _ body: (ck_weight_panels) -> Void) {
        let vectors = hasInputVectors ? inputPixels : outputPixels
        let scalars = hasInputVectors ? outputPixels : inputPixels
        let ins = (channels: shape.in_channels, image: Int64(shape.inImage))
        let outs = (channels: shape.out_channels, image: Int64(shape.outImage))
        runs.withUnsafeBufferPointer { runs in
            starts.withUnsafeBufferPointer { starts in
                vectors.withUnsafeBufferPointer { vectors in
                    scalars.withUnsafeBufferPointer { scalars in
                        body(
                            ck_weight_panels(
                                runs: runs.baseAddress, starts: starts.baseAddress, taps: shape.taps,
                                vector_pixels: vectors.baseAddress, scalar_pixels: scalars.baseAddress,
                                vector_count: Int64(vectors.count), scalar_count: Int64(scalars.count),
                                vector_channels: hasInputVectors ? ins.channels : outs.channels,
                                scalar_channels: hasInputVectors ? outs.channels : ins.channels,
                                vector_image: hasInputVectors ? ins.image : outs.image,
                                scalar_image: hasInputVectors ? outs.image : ins.image, sums: sums))
                    }
                }
            }
        }
    }
}
