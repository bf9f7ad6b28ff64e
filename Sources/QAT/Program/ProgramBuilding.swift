import Graph

// From a network to the tensors and kernels of a program: each layer is lowered behind those that it reads.
extension Program {
    static func check(_ analysis: Analysis) throws(EngineError) {
        let network = analysis.network
        if let cyclic = analysis.order.cyclic.first {
            throw .unfinished(layer: network.nodes[cyclic].name, reason: "it lies on a cycle")
        }
        for index in network.nodes.indices {
            if let failure = analysis.shapes.failure(index) {
                throw .unfinished(layer: network.nodes[index].name, reason: "\(failure)")
            }
        }
        guard !network.nodes.isEmpty else { throw .noOutput }
    }

    /// The tensors of a network whose kernels a builder has.
    struct Built {
        var inputs: [Tensor]
        var outputs: [(String, Tensor)]
        var results: [String: [Tensor]]
    }

    static func build(
        _ analysis: Analysis, _ builder: Builder, _ options: Options, leavingOut absent: Set<Int>,
        given: [String: [KeptTensor.Form]]
    ) throws(EngineError) -> Built {
        let network = analysis.network
        let inputs = network.inputs.map { input in
            let tensor = builder.tensor(
                input.shape, Signal(bits: Preprocess.bits, isSigned: false),
                needsGradient: options.wantsInputGradients)
            tensor.storage.values.isNeeded(.always)
            if options.wantsInputGradients { tensor.storage.gradient?.isNeeded(.always) }
            return tensor
        }
        var results: [String: [Tensor]] = [:]
        for index in analysis.order.evaluation where !absent.contains(index) {
            let node = network.nodes[index]
            if let forms = given[node.name] {
                results[node.name] = forms.map(builder.given)
                continue
            }
            let arriving = node.inputs.map { source in
                switch network.place(of: source.name) {
                case .input(let place): inputs[place]
                case .node, nil: results[source.name, default: []][source.output]
                }
            }
            let lowering = LayerLowering(
                builder: builder, analysis: analysis, padsBothSides: options.padsBothSides, index: index)
            results[node.name] = try lowering.lower(arriving)
        }
        let outputs = network.nodes.indices.filter { analysis.facts.nodes[$0].isLast }.flatMap { index in
            let name = network.nodes[index].name
            return results[name, default: []].map { (name, $0) }
        }
        for (_, tensor) in outputs { tensor.storage.becomeOutput() }
        for tensor in builder.tensors {
            if !tensor.storage.isRead { tensor.storage.becomeOutput() }
            if tensor.storage.isOutput {
                tensor.storage.values.isNeeded(.loss)
                tensor.storage.gradient?.isNeeded(.loss)
            }
            if options.keepsValues { tensor.storage.values.isNeeded(.always) }
        }
        return Built(inputs: inputs, outputs: outputs, results: results)
    }
}
