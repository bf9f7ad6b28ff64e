import Devices
public import Editing
public import QAT
public import Weights

extension WeightOrigin {
    /// The weights of another document; those that are here where none of them changes.
    public func weights(
        of other: Document, formerNames: [String: String] = [:]
    ) throws(EngineError) -> Safetensors {
        if isPlainlySame(other, formerNames) { return weights }
        let carried = try carry(to: other, formerNames: formerNames).weights() ?? weights
        return carried.tensors == weights.tensors ? weights : carried
    }

    private func isPlainlySame(_ other: Document, _ formerNames: [String: String]) -> Bool {
        formerNames.isEmpty && other.device.family == document.device.family
            && other.network == document.network
    }
}

extension EditorState {
    /// The weights of the document, or of one that an edit without renames makes of it; nil where there are none.
    public func weights(of other: Document? = nil) throws(EngineError) -> Safetensors? {
        try origin?.weights(of: other ?? document, formerNames: formerNames)
    }
}
