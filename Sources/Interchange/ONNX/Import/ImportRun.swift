import Graph

/// Reads the operators of a file: once, and where a head is found a second time without it.
struct ImportRun {
    let builder: ImportBuilder
    private(set) var report = ONNXReport()
    /// The head as a model of its own; nil where the host has nothing to compute.
    private(set) var host: ONNXModel?

    init(_ file: ONNXFile, _ options: ONNXImport.Options) throws(ONNXError) {
        let graph = file.model.graph
        let opset =
            file.model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }
            .map { Int($0.version) }.max() ?? 1
        guard opset >= ONNXImport.oldestOpset else { throw .oldOpset(opset) }
        let inputs = try DeclaredInput.all(of: file, sizes: options.sizes)
        let wiring = GraphWiring(file)
        let outputs = graph.output.map(\.name)
        func pass(_ cut: HeadCut, reserved: Set<String> = []) -> ImportPass {
            ImportPass(
                file, wiring, inputs, opset: opset, options: options, places: cut.network, results: cut.ends,
                reserved: reserved)
        }
        let names = ImportRun.names(of: file, wiring)
        for name in options.outputs where !names.contains(name) {
            throw .noTensor(name, nearest: nearest(to: name, among: names.sorted()))
        }
        let whole = HeadCut(wiring, outputs: outputs)
        let first = pass(whole)
        let cut =
            options.outputs.isEmpty
            ? HeadCut(wiring, outputs: outputs, first.outcomes)
            : HeadCut(wiring, outputs: outputs, at: options.outputs.uniqued)
        let isWhole = cut.host.isEmpty && cut.ends == whole.ends
        let reserved = Set(cut.host.flatMap { wiring.nodes[$0].output } + (cut.host.isEmpty ? [] : outputs))
        let run = isWhole ? first : pass(cut, reserved: reserved)
        builder = run.builder
        report.faults = run.faults
        report.inputs = run.inputs
        report.producer = [file.model.producerName, file.model.producerVersion].filter { !$0.isEmpty }
            .joined(separator: " ")
        report.opset = opset
        report.nodes = graph.node.count
        func step(_ place: Int) -> ONNXReport.Step {
            let node = wiring.nodes[place]
            return ONNXReport.Step(node: ImportBuilder.name(of: node), operator: node.opType)
        }
        report.host = cut.host.map(step)
        report.gone = cut.gone.map(step)
        report.lostOutputs = cut.lostOutputs
        let ends = readResults(cut)
        tidy()
        builder.openEnds()
        report.notes = builder.notes
        if file.coded > 0 {
            report.notes.append(
                ONNXReport.Note(
                    node: "\(file.coded) operators", operator: "codes",
                    text:
                        "what the file computes on codes became the same on the numbers that they stand for; what it quantizes while it runs stays in float here",
                    kind: .accuracy))
        }
        if !report.faults.isEmpty, options.outputs.isEmpty {
            report.proposal = try CutProposal.found(file, wiring, run.outcomes, options)
        }
        if report.faults.isEmpty, !cut.host.isEmpty {
            host =
                HostPart(
                    file, wiring, cut, ends, hasOpenBatch: inputs.allSatisfy(\.hasOpenBatch),
                    shapes: { name in
                        if case .constant(let tensor)? = first.builder.known[name] { tensor } else { nil }
                    }
                ).model
        }
    }

    /// Leaves out joins that nothing reads, and says what the file does to its inputs.
    private mutating func tidy() {
        let moved = builder.mergeSplits(keeping: Set(report.outputs.map(\.source)))
        for index in report.outputs.indices {
            let source = report.outputs[index].source
            report.outputs[index].source = moved[source] ?? source
        }
        for index in report.inputs.indices {
            let reader = builder.drafts.first { $0.inputs.first?.name == report.inputs[index].input }
            guard let entry = reader.flatMap({ builder.entries[$0.name] }) else { continue }
            (report.inputs[index].scale, report.inputs[index].shift) = entry
        }
    }

    /// The tensors that depend on data.
    private static func names(of file: ONNXFile, _ wiring: GraphWiring) -> Set<String> {
        wiring.inputs.union(
            wiring.nodes.indices.filter { wiring.dependsOnData[$0] }.flatMap { wiring.nodes[$0].output })
    }

    private mutating func fault(_ name: String, _ reason: String) {
        report.faults.append(
            ONNXReport.Fault(node: name, operator: "output", reason: reason, advice: ""))
    }
}

