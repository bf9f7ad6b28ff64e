import SwiftProtobuf

/// An export of ours and the head that the host computes, as one model whose results are those of the model that both came
/// from.
extension ONNXExport {
    /// The version of operators that an export must at least have to stand in front of a head.
    public static func opset(for host: [UInt8]) throws(ONNXError) -> Int {
        let version = version(of: try decoded(host))
        return opsets.first { $0 >= version } ?? opsets[opsets.count - 1]
    }

    /// The export with the head behind it. Throws where the head reads what the network does not give.
    public func joined(with host: [UInt8]) throws(ONNXError) -> ONNXExport {
        let host = try ONNXExport.decoded(host)
        var joined = model
        try check(host.graph)
        let versions = (ONNXExport.version(of: model), ONNXExport.version(of: host))
        let version = max(versions.0, versions.1)
        let own = Set(model.graph.node.flatMap(\.output) + model.graph.initializer.map(\.name))
            .union(model.graph.input.map(\.name))
        if let name = host.graph.output.map(\.name).first(where: own.contains) {
            throw .network("layer '\(name)' has the name of a result of the host's part: rename the layer")
        }
        let inputs = Set(host.graph.input.map(\.name))
        var graph = try ONNXExport.graph(host.graph, apart: own.subtracting(inputs))
        graph = try OpsetUpgrade.graph(graph, from: versions.1, to: version, taken: own)
        joined.graph.node += graph.node
        joined.graph.initializer += graph.initializer
        joined.graph.output =
            model.graph.output.filter { !inputs.contains($0.name) || keepsAll } + graph.output
        // Where the head is for one number of samples, so is the whole.
        if let batch = host.graph.input.first?.type.tensorType.shape.dim.first, batch.dimValue > 0 {
            for place in joined.graph.input.indices {
                joined.graph.input[place].type.tensorType.shape.dim[0] = batch
            }
        }
        joined.opsetImport = host.opsetImport.filter { !["", "ai.onnx"].contains($0.domain) }
        var operators = ONNXOperatorSet()
        operators.version = Int64(version)
        joined.opsetImport.insert(operators, at: 0)
        joined.functions = host.functions
        joined.irVersion = max(model.irVersion, host.irVersion)
        joined.metadataProps.removeAll { $0.key == Key.network }
        return ONNXExport(joined, keepsAll: keepsAll)
    }

    private static func decoded(_ host: [UInt8]) throws(ONNXError) -> ONNXModel {
        do {
            return try ONNXModel(serializedBytes: host)
        } catch {
            throw .undecodable("\(error)")
        }
    }

    private static func version(of model: ONNXModel) -> Int {
        model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }.map { Int($0.version) }.max() ?? 1
    }

    private func check(_ host: ONNXGraph) throws(ONNXError) {
        for input in host.input {
            let axes = input.type.tensorType.shape.dim.dropFirst().map(\.dimValue)
            guard let output = model.graph.output.first(where: { $0.name == input.name }) else {
                throw .network("the host's part reads '\(input.name)', which is no result of the network")
            }
            let given = output.type.tensorType.shape.dim.dropFirst().map(\.dimValue)
            guard given == axes else {
                throw .network("the host's part reads '\(input.name)' as \(axes), the network gives \(given)")
            }
        }
    }

    /// The head under names that the network does not have.
    private static func graph(_ graph: ONNXGraph, apart own: Set<String>) throws(ONNXError) -> ONNXGraph {
        var taken = own.union(graph.node.flatMap { $0.input + $0.output }).union(
            graph.initializer.map(\.name))
        var names: [String: String] = [:]
        for name in graph.node.flatMap(\.output) + graph.initializer.map(\.name) where own.contains(name) {
            var free = "\(name)_host"
            var number = 2
            while !taken.insert(free).inserted {
                free = "\(name)_host\(number)"
                number += 1
            }
            names[name] = free
        }
        guard !names.isEmpty else { return graph }
        var graph = graph
        graph.node = graph.node.map { node in
            var node = node.renaming(names)
            node.output = node.output.map { names[$0] ?? $0 }
            return node
        }
        for place in graph.initializer.indices {
            let name = graph.initializer[place].name
            graph.initializer[place].name = names[name] ?? name
        }
        return graph
    }
}
