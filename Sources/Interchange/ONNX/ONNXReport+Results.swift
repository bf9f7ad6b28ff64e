public import Graph
import QAT
public import Weights

// Computing an imported network, to compare it with what the file's own program says.
extension ONNXReport {
    /// What the network gives in float for tensors that have the names and axes of the file's inputs, under the names of
    /// its own layers; what the host computes is not computed. Throws where a tensor is missing or has other axes.
    public func results(
        of network: Network, weights: Safetensors, on tensors: Safetensors
    ) throws -> Safetensors {
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        try Checkpoint.load(weights, into: store)
        var batch: Int?
        for input in inputs {
            guard let tensor = tensors[input.name] else { throw SafetensorsError.missing(tensor: input.name) }
            batch = batch ?? tensor.shape.first
            guard tensor.shape.dropFirst() == input.dims.dropFirst(), tensor.shape.first == batch else {
                throw SafetensorsError.wrongShape(
                    tensor: input.name, shape: tensor.shape, expected: input.dims)
            }
        }
        var options = Program.Options(batch: batch ?? 1)
        options.isQuantized = false
        options.keepsValues = true
        let program = try Program(analysis, store: store, options: options)
        for (port, input) in zip(program.inputs, inputs) {
            guard let tensor = tensors[input.name] else { continue }
            let values =
                switch tensor.dtype {
                case .int64: try tensor.values(as: Int64.self).map(Float.init)
                case .int32: try tensor.values(as: Int32.self).map(Float.init)
                case .uint8: try tensor.values(as: UInt8.self).map(Float.init)
                case .int8: try tensor.values(as: Int8.self).map(Float.init)
                case .float32, .float64, .float16, .bfloat16, .bool, .int16, .uint16, .uint32, .uint64:
                    try tensor.numbers()
                }
            let entered =
                input.scale == 1 && input.shift == 0 ? values : values.map { $0 * input.scale + input.shift }
            let ordered =
                input.isChannelsLast
                ? entered : Program.channelsLast(entered, port.shape, batch: options.batch)
            _ = port.values.update(fromContentsOf: ordered)
        }
        try program.forward(.evaluation)
        var given: Set<Source> = []
        return Safetensors(
            try outputs.filter { given.insert($0.source).inserted }.map { output in
                guard let values = program.values(of: output.source.name, output: output.source.output) else {
                    throw ONNXError.network("layer '\(output.source.name)' gives nothing")
                }
                return Safetensors.Tensor(
                    output.source.description, values, shape: [options.batch] + output.dims.dropFirst())
            })
    }
}
