import Graph
import QAT

/// A network as a class of Python: a module for each layer that computes, and `forward` in the order of evaluation.
final class TorchClass {
    let title: String
    let analysis: Analysis
    let target: TorchExport.Target
    private(set) var text = ""
    /// By a source, the variable that holds it in `forward`.
    private var variables: [Source: String] = [:]
    /// Sources whose values lie on the grid of their signal: a quantizer of the network gave them.
    private var onGrid: Set<Source> = []
    private var index = 0

    var node: Node { analysis.network.nodes[index] }
    var facts: SignalAnalysis.Facts { analysis.facts.nodes[index] }
    /// The signal of the results.
    var signal: Signal { facts.output }
    /// The shape of the layer's first input.
    var input: Shape { analysis.shapes.known(index)?.first ?? .vector(1) }
    /// The shapes of its results.
    var outputs: [Shape] { analysis.shapes.outputs(of: index) }

    init(_ network: Network, title: String, for target: TorchExport.Target) throws(TorchError) {
        self.title = title
        self.target = target
        analysis = Analysis(network, on: target.family)
        if let cyclic = analysis.order.cyclic.first {
            throw .layer(network.nodes[cyclic].name, reason: "it lies on a cycle")
        }
        for index in network.nodes.indices {
            if let failure = analysis.shapes.failure(index) {
                throw .layer(network.nodes[index].name, reason: "\(failure)")
            }
        }
        try write()
    }

    private func write() throws(TorchError) {
        let network = analysis.network
        var names = PythonNames(besides: PythonNames.reserved)
        for input in network.inputs { variables[Source(input.name)] = names.name(for: input.name) }
        var modules: [String] = []
        var calls: [String] = []
        var renamed: [(String, String)] = []
        for position in analysis.order.evaluation {
            index = position
            let name = names.name(for: node.name)
            let results = outputs.indices.map { Source(node.name, output: $0) }
            for source in results {
                variables[source] = source.output == 0 ? name : names.name(for: "\(name)_\(source.output)")
            }
            let arriving = node.inputs.map { variables[$0] ?? $0.name }
            let assigned = results.map { variables[$0] ?? $0.name }.joined(separator: ", ") + " = "
            switch try step(arriving) {
            case .module(let module):
                modules.append(module.lines(after: "self.\(name) = ", indent: 8))
                calls.append("        \(assigned)self.\(name)(\(arriving.joined(separator: ", ")))")
                if name != node.name { renamed.append((name, node.name)) }
            case .expression(let expression): calls.append("        \(assigned)\(expression)")
            }
            if isOnGrid { onGrid.formUnion(results) }
        }
        let last = network.nodes.indices.filter { analysis.facts.nodes[$0].isLast }.flatMap { place in
            outputs(of: place).map { variables[Source(network.nodes[place].name, output: $0)] ?? "" }
        }
        let arguments = network.inputs.map { variables[Source($0.name)] ?? "" }
        text =
            ([head(arguments, renamed)] + modules + [
                "", "    def forward(self, \(arguments.joined(separator: ", "))):",
            ])
            .joined(separator: "\n")
        text += "\n" + (calls + ["        return \(last.joined(separator: ", "))"]).joined(separator: "\n")
    }

    /// The numbers of a layer's results.
    private func outputs(of place: Int) -> Range<Int> {
        analysis.shapes.outputs(of: place).indices
    }

    private func head(_ arguments: [String], _ renamed: [(String, String)]) -> String {
        let network = analysis.network
        let shapes = zip(arguments, network.inputs).map { _, input in
            "\(PythonCall.literal(input.name)): \(PythonCall.literal(input.shape.dimensions))"
        }
        let normal = network.normalization
        let parameters = analysis.cost.total.parameters
        var lines = [
            "class \(title)(Base):",
            "    \"\"\"\(network.nodes.count) layers, \(parameters) parameters.\"\"\"", "",
            "    digest = \"\(network.digest)\"", "    inputs = {\(shapes.joined(separator: ", "))}",
            "    mean, variance = \(normal.mean), \(normal.variance)",
        ]
        if let task = network.task.json {
            lines.append("    task = \(task.python(indent: 4))")
            let results = network.nodes.indices.filter { analysis.facts.nodes[$0].isLast }.flatMap { place in
                outputs(of: place).map {
                    $0 == 0 ? network.nodes[place].name : "\(network.nodes[place].name):\($0)"
                }
            }
            lines.append("    results = [\(results.map(PythonCall.literal).joined(separator: ", "))]")
        }
        if !renamed.isEmpty {
            lines.append("    # Layers whose names are none in Python.")
            let pairs = renamed.map { "\(PythonCall.literal($0)): \(PythonCall.literal($1))" }
            lines.append("    layer_names = {\(pairs.joined(separator: ", "))}")
        }
        return (lines + ["", "    def __init__(self):", "        super().__init__()"]).joined(separator: "\n")
    }

    /// Whether the results of the layer lie on the grid of their signal.
    private var isOnGrid: Bool {
        if node.kind == .lstm { return false }
        if case .unpool2D(let settings) = node.layer, settings.mode == .bilinear { return false }
        return switch node.kind.type.role {
        case .entry: false
        case .learning, .combining: !signal.isFloat
        case .passing: node.inputs.allSatisfy(onGrid.contains)
        }
    }

    /// The whole steps from 0 to 1 of an input, where its values lie on its grid; 0 where they do not.
    func steps(ofInput place: Int) -> Int {
        guard onGrid.contains(node.inputs[place]) else { return 0 }
        return levels(of: facts.inputs[place])
    }

    /// The steps that both inputs have; 0 where they differ.
    var sharedSteps: Int { steps(ofInput: 0) == steps(ofInput: 1) ? steps(ofInput: 0) : 0 }

    /// The whole steps from 0 to 1 of a grid.
    func levels(of signal: Signal) -> Int {
        QuantizationGrid(signal, on: target.family)?.levels ?? 1
    }
}

extension Network {
    /// What the loader does to each value: that of the Preprocess that reads the network's input.
    fileprivate var normalization: Preprocess {
        for node in nodes {
            if case .preprocess(let settings) = node.layer { return settings }
        }
        return Preprocess()
    }
}
