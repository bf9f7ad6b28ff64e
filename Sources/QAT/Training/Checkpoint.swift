public import Graph
public import Weights

/// The numbers of a network as files hold them.
public enum Checkpoint {
    /// The metadata that says of which network the numbers are.
    public static let digestKey = "network"
    /// The names of the statistics that an evaluation takes begin with this, where training has others.
    private static let evaluationPrefix = "evaluation."
    /// The names of averaged parameters begin with this.
    private static let averagePrefix = "average."
    private static let stateKey = "state"
    private static let dataKey = "data"
    private static let optimizerStepsKey = "optimizer.steps"

    /// The parameters and running statistics of a store.
    public static func weights(_ store: ParameterStore, digest: String) -> Safetensors {
        Safetensors(tensors(of: store), metadata: [digestKey: digest, "format": "magikbench weights 1"])
    }

    /// The parameters of a run's checkpoint, of a network on a family of chips, with the statistics that an evaluation
    /// takes.
    public static func weights(
        of checkpoint: Safetensors, _ network: Network, on family: ArithmeticFamily, digest: String
    ) throws(TrainingError) -> Safetensors {
        let store = ParameterStore(Analysis(network, on: family))
        try load(checkpoint, into: store)
        try loadAverage(checkpoint, into: store)
        try loadEvaluated(checkpoint, into: store)
        return weights(store, digest: digest)
    }

    /// Everything to go on with a run; `evaluated` has the statistics that an evaluation of these weights, or of their
    /// average, takes.
    static func run(
        _ store: ParameterStore, evaluated: ParameterStore, average: ParameterStore?, _ optimizer: Optimizer,
        _ state: TrainerState, network: String, data: String
    ) -> Safetensors {
        var tensors = tensors(of: store)
        if let average {
            tensors += store.layout.parameters.map { entry in
                Safetensors.Tensor(
                    averagePrefix + entry.name, average[entry.name] ?? [], shape: entry.shape)
            }
        }
        if !store.hasStatistics(of: evaluated) {
            tensors += store.layout.statistics.map { entry in
                Safetensors.Tensor(
                    evaluationPrefix + entry.name, Array(evaluated.running(entry)), shape: entry.shape)
            }
        }
        for (index, memory) in optimizer.memories.enumerated() {
            for entry in store.layout.parameters {
                tensors.append(
                    Safetensors.Tensor(
                        "optimizer.\(index).\(entry.name)",
                        Array(memory[entry.offset..<entry.offset + entry.count]), shape: entry.shape))
            }
        }
        return Safetensors(
            tensors,
            metadata: [
                digestKey: network, "format": "magikbench checkpoint 1", stateKey: state.json.compact,
                dataKey: data, optimizerStepsKey: "\(optimizer.steps)",
            ])
    }

    private static func tensors(of store: ParameterStore) -> [Safetensors.Tensor] {
        (store.layout.parameters + store.layout.statistics).map { entry in
            Safetensors.Tensor(entry.name, store[entry.name] ?? [], shape: entry.shape)
        }
    }

    /// Puts the numbers of a file into a store; all of them or none. A learned clip that the file lacks is the one that is set.
    public static func load(_ file: Safetensors, into store: ParameterStore) throws(TrainingError) {
        var found: [(String, [Float])] = []
        for entry in store.layout.parameters + store.layout.statistics {
            // A clip that nothing has learned yet is the one that is set.
            if entry.role == .logClip, file[entry.name] == nil {
                found.append((entry.name, [store.layout.setLogClips[entry.layer] ?? 0]))
                continue
            }
            do {
                found.append((entry.name, try file.numbers(entry.name, shape: entry.shape)))
            } catch {
                throw .checkpoint("the weights do not fit the network: \(error)")
            }
            guard found.last?.1.allSatisfy(\.isFinite) ?? true else {
                throw .checkpoint("the weights are broken: '\(entry.name)' holds a number that is not finite")
            }
        }
        for (name, values) in found {
            do {
                try store.set(name, to: values)
            } catch {
                throw .checkpoint("\(error)")
            }
        }
    }

    /// Puts the statistics that an evaluation takes into a store, where a checkpoint has any beside those of training.
    static func loadEvaluated(_ file: Safetensors, into store: ParameterStore) throws(TrainingError) {
        for entry in store.layout.statistics where file[evaluationPrefix + entry.name] != nil {
            do {
                let name = evaluationPrefix + entry.name
                store.setRunning(entry, to: try file.values(name, shape: entry.shape, as: Float.self))
            } catch {
                throw .checkpoint("the weights do not fit the network: \(error)")
            }
        }
    }

    /// Puts averaged parameters into a store, where a checkpoint has any.
    static func loadAverage(_ file: Safetensors, into store: ParameterStore) throws(TrainingError) {
        for entry in store.layout.parameters where file[averagePrefix + entry.name] != nil {
            do {
                let name = averagePrefix + entry.name
                try store.set(entry.name, to: try file.values(name, shape: entry.shape, as: Float.self))
            } catch {
                throw .checkpoint("the weights do not fit the network: \(error)")
            }
        }
    }

    /// Where the run of a checkpoint stands.
    public static func state(of file: Safetensors) throws(TrainingError) -> TrainerState {
        guard let text = file.metadata[stateKey], let json = try? JSON(text: text),
            let state = TrainerState(json)
        else { throw .checkpoint("the file is no checkpoint of a run: its metadata has no state") }
        return state
    }

    /// Throws where a run would go on with other samples than it began with.
    static func check(_ file: Safetensors, data digest: String) throws(TrainingError) {
        guard file.metadata[dataKey] == digest else {
            throw .checkpoint(
                "the data is not what the run began with; bring it back, or begin another run without --resume"
            )
        }
    }

    static func load(
        _ file: Safetensors, into optimizer: Optimizer, _ layout: ParameterLayout
    ) throws(TrainingError) {
        var memories: [[Float]] = []
        for index in 0..<optimizer.rule.memories {
            var memory = [Float](repeating: 0, count: layout.parameterCount)
            for entry in layout.parameters {
                do {
                    let name = "optimizer.\(index).\(entry.name)"
                    let values = try file.values(name, shape: entry.shape, as: Float.self)
                    memory.replaceSubrange(entry.offset..<entry.offset + entry.count, with: values)
                } catch {
                    throw .checkpoint("the optimizer's state does not fit the network: \(error)")
                }
            }
            memories.append(memory)
        }
        guard let text = file.metadata[optimizerStepsKey], let steps = Int(text),
            (0...TrainingLimits.count).contains(steps)
        else {
            throw .checkpoint("the checkpoint does not say how many steps its optimizer made")
        }
        do {
            try optimizer.restore(memories, steps: steps)
        } catch {
            throw .checkpoint("\(error)")
        }
    }
}