// Results.
extension ImportRun {
    /// Finds the layers of the tensors at the cut.
    private mutating func readResults(_ cut: HeadCut) -> [HostPart.End] {
        let isCut = !report.faults.isEmpty
        var ends: [(name: String, value: Value)] = []
        var given: [(name: String, value: Value)] = []
        for name in cut.ends {
            switch builder.known[name] {
            case .value(let value)?: given.append((name, value))
            case .constant?: fault(name, "does not depend on data")
            case nil: fault(name, "nothing in the file computes it")
            case .missing?: break
            }
        }
        for ((name, _), result) in zip(given, builder.ended(given.map(\.value))) {
            switch result {
            case .success(let value) where builder.substitutes.contains(value.source.name): break
            case .success(let value): ends.append((name, value))
            case .failure(let refusal): fault(name, refusal.reason)
            }
        }
        if cut.ends.isEmpty { fault("", "the file has no result") }
        if !isCut {
            do throws(Refusal) {
                try builder.settleFactors()
                for index in ends.indices {
                    ends[index].value.source = try builder.settled(ends[index].value.source)
                }
            } catch {
                fault("", error.reason)
            }
        }
        guard !isCut else {
            // Inputs stand for what was refused: nothing behind them is a result.
            builder.dropUnreadPlaceholders()
            report.substitutes = builder.substitutes
            ends.removeAll { !builder.isLayer($0.value.source.name) }
            report.outputs = ends.map {
                ONNXReport.Output(name: $0.name, source: $0.value.source, dims: $0.value.dims)
            }
            return []
        }
        builder.removeUnneeded(for: ends.map(\.value.source))
        let inner = builder.readNames
        let read = ends.map { inner.contains($0.value.source.name) }
        var found: [HostPart.End] = []
        var layers: [Source: Value] = [:]
        for ((name, value), isRead) in zip(ends, read) {
            do throws(Refusal) {
                let known = layers[value.source]
                let end = if let known { known } else { try end(value, isRead: isRead) }
                layers[value.source] = end
                let given = [builder.batch] + end.shape.dimensions
                report.outputs.append(
                    ONNXReport.Output(
                        name: name, source: end.source, dims: cut.host.isEmpty ? value.dims : given))
                found.append(
                    HostPart.End(
                        tensor: name, source: end.source, dims: value.dims, given: given,
                        codes: value.isWhole ? nil : value.codes))
            } catch {
                fault(name, error.reason)
            }
        }
        let names = Set(builder.inputs.map(\.name))
        report.inputs.removeAll { !names.contains($0.input) }
        return found
    }

    /// A layer whose result is the network's: an input, or a layer that others read as well, gets one behind it that
    /// changes nothing.
    private func end(_ value: Value, isRead: Bool) throws(Refusal) -> Value {
        if builder.isLayer(value.source.name), !isRead { return value }
        let name = "\(value.source.name)_result"
        let isLayer = builder.isLayer(value.source.name)
        if isLayer, case .map = value.shape {
            var end = value
            end.source = try builder.add(.route(Route()), reading: [value], name: name)[0].source
            return end
        }
        let natural = isLayer ? value.shape : value.naturalShape
        guard let shape = natural, shape.elements == value.shape.elements else {
            throw Refusal("no layer computes it: it is an input")
        }
        var flatten = Flatten()
        flatten.shape = [-1] + shape.dimensions
        return try builder.add(.flatten(flatten), reading: value, dims: value.dims, name: name)
    }
}

extension Array where Element: Hashable {
    /// The elements, each at its first place alone.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
