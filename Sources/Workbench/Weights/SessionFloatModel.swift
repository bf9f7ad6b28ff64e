import Devices
import Graph
public import QAT

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
            let network = path + "/" + Session.floatNetworkFileName
            do {
                return try Disk.size(of: network) != nil
            } catch {
                throw .unreadable(network, reason: "\(error)")
            }
        }
    }

    /// The float model; nil where the session was not quantized from one, or is a network file by itself.
    public func floatModel() throws -> FloatModel? {
        guard path != file else { return nil }
        let (network, numbers) = (
            path + "/" + Session.floatNetworkFileName, path + "/" + Session.floatWeightsFileName
        )
        do {
            guard try Disk.size(of: network) != nil else { return nil }
            let document = try Document(bytes: try Disk.read(network, limit: JSON.sizeLimit))
            let bytes = try Disk.read(numbers, limit: Session.weightsLimit)
            return FloatModel(network: document.network, weights: try Safetensors(bytes: bytes))
        } catch let error as FileError {
            throw SessionError.broken(network, error)
        } catch let error as DiskError {
            throw SessionError.unreadable(network, reason: "\(error)")
        } catch {
            throw SessionError.unreadable(numbers, reason: "\(error)")
        }
    }

    /// Keeps a float model in the place of the one before.
    public func save(floatModel model: FloatModel) throws(SessionError) {
        let folder = try folder()
        let document = Document(network: model.network, device: document.device)
        // The numbers first: without the network they are not looked for.
        for (name, pieces) in [
            (Session.floatWeightsFileName, model.weights.pieces()),
            (Session.floatNetworkFileName, [Array(document.text.utf8)[...]]),
        ] {
            let file = folder + "/" + name
            do {
                try Disk.replace(file, pieces: pieces)
            } catch .unsynced(let reason) {
                throw .unsynced(file, reason: reason)
            } catch {
                throw .unwritable(file, reason: "\(error)")
            }
        }
    }

    /// Removes the float model, for a session whose network and weights are not made of it any more.
    public func discardFloatModel() throws(SessionError) {
        let folder = try folder()
        for name in [Session.floatNetworkFileName, Session.floatWeightsFileName] {
            Disk.discardFile(folder + "/" + name)
        }
    }
}
