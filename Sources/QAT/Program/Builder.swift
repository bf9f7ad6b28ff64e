import CKernels
import Graph

/// A program while it is being put together: its kernels so far, and every buffer that they asked for.
final class Builder {
    let batch: Int
    let isTraining: Bool
    /// Whether whatever lives from the forward pass on stays to be looked at.
    let keepsValues: Bool
    let isQuantized: Bool
    let family: ArithmeticFamily
    /// How much the backward pass finds in memory.
    let memory: Program.Memory
    /// Whether convolutions may run on integer codes.
    let usesCodes: Bool
    let library: OneDNN
    /// Chooses how products on floats are computed.
    let products: ProductChooser
    let store: ParameterStore
    /// The gradients of all parameters, laid out like them; nil without training.
    let gradients: UnsafeMutablePointer<Float>?
    private(set) var kernels: [any Kernel] = []
    private(set) var buffers: [Buffer] = []
    private(set) var tensors: [Tensor] = []
    /// What brings back values that were not kept, in front of the backward pass of a kernel.
    private(set) var restorers: [(kernel: Int, restorer: any Restorer)] = []
    /// What keeps codes in place of values, in front of the forward pass of a kernel.
    private(set) var keepers: [(kernel: Int, codes: KeptCodes)] = []
    private var added: [(buffer: Buffer, target: GradientTarget)] = []
    private var partialsBytes = 1024
    /// Shared by all loops that sum: partial sums.
    let partials: Partials

    /// Room for partial sums that is placed when its size is known.
    final class Partials {
        fileprivate(set) var buffer: Buffer?
        var doubles: UnsafeMutablePointer<Double> {
            guard let buffer else { preconditionFailure("partial sums are used before the arena is planned") }
            return buffer.doubles
        }
    }

    /// When a kernel needs a buffer.
    enum Span {
        case forward, backward, both, always
        /// In both passes, and not between them.
        case again
    }

    init(
        batch: Int, isTraining: Bool, isQuantized: Bool, usesCodes: Bool, keepsValues: Bool,
        memory: Program.Memory,
        family: ArithmeticFamily, library: OneDNN, products: ProductSelection, store: ParameterStore,
        gradients: UnsafeMutablePointer<Float>?
    ) {
        self.batch = batch
        self.isTraining = isTraining
        self.isQuantized = isQuantized
        self.usesCodes = usesCodes
        self.keepsValues = keepsValues
        self.memory = memory
        self.family = family
        self.library = library
        self.products = ProductChooser(products)
        self.store = store
        self.gradients = gradients
        partials = Partials()
    }

    /// The number that the next kernel gets.
    var next: Int { kernels.count }

    func add(_ kernel: any Kernel) { kernels.append(kernel) }

    /// Bytes for the next kernel.
    func buffer(bytes: Int, _ span: Span) -> Buffer {
        let buffer = Buffer(bytes: bytes)
        switch span {
        case .forward: buffer.isNeeded(.forward(next))
        case .backward: buffer.isNeeded(.backward(next))
        case .both:
            buffer.isNeeded(.forward(next))
            if isTraining { buffer.isNeeded(.backward(next)) }
            if keepsValues { buffer.isNeeded(.always) }
        case .again:
            buffer.isNeeded(.forward(next))
            buffer.isNeeded(.backward(next))
            buffer.isRestored = true
        case .always: buffer.isNeeded(.always)
        }
        buffers.append(buffer)
        return buffer
    }

    func floats(_ count: Int, _ span: Span) -> Buffer { buffer(bytes: 4 * count, span) }

    /// A tensor that the next kernel fills, for the whole batch.
    func tensor(_ shape: Shape, _ signal: Signal, needsGradient: Bool) -> Tensor {
        let count = batch * shape.elements
        let values = floats(count, .forward)
        var gradient: Buffer?
        if isTraining && needsGradient { gradient = floats(count, .backward) }
        let tensor = Tensor(
            shape: shape, signal: signal, storage: Tensor.Storage(values: values, gradient: gradient))
        tensor.storage.producer = next
        tensors.append(tensor)
        return tensor
    }

