import CKernels
import Datasets
import Graph

/// What the weights of a run are that begins without any.
public enum InitialWeights: String, CaseIterable, Hashable, Sendable {
    /// Drawn by the seed, uniform to 1 / sqrt(inputs).
    case drawn
    /// Drawn, then scaled to the data: each inner product without batch norm gets results of one deviation (Mishkin & Matas
    /// 2016, "All you need is a good init"). A quantized tensor holds x / clip, so that without it every layer makes its results
    /// smaller, and at few bits all of them round to zero.
    case fitted
}

extension ParameterStore {
    /// The samples that weights are fitted to, at most.
    private static let fittingSamples = 64
    /// The deviation of what an activation reads, as a share of the clip behind it: nearly all values keep below the clip.
    private static let shareOfClip: Float = 1 / 3

    /// Scales the weights and biases of products without batch norm so that what their activations read deviates by 1, or by a third
    /// of the clip where their results are quantized. The network's results keep their scale.
    /// The samples are the first of training.
    func fit(
        _ analysis: Analysis, isQuantized: Bool, padsBothSides: Bool, to data: Dataset
    ) throws(TrainingError) {
        var options = Program.Options(batch: min(ParameterStore.fittingSamples, max(1, data.count(.train))))
        options.isQuantized = isQuantized
        options.padsBothSides = padsBothSides
        options.keepsValues = true
        // Sums of floats, so that the weights do not depend on what the processor has.
        options.arithmetic = .float
        let program: Program
        do throws(EngineError) {
            program = try Program(analysis, store: self, options: options)
        } catch {
            throw .engine(error)
        }
        let fitted = program.kernels.compactMap { $0 as? ConvolutionKernel }.filter { product in
            product.epilogue.gamma == nil && !isResult(product, analysis)
        }
        guard !fitted.isEmpty else { return }
        do throws(DatasetError) {
            let normalization = InputNormalization(analysis.network)
            let loader = Loader(
                data, split: .train, batch: options.batch, shuffled: false, augmented: false,
                dropsLast: true, mean: normalization.mean, variance: normalization.variance)
            _ = try loader.next(samples: options.batch, into: program.inputs[0].values)
        } catch {
            throw .data(error)
        }
        do throws(EngineError) {
            for kernel in program.kernels {
                try kernel.forward(.frozenTraining)
                guard let product = fitted.first(where: { $0 === kernel }) else { continue }
                scale(product, batch: options.batch)
                try kernel.forward(.frozenTraining)
            }
        } catch {
            throw .engine(error)
        }
    }

    /// Whether the product gives the network's result.
    private func isResult(_ product: ConvolutionKernel, _ analysis: Analysis) -> Bool {
        analysis.network.index(of: product.layer).map { analysis.facts.nodes[$0].isLast } ?? false
    }

    private func scale(_ product: ConvolutionKernel, batch: Int) {
        let count = batch * product.output.shape.elements
        let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { values.deallocate() }
        product.fillNormalized(values)
        let found = ck_observe(values, Int64(count), -.infinity, .infinity)
        let mean = found.sum / Double(count)
        let deviation = Float(max(0, found.squares / Double(count) - mean * mean).squareRoot())
        let wanted = product.epilogue.range.map { $0.clip * ParameterStore.shareOfClip } ?? 1
        guard deviation.isFinite, deviation > wanted * 1e-6 else { return }
        let factor = wanted / deviation
        for view in [product.weight, product.epilogue.bias].compactMap({ $0 }) {
            for place in 0..<view.count { view.values[place] *= factor }
        }
    }
}
