import Devices
import Editing
import Graph
import Platform
import QAT
public import Weights

/// The float model that a session was quantized from: `float.json` and `float.safetensors`.
extension Session {
    /// The file that holds the float network, in the form of `network.json`.
    public static let floatNetworkFileName = "float.json"
    /// The file that holds its numbers.
    public static let floatWeightsFileName = "float.safetensors"

    /// Whether the session was quantized from a float model.
    public var hasFloatModel: Bool {
        get throws(SessionError) {
            guard path != file else { return false }
            let files = try files()
            do {
                return try files.size(of: Session.floatNetworkFileName) != nil
            } catch {
                throw .unreadable(files.path(of: Session.floatNetworkFileName), reason: "\(error)")
            }
        }
    }

    /// The float model; nil where the session was not quantized from one, or is a network file by itself.
    public func floatModel() throws -> FloatModel? {
        guard path != file else { return nil }
        let files = try files()
        let network = Session.floatNetworkFileName
        let numbers = Session.floatWeightsFileName
        let document: Document
        do {
            guard let bytes = try files.readIfThere(network, limit: JSON.sizeLimit) else { return nil }
            document = try Document(bytes: bytes)
        } catch let error as FileError {
            throw SessionError.broken(files.path(of: network), error)
        } catch {
            throw SessionError.unreadable(files.path(of: network), reason: "\(error)")
        }
        do {
            let bytes = try files.read(numbers, limit: Session.weightsLimit)
            return FloatModel(network: document.network, weights: try Safetensors(bytes: bytes))
        } catch {
            throw SessionError.unreadable(files.path(of: numbers), reason: "\(error)")
        }
    }

    /// Keeps a float model in place of the previous one.
    public func save(floatModel model: FloatModel) throws(SessionError) {
        let document = Document(network: model.network, device: document.device)
        // The numbers first: without the network they are not looked for.
        try replace(Session.floatWeightsFileName, pieces: model.weights.pieces())
        try replace(Session.floatNetworkFileName, pieces: [Array(document.text.utf8)[...]])
    }

    /// Removes the float model, for a session whose network and weights are not made of it any more.
    public func discardFloatModel() throws(SessionError) {
        let files = try files()
        for name in [Session.floatNetworkFileName, Session.floatWeightsFileName] { files.discard(name) }
    }
}
