import Graph

/// A program that is run kernel by kernel, with a measurement of each layer as soon as it is there: nothing has to stay in
/// memory until the end.
struct ProbeRun {
    let program: Program
    /// For each kernel, its layer; a composed layer's kernels have names of their own.
    private let layers: [String]
    /// From the feed's values to those that this network's loader would give: times scale, plus shift.
    private let change: (scale: Float, shift: Float)

    /// Makes a network without some of its layers ready, and feeds it; results that are given are put in by `give`.
    init(
        _ analysis: Analysis, leavingOut absent: Set<Int>, store: ParameterStore, feed: ProbeBatch,
        isQuantized: Bool, padsBothSides: Bool, memoryLimit: Int,
        change: (scale: Float, shift: Float) = (1, 0), given: [String: [KeptTensor.Form]] = [:]
    ) throws(EngineError) {
        self.change = change
        var options = Program.Options(batch: feed.samples)
        options.isQuantized = isQuantized
        options.padsBothSides = padsBothSides
        options.memoryLimit = memoryLimit
        program = try Program(analysis, store: store, options: options, leavingOut: absent, given: given)
        let network = analysis.network
        layers = program.kernels.map { ProbeRun.layer(named: $0.layer, in: network) ?? $0.layer }
        take(feed)
    }

    /// Feeds the batch that is in the feed now.
    func take(_ feed: ProbeBatch) { take(feed.values) }

    /// Feeds a batch: for each input, its values.
    func take(_ batch: [[Float]]) {
        for (port, values) in zip(program.inputs, batch) {
            _ = port.values.update(fromContentsOf: values)
            guard change != (1, 0) else { continue }
            for index in port.values.indices {
                port.values[index] = port.values[index] * change.scale + change.shift
            }
        }
    }

    /// Puts in the results of a layer that is not computed.
    func give(_ layer: String, _ outputs: [KeptTensor]) {
        for (tensor, kept) in zip(program.results[layer] ?? [], outputs) { kept.fill(tensor) }
    }

    /// Keeps what a layer gave just now.
    func results(of layer: String, on family: ArithmeticFamily) -> [KeptTensor] {
        (program.results[layer] ?? []).map { KeptTensor($0, samples: program.options.batch, on: family) }
    }

    /// The layer that a kernel's name means: "se" for "se.mean".
    static func layer(named name: String, in network: Network) -> String? {
        var stem = Substring(name)
        while network.index(of: String(stem)) == nil {
            guard let dot = stem.lastIndex(of: ".") else { return nil }
            stem = stem[..<dot]
        }
        return String(stem)
    }

    /// Runs all kernels, each with the pass of its layer; `inspect` sees each when it has run, with whether it is the last of
    /// its layer.
    func forward(
        _ pass: (String) -> Pass,
        inspect: (_ kernel: any Kernel, _ layer: String, _ isLast: Bool) -> Void
    ) throws(EngineError) {
        for (index, kernel) in program.kernels.enumerated() {
            let layer = layers[index]
            try kernel.forward(pass(layer))
            inspect(kernel, layer, index + 1 == layers.count || layers[index + 1] != layer)
        }
    }
}
