import Graph

/// What the float network's tensors hold over all samples, in real units.
struct RangeSurvey {
    /// By tensor, its values.
    private(set) var histograms: [Source: RangeHistogram] = [:]

    /// Runs the float network over samples and gathers the tensors that are wanted. Where a gate's inner layer has a
    /// range of its own, it stands under the name of its part.
    init(
        _ analysis: Analysis, store: ParameterStore, samples: CalibrationSamples, padsBothSides: Bool,
        wanted: Set<Source>, progress: (Double) -> Bool
    ) throws(CalibrationError) {
        let runner = try CalibrationRun(
            analysis, store: store, batch: samples.batch(for: analysis), isQuantized: false,
            padsBothSides: padsBothSides, arithmetic: .float)
        var start = 0
        while start < samples.count {
            let count = runner.take(samples, from: start)
            let network = analysis.network
            do {
                try runner.forward { kernel, layer, isLast in
                    if let kernel = kernel as? ConvolutionKernel, kernel.part != layer {
                        let values = kernel.output.values
                        histograms[Source(kernel.part), default: RangeHistogram()].add(
                            values, count * kernel.output.shape.elements)
                    }
                    guard isLast, network[layer] != nil else { return }
                    for (output, tensor) in (runner.program.results[layer] ?? []).enumerated()
                    where wanted.contains(Source(layer, output: output)) {
                        histograms[Source(layer, output: output), default: RangeHistogram()].add(
                            tensor.values, count * tensor.shape.elements)
                    }
                }
            } catch {
                throw .engine(error)
            }
            start += count
            guard progress(Double(start) / Double(samples.count)) else { return }
        }
    }
}
