import Foundation

/// Weights that a model keeps in other files: only files beside the model are read, by their name alone.
struct ExternalData {
    /// The folder of the model.
    let folder: String
    private var files: [String: [UInt8]] = [:]

    /// The files beside a model.
    init(folder: String) { self.folder = folder.isEmpty ? "." : folder }

    /// The bytes of a tensor that lies in a file beside the model.
    mutating func bytes(of tensor: ONNXTensorProto) throws(ONNXError) -> ArraySlice<UInt8> {
        var entries: [String: String] = [:]
        for entry in tensor.externalData { entries[entry.key] = entry.value }
        let location = entries["location"] ?? ""
        guard !location.isEmpty, location != ".", location != "..", !location.contains("/"),
            !location.contains("\\"), !location.contains("\0")
        else { throw .externalElsewhere(tensor: tensor.name, location: location) }
        let path = folder + "/" + location
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw .externalMissing(tensor: tensor.name, location: location)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .externalElsewhere(tensor: tensor.name, location: location)
        }
        let file: [UInt8]
        if let known = files[location] {
            file = known
        } else {
            file = try FileBytes.read(path, limit: ONNXFile.sizeLimit)
            files[location] = file
        }
        let offset = entries["offset"].map { Int($0) ?? -1 } ?? 0
        let length = entries["length"].map { Int($0) ?? -1 } ?? (file.count - offset)
        guard offset >= 0, length >= 0, offset <= file.count, length <= file.count - offset else {
            throw .externalCut(tensor: tensor.name, location: location)
        }
        return file[offset..<offset + length]
    }
}
