import Graph

/// Goes once through the operators of a file.
struct ImportRun {
    let builder: ImportBuilder
    private(set) var report = ONNXReport()
    private let graph: ONNXGraph
    private let opset: Int

    init(_ file: ONNXFile, _ options: ONNXImport.Options) throws(ONNXError) {
        graph = file.model.graph
        opset =
            file.model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }
            .map { Int($0.version) }.max() ?? 1
        guard opset >= ONNXImport.oldestOpset else { throw .oldOpset(opset) }
        var uses: [String: Int] = [:]
        for node in graph.node { for name in node.input { uses[name, default: 0] += 1 } }
        for output in graph.output { uses[output.name, default: 0] += 1 }
        builder = ImportBuilder(uses: uses, fileBytes: file.size, options: options)
        for (name, tensor) in file.initializers { builder.known[name] = .constant(tensor) }
        report.producer = [file.model.producerName, file.model.producerVersion].filter { !$0.isEmpty }
            .joined(separator: " ")
        (report.opset, report.nodes) = (opset, graph.node.count)
        readInputs(initializers: Set(file.initializers.keys))
        builder.functions = KnownFunctions(
            graph, constants: file.initializers, approximates: options.approximates)
        for node in graph.node { read(node) }
        readOutputs()
        tidy()
        builder.openEnds()
        report.notes = builder.notes
    }

    /// Leaves out joins that nothing reads, and says what the file does to its inputs.
    private mutating func tidy() {
        let moved = builder.tidy(keeping: Set(report.outputs.map(\.source)))
        for index in report.outputs.indices {
            report.outputs[index].source = moved[report.outputs[index].source] ?? report.outputs[index].source
        }
        for draft in builder.drafts {
            guard let entry = builder.entries[draft.name],
                let index = report.inputs.firstIndex(where: { $0.input == draft.inputs.first?.name })
            else { continue }
            (report.inputs[index].scale, report.inputs[index].shift) = entry
        }
    }

    private mutating func fault(_ node: String, _ name: String, _ reason: String, advice: String = "") {
        report.faults.append(
            ONNXReport.Fault(node: node, operator: name, reason: reason, advice: advice))
    }

    // Inputs.

    private mutating func readInputs(initializers: Set<String>) {
        let inputs = graph.input.filter { !initializers.contains($0.name) }
        for input in inputs {
            let axes = input.type.tensorType.shape.dim
            let dims = axes.enumerated().map { index, axis -> Int in
                if case .dimValue(let size)? = axis.value, size > 0 { return Int(clamping: size) }
                return index == 0 ? 1 : 0
            }
            if let note = ONNXElementType.note(input.type.tensorType.elemType) {
                builder.notes.append(ONNXReport.Note(node: input.name, operator: "input", text: note))
            }
            guard dims.count > 1 else {
                builder.known[input.name] = .missing
                fault(
                    input.name, "input", "has no axis beside the batch",
                    advice: "Give it a batch axis: N, features.")
                continue
            }
            guard dims.allSatisfy({ $0 > 0 && $0 <= 1 << 28 }) else {
                builder.known[input.name] = .missing
                fault(
                    input.name, "input", "leaves the size of an axis open; the chips run one size",
                    advice: "Export it with fixed height, width and channels.")
                continue
            }
            if report.inputs.isEmpty { builder.batch = dims[0] }
            guard dims[0] == builder.batch else {
                builder.known[input.name] = .missing
                fault(
                    input.name, "input",
                    "has \(dims[0]) as its first axis and others \(builder.batch): it is no batch",
                    advice: "Make it a weight.")
                continue
            }
            add(input.name, dims)
        }
    }

    private mutating func add(_ name: String, _ dims: [Int]) {
        var value = Value(source: Source(name), shape: .vector(1), dims: dims)
        let shape = isMap(name) ? value.mapShape : value.naturalShape
        guard let shape, shape.dimensions.allSatisfy({ (1...65536).contains($0) }),
            shape.elements <= Shape.elementLimit
        else {
            builder.known[name] = .missing
            fault(name, "input", "is larger than a network here may read: \(dims)")
            return
        }
        value.shape = shape
        value.source = builder.addInput(name, shape)
        report.inputs.append(ONNXReport.Input(name: name, input: value.source.name, dims: dims))
        value.isShared = true
        value.isWhole = graph.input.contains { $0.name == name && ONNXElementType.isWhole($0.type.tensorType.elemType) }
        builder.known[name] = .value(value)
        guard dims.count == 4, dims[1] <= 4 else { return }
        // An image: the manual's networks begin with what the loader does to it.
        do throws(Refusal) {
            var entered = try builder.add(
                .preprocess(Preprocess()), reading: value, dims: dims, name: "preprocess")
            (entered.isShared, entered.isWhole) = (true, value.isWhole)
            builder.known[name] = .value(entered)
            builder.notes.append(
                ONNXReport.Note(
                    node: name, operator: "input",
                    text:
                        "the file does not say how its images were made into numbers: set mean and variance of 'preprocess' to what it was trained with"
                ))
        } catch {
            fault(name, "input", error.reason)
        }
    }

    /// Whether an input of three axes is read as a map of height 1.
    private func isMap(_ name: String) -> Bool {
        graph.node.contains { node in
            node.input.contains(name)
                && [
                    "Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization", "Unsqueeze",
                    "PRelu", "Split",
                ].contains(node.opType)
        }
    }

    // Operators.

    private mutating func read(_ node: ONNXNode) {
        builder.node = node
        guard ["", "ai.onnx"].contains(node.domain) else {
            refuse(node, "it is of '\(node.domain)', an extension of the standard")
            return
        }
        do throws(Refusal) {
            if let tensor = try ConstantFolding(builder: builder, opset: opset).result(of: node) {
                if let name = node.output.first { builder.known[name] = .constant(tensor) }
                return
            }
            if isBlind(node) {
                // What it reads was lost; whether the chips have it can still be said.
                if !Translator.operators.contains(node.opType), !isLeftToHost(node) {
                    throw Refusal(Advice.reason(for: node.opType))
                }
                lose(node)
                return
            }
            if try leaveToHost(node) { return }
            try Translator(builder: builder, opset: opset).translate()
        } catch {
            refuse(node, error.reason)
        }
    }

    private func isBlind(_ node: ONNXNode) -> Bool {
        node.input.contains { name in
            guard !name.isEmpty else { return false }
            if case .missing = builder.known[name] ?? .missing { return true }
            return false
        }
    }

    private mutating func refuse(_ node: ONNXNode, _ reason: String) {
        fault(
            ImportBuilder.name(of: node), node.opType, reason, advice: Advice.advice(for: node.opType))
        lose(node)
        // What follows can be read all the same where the shape is known.
        if Translator.shapeKeepers.contains(node.opType), let first = node.input.first,
            case .value(var value)? = builder.known[first], let output = node.output.first, keepsShape(node)
        {
            (value.isShared, value.hostSteps) = (true, [])
            switch node.opType {
            case "LRN", "AveragePool", "Softplus": break
            case "Sigmoid", "Softmax", "Exp", "Sqrt": value.isNonNegative = true
            default: value.isNonNegative = false
            }
            builder.define(output, value)
        }
    }

    /// A mean keeps the shape where it steps by 1 and pads SAME.
    private func keepsShape(_ node: ONNXNode) -> Bool {
        guard node.opType == "AveragePool" else { return true }
        let (kernel, pads) = (node.integers("kernel_shape") ?? [], node.integers("pads") ?? [])
        return pads.count == 2 * kernel.count && (node.integers("strides") ?? [1]).allSatisfy { $0 == 1 }
            && kernel.indices.allSatisfy { pads[$0] + pads[$0 + kernel.count] == kernel[$0] - 1 }
    }

    private func lose(_ node: ONNXNode) {
        for name in node.output { builder.known[name] = .missing }
    }

    /// Whether it is one of Softmax and its like, and gives a result of the file that nothing else reads.
    private func isLeftToHost(_ node: ONNXNode) -> Bool {
        guard ["Softmax", "LogSoftmax", "Sigmoid", "ArgMax"].contains(node.opType),
            let output = node.output.first
        else { return false }
        return graph.output.contains { $0.name == output }
            && !graph.node.contains { $0.input.contains(output) }
    }

    /// Softmax and its like behind the last layer: the host computes them.
    private func leaveToHost(_ node: ONNXNode) throws(Refusal) -> Bool {
        guard isLeftToHost(node), let output = node.output.first, let input = node.input.first,
            case .value(var value)? = builder.known[input], value.pending == nil,
            builder.drafts.contains(where: { $0.name == value.source.name && $0.layer.kind != .preprocess })
        else { return false }
        let axis = node.integer("axis", default: opset < 13 ? 1 : -1)
        value.hostSteps.append(
            ONNXReport.HostStep(
                node: ImportBuilder.name(of: node), operator: node.opType,
                axis: axis < 0 ? axis + value.dims.count : axis))
        builder.define(output, value)
        builder.note("left to the host: it is the last operator, and the network gives what it reads")
        return true
    }

    // Results.

    /// An input that is a result by itself or under other axes: a layer has to name it.
    private func renamed(_ value: Value) throws(Refusal) -> Value {
        guard let shape = value.naturalShape, shape.elements == value.shape.elements else {
            throw Refusal("no layer computes it: it is an input")
        }
        var flatten = Flatten()
        flatten.shape = [-1] + shape.dimensions
        var result = try builder.add(.flatten(flatten), reading: value, dims: value.dims, name: "flatten")
        result.hostSteps = value.hostSteps
        return result
    }

    private mutating func readOutputs() {
        for output in graph.output {
            switch builder.known[output.name] {
            case .value(var value)?:
                do throws(Refusal) {
                    value = try builder.settled(value)
                } catch {
                    fault(output.name, "output", error.reason)
                    continue
                }
                if !builder.drafts.contains(where: { $0.name == value.source.name }) {
                    // Behind an operator that was refused the input stands for its result.
                    guard report.faults.isEmpty else { continue }
                    do throws(Refusal) {
                        value = try renamed(value)
                    } catch {
                        fault(output.name, "output", error.reason)
                        continue
                    }
                }
                report.outputs.append(
                    ONNXReport.Output(
                        name: output.name, source: value.source, dims: value.dims, hostSteps: value.hostSteps)
                )
            case .constant?: fault(output.name, "output", "does not depend on data")
            case .missing?, nil: break
            }
        }
        if report.outputs.isEmpty, report.faults.isEmpty {
            fault(graph.output.first?.name ?? "", "output", "nothing in the file computes it")
        }
    }
}
