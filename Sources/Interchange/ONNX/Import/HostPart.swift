import Foundation
import Graph

/// The head of a model as a model of its own, whose inputs are the network's results.
struct HostPart {
    /// A result of the network: the tensor of the file that it is, the layer, and the axes that it has there.
    struct End {
        var tensor: String
        var source: Source
        /// The axes in the file.
        var dims: [Int]
        /// The axes of the network's result, the batch first.
        var given: [Int]
        /// The codes that the tensor holds in the file, where the network gives the numbers that they stand for.
        var codes: Value.Codes?
    }

    private let file: ONNXFile
    private let wiring: GraphWiring
    private let ends: [String: End]
    private let hasOpenBatch: Bool
    private let shapes: (String) -> ONNXTensor?
    private var graph = ONNXGraph()
    /// What names of the file are called here.
    private var renamed: [String: String] = [:]
    private var taken: Set<String>

    /// The head of a file behind `ends`; `shapes` gives a shape that the file computes, by its name.
    init(
        _ file: ONNXFile, _ wiring: GraphWiring, _ cut: HeadCut, _ ends: [End], hasOpenBatch: Bool,
        shapes: @escaping (String) -> ONNXTensor?
    ) {
        self.file = file
        self.wiring = wiring
        self.shapes = shapes
        self.hasOpenBatch = hasOpenBatch
        self.ends = [String: End](ends.map { ($0.tensor, $0) }) { first, _ in first }
        taken = Set(wiring.nodes.flatMap { $0.output + $0.input } + ends.map(\.source.description))
        let outputs = file.model.graph.output.filter { !cut.lostOutputs.contains($0.name) }
        graph.name = "host"
        addInputs(ends, outputs: Set(outputs.map(\.name)))
        addNodes(cut.host, needed: outputs.map(\.name).filter { !wiring.isVariable($0) })
        graph.output = outputs
    }

    /// The model.
    var model: ONNXModel {
        var model = file.model
        model.graph = graph
        model.producerName = ONNXExport.producer
        model.producerVersion = ""
        model.metadataProps = []
        model.docString = ""
        // Before version 4 every weight had to be an input as well.
        model.irVersion = max(model.irVersion, 4)
        return model
    }

    /// Declares the network's results, and gives those that the file names otherwise or under other axes its names.
    private mutating func addInputs(_ ends: [End], outputs: Set<String>) {
        var declared: Set<String> = []
        for end in ends {
            let name = end.source.description
            if declared.insert(name).inserted { graph.input.append(port(name, end.given)) }
            let isNamed = end.dims == end.given
            if !isNamed {
                let target = constant([-1] + end.dims.dropFirst())
                add("Reshape", [name, target], into: end.codes == nil ? end.tensor : "\(end.tensor)_numbers")
            }
            if let codes = end.codes {
                let given = isNamed ? name : "\(end.tensor)_numbers"
                add("QuantizeLinear", [given] + constants(codes, of: end.tensor), into: end.tensor)
            } else if !isNamed {
                continue
            } else if outputs.contains(end.tensor) {
                add("Identity", [name], into: end.tensor)
            } else {
                renamed[end.tensor] = name
            }
        }
    }

    /// Adds the operators, and those that compute what they read and does not depend on data.
    private mutating func addNodes(_ host: [Int], needed: [String]) {
        let isHost = Set(host)
        var places = isHost
        var open = host.flatMap { wiring.reads[$0] } + needed
        var weights: Set<String> = []
        while let name = open.popLast() {
            guard let place = wiring.makers[name] else {
                if file.initializers[name] != nil { weights.insert(name) }
                continue
            }
            guard !wiring.dependsOnData[place], places.insert(place).inserted else { continue }
            if isReachable(place, isHost) { open += wiring.reads[place] }
        }
        for place in places.sorted() {
            var node = wiring.nodes[place]
            if !isReachable(place, isHost) {
                if let output = node.output.first { add(shape: output) }
                continue
            }
            node = node.renaming(renamed)
            graph.node.append(node)
        }
        for name in needed where file.initializers[name] != nil {
            // A weight is no result by itself.
            let copy = free("\(name)_weight")
            add("Identity", [copy], into: name)
            renamed[name] = copy
        }
        for name in weights.sorted() {
            guard var message = file.message(of: name) else { continue }
            message.name = needed.contains(name) ? renamed[name] ?? name : name
            graph.initializer.append(message)
        }
    }

