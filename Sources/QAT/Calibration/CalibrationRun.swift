import Graph

/// A program that is run kernel by kernel over samples.
struct CalibrationRun {
    let program: Program
    /// For each kernel, its layer.
    let layers: [String]
    /// Where the samples of the batch lie in their data set.
    private let fed = Fed()

    /// What a run was fed last.
    private final class Fed {
        var places: [SamplePlace] = []
    }

    init(
        _ analysis: Analysis, store: ParameterStore, batch: Int, isQuantized: Bool, padsBothSides: Bool,
        arithmetic: Program.Arithmetic, memoryLimit: Int = .max
    ) throws(CalibrationError) {
        var options = Program.Options(batch: batch)
        options.memoryLimit = memoryLimit
        options.isQuantized = isQuantized
        options.padsBothSides = padsBothSides
        options.arithmetic = arithmetic
        do {
            program = try Program(analysis, store: store, options: options)
        } catch {
            throw .engine(error)
        }
        layers = program.kernels.map { ProbeRun.layer(named: $0.layer, in: analysis.network) ?? $0.layer }
    }

    /// Feeds a batch; the last one is filled up with its last sample. Gives how many samples it has.
    func take(_ samples: CalibrationSamples, from start: Int) -> Int {
        let batch = program.options.batch
        let count = min(batch, samples.count - start)
        guard let input = program.inputs.first else { return count }
        for place in 0..<batch {
            samples.copy(start + min(place, count - 1), to: input.values, at: place)
        }
        fed.places = Array(samples.places.dropFirst(start).prefix(count))
        return count
    }

    /// Fills the batch with samples that lie `stride` apart.
    func take(_ samples: CalibrationSamples, every stride: Int) {
        guard let input = program.inputs.first else { return }
        for place in 0..<program.options.batch { samples.copy(place * stride, to: input.values, at: place) }
    }

    /// Runs all kernels by the running statistics; `inspect` sees each when it has run, with whether it is its layer's last.
    func forward(
        inspect: (_ kernel: any Kernel, _ layer: String, _ isLast: Bool) -> Void
    ) throws(EngineError) {
        for index in program.kernels.indices {
            try runKernel(index)
            inspect(program.kernels[index], layers[index], isLastOfItsLayer(index))
        }
    }

    /// The layers one after another.
    var steps: Steps { Steps(run: self) }

    /// A run that stops behind each layer, whose results are in memory until the next one runs.
    struct Steps {
        fileprivate let run: CalibrationRun
        private var kernel = 0

        fileprivate init(run: CalibrationRun) { self.run = run }

        /// Runs the next layer and gives its name; nil at the end.
        mutating func next() throws(EngineError) -> String? {
            while kernel < run.layers.count {
                try run.runKernel(kernel)
                kernel += 1
                if run.isLastOfItsLayer(kernel - 1) { return run.layers[kernel - 1] }
            }
            return nil
        }
    }

    private func isLastOfItsLayer(_ index: Int) -> Bool {
        index + 1 == layers.count || layers[index + 1] != layers[index]
    }

    private func runKernel(_ index: Int) throws(EngineError) {
        do throws(EngineError) {
            try program.kernels[index].forward(.evaluation)
        } catch {
            throw error.naming { fed.places.indices.contains($0) ? fed.places[$0] : nil }
        }
    }
}
