// What a model must be, whatever its operators are.
extension ONNXFile {
    /// The newest version of the format that is read.
    static let newestFormat = 14

    /// Throws where the versions are none that exist, or a name stands for two things.
    static func check(_ model: ONNXModel) throws(ONNXError) {
        guard (1...Int64(newestFormat)).contains(model.irVersion) else {
            throw .badFormat(Int(model.irVersion))
        }
        var versions: [String: Int64] = [:]
        for set in model.opsetImport {
            let domain = set.domain == "ai.onnx" ? "" : set.domain
            if let version = versions[domain], version != set.version {
                throw .repeated("the version of operators", domain.isEmpty ? "ai.onnx" : domain)
            }
            versions[domain] = set.version
        }
        if let version = versions[""] {
            guard version >= 1, version <= ONNXImport.newestOpset else {
                throw .impossibleOpset(Int(version))
            }
        }
        try checkNames(model.graph)
    }

    private static func checkNames(_ graph: ONNXGraph) throws(ONNXError) {
        var weights: Set<String> = []
        for tensor in graph.initializer where !weights.insert(tensor.name).inserted {
            throw .repeated("weight", tensor.name)
        }
        var inputs: Set<String> = []
        for input in graph.input where !inputs.insert(input.name).inserted {
            throw .repeated("input", input.name)
        }
        // Older files list their weights among the inputs.
        var given = weights.union(inputs)
        for node in graph.node {
            for name in node.output where !name.isEmpty && !given.insert(name).inserted {
                throw .repeated("tensor", name)
            }
        }
        var outputs: Set<String> = []
        for output in graph.output where !outputs.insert(output.name).inserted {
            throw .repeated("output", output.name)
        }
    }
}
