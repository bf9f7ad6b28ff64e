import CKernels
import Foundation
public import Graph

/// A network made ready to run for one batch size: every kernel prepared, all memory in one block.
///
/// A program and its store belong to the thread that uses them. Nothing is allocated in a step.
public final class Program {
    /// How a network is made ready.
    public struct Options: Hashable, Sendable {
        /// Samples in a batch.
        public var batch: Int
        /// Whether there is a backward pass.
        public var isTraining = false
        /// Whether the quantizers that the network asks for act; off is float throughout.
        public var isQuantized = true
        /// What products are computed with.
        public var arithmetic = Arithmetic.best
        /// How the methods of products on floats are chosen where there is training.
        public var products = ProductSelection.fixed
        /// Whether any padding is 1 on both sides, as one chip has it.
        public var padsBothSides = false
        /// Whether the values of every layer stay until the next step, to be looked at.
        public var keepsValues = false
        /// The most bytes that activations, gradients and scratch may take.
        public var memoryLimit = Int.max
        /// Whether gradients flow into the inputs too.
        public var wantsInputGradients = false
        /// How much the backward pass finds in memory.
        public var memory = Memory.normal

        /// Options for a batch of so many samples.
        public init(batch: Int) { self.batch = batch }
    }

    /// How much of the forward pass is kept for the backward one. Results are the same, to the bit.
    public enum Memory: String, CaseIterable, Hashable, Sendable {
        /// All that it reads.
        case normal
        /// Codes of one byte in place of values; sums and results that are cheap are computed again.
        case low
    }

    /// What products of quantized activations and weights are computed with.
    public enum Arithmetic: String, CaseIterable, Hashable, Sendable {
        /// Single precision.
        case float
        /// Exact sums of whole codes; gradients are those of floats.
        case codes

        /// Whether this processor has instructions for sums of products of codes.
        public static var hasCodes: Bool { OneDNN.hasExactBytes || ck_has_words() != 0 }
        /// Codes where the processor has them.
        public static var best: Arithmetic { hasCodes ? .codes : .float }
    }

    /// A tensor of the network as its user sees it.
    public struct Port {
        /// The layer or input.
        public let name: String
        /// The shape of one sample.
        public let shape: Shape
        /// Batch after batch, channels last.
        public let values: UnsafeMutableBufferPointer<Float>
        /// The gradient in the same order, where there is training.
        public let gradient: UnsafeMutableBufferPointer<Float>?
    }

    /// What the program was made for.
    public let options: Options
    /// The network's inputs, to be filled before each step.
    public let inputs: [Port]
    /// The results that nothing reads, in the order of the network.
    public let outputs: [Port]
    /// The numbers that it works on.
    public let store: ParameterStore
    /// The gradients of all parameters, laid out like them; empty without training.
    public let gradients: UnsafeMutableBufferPointer<Float>
    /// The bytes of the block that holds activations, gradients and scratch.
    public let arenaBytes: Int

    /// How each product on floats is computed.
    public let productChoices: [ProductChoice]

    private let library: OneDNN
    private let arena: Arena
    let kernels: [any Kernel]
    let inputTensors: [Tensor]
    /// By layer, its outputs.
    let results: [String: [Tensor]]
    /// By kernel, what is kept in front of its forward pass, and what is brought back in front of its backward pass.
    private let keepers: [[KeptCodes]]
    private let restorers: [[any Restorer]]
    private let finalGradients: [(address: UnsafeMutablePointer<Float>, count: Int)]
    /// What measures kernels, where that was asked for.
    private var times: KernelTimes?

    /// Makes a network ready; throws where it cannot run.
    public convenience init(
        _ analysis: Analysis, store: ParameterStore, options: Options
    ) throws(EngineError) {
        try Program.check(analysis)
        if let name = store.layout.clashes.first {
            throw .parameters("two layers have a tensor '\(name)'; rename one of them")
        }
        try self.init(analysis, store: store, options: options, leavingOut: [])
    }

