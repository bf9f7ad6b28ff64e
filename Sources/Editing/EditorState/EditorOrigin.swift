import Graph
public import Weights

/// Weights of a document that a person went through, from which those of the later ones are carried.
struct EditorOrigin: Sendable {
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
                    EditorOrigin(
                        weights: $0, names: history.savedFirstNames, floatModel: floatModel, position: 0)
                ]
            } ?? []
        forgetCarryNotes()
    }

    /// Makes a document with its own weights the next step, with the float model that it was quantized from; taking the
    /// step back brings those from before. False where document and weights stay as they are.
    package mutating func adopt(
        _ made: Document, weights: Safetensors, floatModel: FloatModel?, title: String, at time: Double
    ) -> Bool {
        guard made != document || origin?.weights != weights else { return false }
        _ = commit(made, title: title, focus: .init(), isForced: true, at: time)
        origins.append(
            EditorOrigin(
                weights: WeightOrigin(document, weights: weights), names: history.firstNames,
                floatModel: floatModel, position: history.position))
        forgetCarryNotes()
        return true
    }

    /// The weights that those of the document are carried from; nil where there are none.
    public var origin: WeightOrigin? { currentOrigin?.weights }

    /// The float model that the document was quantized from; nil where it was not.
    public var floatModel: FloatModel? { currentOrigin?.floatModel }

    var currentOrigin: EditorOrigin? { origins.last { $0.position <= history.position } }

    /// The names that layers and inputs have in the document of the weights, by their names now, where they differ.
    public var formerNames: [String: String] { history.formerNames(since: currentOrigin?.names ?? [:]) }
}
