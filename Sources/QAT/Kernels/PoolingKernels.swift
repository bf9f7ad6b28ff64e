import CKernels
import Graph

/// Pools, upsampling and frames: windows that slide over maps.
final class WindowKernel: Kernel {
    enum Operation {
        case max, mean
        case unpool(Unpool2D.Mode)
        /// Copies into a frame whose rest is the pad value.
        case frame
    }

    let layer: String
    let operation: Operation
    let input: Tensor
    let output: Tensor
    private let inputGradient: GradientTarget?
    private(set) var window: ck_window
    /// Which tap won, for the backward pass of a maximum.
    private let taps: Buffer?

    init(
        _ builder: Builder, layer: String, _ operation: Operation, input: Tensor, output: Tensor,
        window: ck_window
    ) {
        self.layer = layer
        self.operation = operation
        self.input = input
        self.output = output
        self.window = window
        inputGradient = builder.read(input, keeping: false)
        output.storage.gradient?.isNeeded(.backward(builder.next))
        if case .max = operation {
            taps = builder.buffer(bytes: 2 * builder.batch * output.shape.elements, .both)
        } else {
            taps = nil
        }
    }

    func forward(_ pass: Pass) {
        switch operation {
        case .max:
            guard let taps else { return }
            ck_max_pool_forward(&window, input.values, output.values, taps.words)
        case .mean: ck_mean_pool_forward(&window, input.values, output.values)
        case .unpool(let mode): ck_unpool_forward(&window, mode.fill, input.values, output.values)
        case .frame: ck_frame_forward(&window, input.values, output.values)
        }
    }

    func backward() {
        guard let inputGradient, let gradient = output.gradient else { return }
        let adds = inputGradient.addsFlag
        let target = inputGradient.address
        switch operation {
        case .max:
            guard let taps else { return }
            ck_max_pool_backward(&window, gradient, taps.words, adds, target)
        case .mean: ck_mean_pool_backward(&window, gradient, adds, target)
        case .unpool(let mode): ck_unpool_backward(&window, mode.fill, gradient, adds, target)
        case .frame: ck_frame_backward(&window, gradient, adds, target)
        }
    }
}

extension Unpool2D.Mode {
    fileprivate var fill: Int32 {
        switch self {
        case .zero: Int32(CK_FILL_ZERO)
        case .nearest: Int32(CK_FILL_NEAREST)
        case .bilinear: Int32(CK_FILL_BILINEAR)
        }
    }
}