    /// Whether all that an operator reads is here; a shape may be that of a tensor inside the network.
    private func isReachable(_ place: Int, _ isHost: Set<Int>) -> Bool {
        wiring.variables(of: place).allSatisfy { name in
            ends[name] != nil || (wiring.makers[name].map(isHost.contains) ?? false)
        }
    }

    /// A shape of a tensor inside the network: its numbers, of which the first is the batch.
    private mutating func add(shape name: String) {
        guard let tensor = shapes(name), let input = graph.input.first?.name else { return }
        let sizes = tensor.integers
        let node = wiring.makers[name].map { wiring.nodes[$0] }
        let isWhole = node?.opType == "Shape" && node?.attribute.isEmpty ?? false
        guard hasOpenBatch, isWhole, sizes.count > 1 else {
            add(integers: sizes, dims: tensor.dims, named: name)
            return
        }
        let whole = add("Shape", [input], into: free("\(name)_given"))
        let batch = add("Gather", [whole, constant([0])], into: free("\(name)_batch"))
        add("Concat", [batch, constant(Array(sizes.dropFirst()))], [.integer("axis", 0)], into: name)
    }
}

// Writing.
extension HostPart {
    @discardableResult
    private mutating func add(
        _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], into output: String
    ) -> String {
        var node = ONNXNode()
        node.opType = type
        node.input = inputs
        node.output = [output]
        node.attribute = attributes
        graph.node.append(node)
        return output
    }

    private mutating func constant(_ values: [Int]) -> String {
        let name = free("sizes_\(values.map(String.init).joined(separator: "_"))")
        add(integers: values, dims: [values.count], named: name)
        return name
    }

    /// The step and the zero point of codes.
    private mutating func constants(_ codes: Value.Codes, of tensor: String) -> [String] {
        var step = ONNXTensorProto()
        step.name = free("\(tensor)_step")
        step.dataType = ONNXElementType.float.rawValue
        step.floatData = [codes.step]
        var zero = ONNXTensorProto()
        zero.name = free("\(tensor)_zero")
        zero.dataType = (codes.isSigned ? ONNXElementType.int8 : .uint8).rawValue
        zero.int32Data = [Int32(clamping: codes.zero)]
        graph.initializer += [step, zero]
        return [step.name, zero.name]
    }

    private mutating func add(integers values: [Int], dims: [Int], named name: String) {
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = dims.map(Int64.init)
        tensor.dataType = ONNXElementType.int64.rawValue
        tensor.int64Data = values.map(Int64.init)
        graph.initializer.append(tensor)
    }

    /// Declares a result of the network.
    private func port(_ name: String, _ dims: [Int]) -> ONNXValueInfo {
        var port = ONNXValueInfo()
        port.name = name
        port.type.tensorType.elemType = ONNXElementType.float.rawValue
        port.type.tensorType.shape.dim = dims.enumerated().map { place, size in
            var axis = ONNXTensorShape.Dimension()
            if place == 0, hasOpenBatch { axis.dimParam = "batch" } else { axis.dimValue = Int64(size) }
            return axis
        }
        return port
    }

    private mutating func free(_ stem: String) -> String {
        var name = stem
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(stem)_\(number)"
            number += 1
        }
        return name
    }
}

extension ONNXNode {
    /// The operator with what it reads under other names, inside its graphs too.
    func renaming(_ names: [String: String]) -> ONNXNode {
        guard !names.isEmpty else { return self }
        var node = self
        node.input = input.map { names[$0] ?? $0 }
        for place in node.attribute.indices where node.attribute[place].hasG {
            node.attribute[place].g = node.attribute[place].g.renaming(names)
        }
        return node
    }
}

extension ONNXGraph {
    /// The inner graph with what it takes from outside under other names.
    fileprivate func renaming(_ names: [String: String]) -> ONNXGraph {
        let own = Set(input.map(\.name) + initializer.map(\.name) + node.flatMap(\.output))
        let outer = names.filter { !own.contains($0.key) }
        var graph = self
        graph.node = node.map { $0.renaming(outer) }
        graph.output = output.map { port in
            var port = port
            port.name = outer[port.name] ?? port.name
            return port
        }
        return graph
    }
}