    /// Makes a network ready but for the layers at some positions: at least those without a shape, and all that read
    /// from them. The results of layers that are `given` are not computed, but filled before each pass.
    init(
        _ analysis: Analysis, store: ParameterStore, options: Options, leavingOut absent: Set<Int>,
        given: [String: [KeptTensor.Form]] = [:]
    ) throws(EngineError) {
        self.options = options
        self.store = store
        library = try OneDNN()
        let count = options.isTraining ? store.layout.parameterCount : 0
        let gradients = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
        gradients.initialize(repeating: 0, count: max(1, count))
        self.gradients = UnsafeMutableBufferPointer(start: gradients, count: count)
        let builder = Builder(
            batch: options.batch, isTraining: options.isTraining, isQuantized: options.isQuantized,
            usesCodes: options.arithmetic == .codes && options.isQuantized,
            keepsValues: options.keepsValues, memory: options.memory, family: analysis.facts.family,
            library: library, products: options.isTraining ? options.products : .fixed, store: store,
            gradients: options.isTraining ? gradients : nil)
        let built = try Program.build(analysis, builder, options, leavingOut: absent, given: given)
        builder.restoreValues()
        arena = try builder.plan(memoryLimit: options.memoryLimit)
        arenaBytes = arena.bytes
        productChoices = builder.products.choices
        kernels = builder.kernels
        for kernel in kernels { try kernel.bind() }
        keepers = kernels.indices.map { index in
            builder.keepers.filter { $0.kernel == index }.map(\.codes)
        }
        restorers = kernels.indices.map { index in
            builder.restorers.filter { $0.kernel == index }.map(\.restorer)
        }
        results = built.results
        inputTensors = built.inputs
        func port(_ name: String, _ tensor: Tensor) -> Port {
            let count = options.batch * tensor.shape.elements
            return Port(
                name: name, shape: tensor.shape,
                values: UnsafeMutableBufferPointer(start: tensor.values, count: count),
                gradient: tensor.gradient.map { UnsafeMutableBufferPointer(start: $0, count: count) })
        }
        inputs = zip(analysis.network.inputs, built.inputs).map { port($0.name, $1) }
        outputs = built.outputs.map { port($0.0, $0.1) }
        finalGradients = builder.tensors.compactMap { tensor in
            guard tensor.storage.isOutput, let gradient = tensor.gradient else { return nil }
            return (gradient, options.batch * tensor.shape.elements)
        }
    }

    deinit { gradients.baseAddress?.deallocate() }

    /// Computes all layers from the inputs.
    public func forward(_ pass: Pass) throws(EngineError) {
        try forward { _ in pass }
    }

    /// The same with a pass for each kernel.
    func forward(_ pass: (any Kernel) -> Pass) throws(EngineError) {
        for (index, kernel) in kernels.enumerated() {
            for codes in keepers[index] { codes.keep() }
            guard let times else {
                try kernel.forward(pass(kernel))
                continue
            }
            try times.measureForward(index) { () throws(EngineError) in try kernel.forward(pass(kernel)) }
        }
    }

    /// Measures each kernel in the passes that follow.
    public func measureKernels() -> KernelTimes {
        let times = KernelTimes(kernels)
        self.times = times
        return times
    }

    /// Sets the gradients of the outputs to zero; the loss then fills its own.
    public func clearOutputGradients() {
        for (address, count) in finalGradients { address.update(repeating: 0, count: count) }
    }

    /// Computes the gradients of all parameters from those of the outputs.
    public func backward() throws(EngineError) {
        precondition(options.isTraining, "a program without training has no backward pass")
        for index in kernels.indices.reversed() {
            for restorer in restorers[index] { restorer.restore() }
            guard let times else {
                try kernels[index].backward()
                continue
            }
            try times.measureBackward(index) { () throws(EngineError) in try kernels[index].backward() }
        }
    }

    /// The first parameter one of whose gradients is not finite.
    var firstParameterWithoutFiniteGradient: ParameterLayout.Entry? {
        guard let base = gradients.baseAddress else { return nil }
        return store.layout.parameters.first { ck_find_not_finite(base + $0.offset, Int64($0.count)) >= 0 }
    }

    /// The values of a layer's output after a forward pass, batch after batch in the order of files (channels, height,
    /// width); nil where there is no such layer. The values of inner layers last only where `keepsValues` is on.
    public func values(of layer: String, output: Int = 0) -> [Float]? {
        guard let tensors = results[layer], tensors.indices.contains(output) else { return nil }
        let tensor = tensors[output]
        return Program.channelsFirst(tensor.values, tensor.shape, batch: options.batch)
    }

    /// Brings channels-last values into the order of files.
    public static func channelsFirst(
        _ values: UnsafePointer<Float>, _ shape: Shape, batch: Int
    ) -> [Float] {
        var result = [Float](repeating: 0, count: batch * shape.elements)
        let rows = shape.elements / shape.channels
        guard case .map = shape else {
            return Array(UnsafeBufferPointer(start: values, count: batch * shape.elements))
        }
        result.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            ck_transpose(values, Int64(batch), Int64(rows), Int64(shape.channels), 0, base)
        }
        return result
    }

    /// Brings values in the order of files into channels last.
    public static func channelsLast(_ values: [Float], _ shape: Shape, batch: Int) -> [Float] {
        guard case .map = shape else { return values }
        let rows = shape.elements / shape.channels
        var result = [Float](repeating: 0, count: values.count)
        result.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            ck_transpose(values, Int64(batch), Int64(shape.channels), Int64(rows), 0, base)
        }
        return result
    }
}
