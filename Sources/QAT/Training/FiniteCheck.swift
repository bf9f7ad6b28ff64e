import Graph

// A step whose loss or gradient is not finite stops the run before anything of it is applied: what is said to be the cause.
extension StageStep {
    /// Why a loss is not finite: the parameter or the result that is not, the first of the network.
    func lossNotFinite(at step: Int) throws(TrainingError) -> TrainingError {
        let place = try firstResultNotFinite()
        return .notFinite(
            at: step, program.store, layer: place?.layer ?? program.outputs[0].name,
            what: place?.what ?? "the loss")
    }

    /// Why the norm of the gradients is not finite: the first gradient that is not, or the largest one.
    func gradientNotFinite(at step: Int) -> TrainingError {
        // Finite numbers may be too large for the sum of their squares.
        let entry = program.firstParameterWithoutFiniteGradient ?? parameterOfLargestGradient
        return .notFinite(
            step: step, layer: entry?.layer ?? program.outputs[0].name,
            what: "the gradient of its \(entry?.stem ?? "parameters")")
    }

    private var parameterOfLargestGradient: ParameterLayout.Entry? {
        func norm(_ entry: ParameterLayout.Entry) -> Double {
            optimizer.norm(of: .init(rebasing: program.gradients[entry.offset..<entry.offset + entry.count]))
        }
        return program.store.layout.parameters.max { norm($0) < norm($1) }
    }

    /// The first layer whose result is not finite; all is computed again for this, for a step keeps only what it needs.
    private func firstResultNotFinite() throws(TrainingError) -> (layer: String, what: String)? {
        var options = program.options
        options.isTraining = false
        options.keepsValues = true
        do {
            let again = try Program(analysis, store: program.store, options: options)
            for (input, values) in zip(again.inputs, program.inputs) {
                _ = input.values.update(fromContentsOf: values.values)
            }
            try again.forward(.frozenTraining)
            return analysis.order.evaluation.lazy.map { self.analysis.network.nodes[$0].name }
                .first { again.values(of: $0)?.allSatisfy(\.isFinite) == false }.map { ($0, "its result") }
        } catch .notFinite(let layer, let what) {
            return (layer, what)
        } catch {
            throw .engine(error)
        }
    }
}

extension TrainingError {
    /// A number that is not finite was seen in a layer; where a parameter holds one, that is where it comes from.
    static func notFinite(
        at step: Int, _ store: ParameterStore, layer: String, what: String
    ) -> TrainingError {
        guard let entry = store.firstNotFinite else {
            return .notFinite(step: step, layer: layer, what: what)
        }
        return .notFinite(step: step, layer: entry.layer, what: "its \(entry.stem)")
    }
}
