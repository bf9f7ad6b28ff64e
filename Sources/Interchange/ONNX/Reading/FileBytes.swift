import Foundation
import Platform

/// Reading files whole.
enum FileBytes {
    /// The bytes of a file that has at most `limit` of them, in one piece that is allocated once.
    static func read(_ path: String, limit: Int) throws(ONNXError) -> [UInt8] {
        let file: PlainFile
        do {
            file = try PlainFile(path)
        } catch {
            throw .unreadable(path, reason: "\(error)")
        }
        let descriptor = file.descriptor
        let size = file.size
        guard size <= limit else { throw .tooLarge(bytes: size, limit: limit) }
        var isCut = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            askForLargePages(buffer)
            while initialized < size {
                let count = Foundation.read(
                    descriptor, buffer.baseAddress.map { $0 + initialized }, size - initialized)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    isCut = true
                    return
                }
                initialized += count
            }
        }
        guard !isCut else { throw .unreadable(path, reason: "it became shorter while it was read") }
        return bytes
    }

    /// The system prepares fewer large pages, which is a good part of the time; it takes whole ones alone.
    private static func askForLargePages(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let base = buffer.baseAddress else { return }
        let skipped = (page - Int(bitPattern: base) % page) % page
        guard buffer.count > skipped + page else { return }
        madvise(base + skipped, (buffer.count - skipped) / page * page, MADV_HUGEPAGE)
    }
}
