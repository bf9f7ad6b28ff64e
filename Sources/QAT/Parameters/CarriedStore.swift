import Graph
public import Weights

extension Carry {
    /// The weights of the new network; layers that start anew are drawn with the seed. Nil where no weights were given.
    public func weights(seed: UInt64 = 1) throws(EngineError) -> Safetensors? {
        guard let metadata else { return nil }
        let store = ParameterStore(after)
        store.initialize(seed: seed)
        for (name, values) in numbers { try store.set(name, to: values) }
        var carried = Checkpoint.weights(store, digest: after.network.digest)
        for (key, text) in metadata where carried.metadata[key] == nil { carried.metadata[key] = text }
        return carried
    }
}