    /// A tensor that no kernel fills: its values are put in before each pass.
    func given(_ form: KeptTensor.Form) -> Tensor {
        let tensor = tensor(form.shape, form.signal, needsGradient: false)
        tensor.holdsCodes = form.holdsCodes
        tensor.storage.values.isNeeded(.always)
        return tensor
    }

    /// The same values in another shape.
    func alias(_ tensor: Tensor, shape: Shape, signal: Signal) -> Tensor {
        Tensor(shape: shape, signal: signal, storage: tensor.storage)
    }

    /// The next kernel reads the tensor, and with `keeping` again in its backward pass; gives where its gradient goes.
    func read(_ tensor: Tensor, keeping: Bool) -> GradientTarget? {
        tensor.storage.values.isNeeded(.forward(next))
        tensor.storage.isRead = true
        if tensor.storage.firstReader == nil { tensor.storage.firstReader = next }
        if keeping { tensor.storage.keepingReaders.append(next) }
        guard isTraining else { return nil }
        if keeping { tensor.storage.values.isNeeded(.backward(next)) }
        tensor.storage.gradient?.isNeeded(.backward(next))
        return tensor.storage.read()
    }

    /// Floats for a gradient in the next kernel's backward pass that is then added to what others wrote to the target;
    /// none where it is the first.
    func floats(_ count: Int, addedTo target: GradientTarget) -> Buffer {
        let buffer = floats(count, .backward)
        added.append((buffer, target))
        return buffer
    }

    /// Whether values are computed again in the backward pass, where that is cheap.
    var restoresValues: Bool { isTraining && memory == .low && !keepsValues }

    /// Finds for each tensor that a backward pass reads how to do without its values between the passes; all kernels are
    /// there.
    func restoreValues() {
        guard restoresValues else { return }
        for tensor in tensors {
            let storage = tensor.storage
            guard let producer = storage.producer, let first = storage.firstReader,
                let last = storage.keepingReaders.max(), !storage.isOutput, producer < first
            else { continue }
            if tensor.holdsCodes, let grid = QuantizationGrid(tensor.signal, on: family),
                tensor.signal.bits <= 8
            {
                let codes = Buffer(bytes: batch * tensor.shape.elements)
                codes.isNeeded(.forward(first))
                codes.isNeeded(.backward(last))
                buffers.append(codes)
                let kept = KeptCodes(tensor, grid, codes)
                storage.values.isRestored = true
                restorers.append((last, kept))
                keepers.append((first, kept))
            } else if let product = kernels[producer] as? ConvolutionKernel, product.output === tensor,
                product.keepsRaw
            {
                storage.values.isRestored = true
                restorers.append((last, product))
            }
        }
    }

    /// Room for partial sums: `a part` doubles for each part and as many floats.
    func needsPartials(_ aPart: Int, extra: Int = 0) {
        partialsBytes = max(partialsBytes, Int(CK_PARTS) * aPart * 12 + extra * 8)
    }

    /// Places everything.
    func plan(memoryLimit: Int) throws(EngineError) -> Arena {
        for (buffer, target) in added where !target.adds { buffer.giveUp() }
        let buffer = Buffer(bytes: partialsBytes)
        buffer.isNeeded(.always)
        buffers.append(buffer)
        partials.buffer = buffer
        return try Arena(buffers, kernels: kernels.count, limit: memoryLimit)
    }

    /// A parameter of a layer, with its gradient where there is training.
    func parameter(_ name: String) -> ParameterView? {
        guard let entry = store.layout.parameter(name) else { return nil }
        return ParameterView(
            name: name, values: store.values + entry.offset, gradient: gradients.map { $0 + entry.offset },
            count: entry.count, shape: entry.shape)
    }

    /// A running statistic of a layer.
    func statistic(_ name: String) -> UnsafeMutablePointer<Float>? {
        store.layout.statistic(name).map { store.running + $0.offset }
    }
}

/// A parameter as a kernel sees it.
struct ParameterView {
    let name: String
    let values: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>?
    let count: Int
    let shape: [Int]

    /// The layer or part that has this weight: "conv0" of "conv0.weight", "se.reduce" of "se.reduceWeight".
    var part: String {
        for ending in [".weight", "Weight"] where name.hasSuffix(ending) {
            return String(name.dropLast(ending.count))
        }
        return name
    }
}
