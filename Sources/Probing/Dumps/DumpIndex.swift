import Graph
import Platform

/// The index of a dump, checked.
struct DumpIndex {
    struct Entry {
        let name: String
        let shape: [Int]
        let type: DumpType
        let file: String
        let md5: String
    }

    private static let sizeLimit = 64 << 20
    let folder: String
    let entries: [Entry]

    init(_ folder: String) throws(DumpError) {
        self.folder = folder
        let path = folder + "/" + FeatureDump.indexName
        let json: JSON
        do {
            json = try JSON(
                bytes: try Disk.read(path, limit: DumpIndex.sizeLimit), limit: DumpIndex.sizeLimit)
        } catch let error as DiskError {
            throw .unreadable(path, reason: "\(error)")
        } catch {
            throw .index(path, reason: "\(error)")
        }
        guard json["format"] == .string(FeatureDump.format), case .array(let layers)? = json["layers"] else {
            throw .index(path, reason: "is no index of a dump; 'magikbench dump' makes one")
        }
        var entries: [Entry] = []
        for layer in layers {
            guard let entry = Entry(layer) else {
                throw .index(
                    path,
                    reason:
                        "layer \(entries.count + 1) needs layer, shape, type (uint8, int8, uint16, int16 or float32), file and md5"
                )
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// The numbers of a result. Throws where the file is not as long as the index says, or has another checksum.
    func bytes(of entry: Entry) throws(DumpError) -> [UInt8] {
        let path = folder + "/" + entry.file
        let wanted = entry.shape.reduce(entry.type.size, *)
        let bytes: [UInt8]
        do {
            bytes = try Disk.read(path, limit: max(1, wanted))
        } catch {
            throw .unreadable(path, reason: "\(error)")
        }
        guard bytes.count == wanted else {
            throw .file(
                path,
                reason:
                    "has \(bytes.count) bytes, and \(entry.shape.text) of \(entry.type.rawValue) are \(wanted)"
            )
        }
        let digest = MD5.digest(bytes)
        guard entry.md5.isEmpty || digest == entry.md5.lowercased() else {
            throw .file(path, reason: "has md5 \(digest), and the index says \(entry.md5.oneLine(upTo: 64))")
        }
        return bytes
    }
}

extension DumpIndex.Entry {
    fileprivate init?(_ json: JSON) {
        guard case .string(let layer)? = json["layer"], case .array(let axes)? = json["shape"],
            case .string(let word)? = json["type"], let type = DumpType(rawValue: word),
            case .string(let file)? = json["file"], !file.isEmpty, !file.contains("/")
        else { return nil }
        let shape = axes.compactMap { axis -> Int? in
            if case .integer(let count) = axis, (1...Shape.elementLimit).contains(count) { return count }
            return nil
        }
        guard shape.count == axes.count, !shape.isEmpty,
            // At most 2^28 of each axis so far: the next product cannot overflow.
            shape.reduce(1, { $0 > Shape.elementLimit ? $0 : $0 * $1 }) <= Shape.elementLimit
        else { return nil }
        var output = 0
        if case .integer(let number)? = json["output"] { output = number }
        var md5 = ""
        if case .string(let text)? = json["md5"] { md5 = text }
        self.init(
            name: output == 0 ? layer : "\(layer)[\(output)]", shape: shape, type: type, file: file, md5: md5)
    }

    /// The position of an element on every axis.
    func place(of element: Int) -> [Int] {
        var rest = element
        return shape.reversed().map { axis in
            defer { rest /= axis }
            return rest % axis
        }.reversed()
    }

    /// The number of an element.
    func number(_ bytes: [UInt8], _ element: Int) -> Double {
        switch type {
        case .uint8: return Double(bytes[element])
        case .int8: return Double(Int8(bitPattern: bytes[element]))
        case .uint16: return Double(UInt16(bytes[2 * element]) | UInt16(bytes[2 * element + 1]) << 8)
        case .int16:
            return Double(Int16(bitPattern: UInt16(bytes[2 * element]) | UInt16(bytes[2 * element + 1]) << 8))
        case .float32:
            let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * element + $1]) << UInt32(8 * $1) }
            return Double(Float(bitPattern: word))
        }
    }
}

extension [Int] {
    /// "32x32x3".
    var text: String { map(String.init).joined(separator: "x") }
}
