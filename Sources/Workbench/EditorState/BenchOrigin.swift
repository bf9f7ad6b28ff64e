import Graph
public import QAT

/// Weights of a document that a person went through, from which those of the later ones are carried.
struct BenchOrigin: Sendable {
    /// The weights with their document.
    var weights: WeightOrigin
    /// The first names of the layers and inputs of that document.
    var names: History.FirstNames
    /// The float model that the document was quantized from; nil where it was not.
    var floatModel: FloatModel?
    /// Steps that lead to the document; earlier ones have other weights.
    var position: Int
}

// Weights, which follow every change.
extension EditorState {
    /// Carries weights from the document that was saved last, which they are of; nil for none. `floatModel` is what that
    /// document was quantized from.
    public mutating func setOrigin(_ origin: WeightOrigin?, floatModel: FloatModel? = nil) {
        origins =
            origin.map {
                [
                    BenchOrigin(
                        weights: $0, names: history.savedFirstNames, floatModel: floatModel, position: 0)
                ]
            } ?? []
        forgetCarryNotes()
    }

    /// Takes a quantized network over as a step, with its numbers and the float model that it came from; taking the step
    /// back brings those from before. False where the network and its numbers stay as they are.
    @discardableResult
    public mutating func adopt(_ result: CalibrationResult, at time: Double) -> Bool {
        let made = document.adopting(result)
        guard made != document || origin?.weights != result.weights else { return false }
        _ = commit(made, title: "quantize from data", focus: .init(), isForced: true, at: time)
        origins.append(
            BenchOrigin(
                weights: WeightOrigin(document, weights: result.weights), names: history.firstNames,
                floatModel: result.float, position: history.position))
        forgetCarryNotes()
        return true
    }

    /// The weights that those of the document are carried from; nil where there are none.
    public var origin: WeightOrigin? { currentOrigin?.weights }

    /// The float model that the document was quantized from; nil where it was not.
    public var floatModel: FloatModel? { currentOrigin?.floatModel }

    var currentOrigin: BenchOrigin? { origins.last { $0.position <= history.position } }

    /// The names that layers and inputs have in the document of the weights, by their names now, where they differ.
    public var formerNames: [String: String] { history.formerNames(since: currentOrigin?.names ?? [:]) }

    /// The weights of the document, or of one that an edit without renames makes of it; nil where there are none.
    public func weights(of other: Document? = nil) throws(EngineError) -> Safetensors? {
        try origin?.weights(of: other ?? document, formerNames: formerNames)
    }
}
