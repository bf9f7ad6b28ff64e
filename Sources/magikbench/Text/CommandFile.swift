import Graph
import Platform
import QAT
import Terminal
import Weights

/// Files that a command is given, and those that it writes: plain files, read and replaced whole.
enum CommandFile {
    /// The tensors of a safetensors file.
    static func tensors(_ path: String) throws(CommandError) -> Safetensors {
        do {
            return try Safetensors(bytes: try Disk.read(path, limit: sizeLimit))
        } catch let error as DiskError {
            throw .unreadable(path.printable, reason: "\(error)")
        } catch {
            throw .failure("\(path.printable): \(error)")
        }
    }

    /// Puts bytes in place of the file that a path leads to; gives its path, from the root on where that is known.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) throws(CommandError) -> String {
        do {
            try Disk.replace(path, with: bytes)
        } catch .unsynced {
            // It is there, and a power cut may take it.
        } catch {
            throw .failure("\(path.printable): cannot be written: \(error)")
        }
        return Disk.absolute(path) ?? path
    }

    private static let sizeLimit = 4 << 30
}
