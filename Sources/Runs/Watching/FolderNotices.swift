#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the kernel says of changes to the files of a folder (inotify), for those whose name begins in a certain way.
final class FolderNotices {
    private let folder: String
    private let prefix: String
    /// Readable when something changed; negative where the system has no notices to give.
    let descriptor: Int32
    private var watch: Int32 = -1

    /// Listens to a folder.
    init(of folder: String, files prefix: String) {
        self.folder = folder
        self.prefix = prefix
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        listen()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether changes are reported.
    var isListening: Bool { watch >= 0 }

    /// Listens where that was not possible before, as where there was no folder.
    func listen() {
        guard watch < 0, descriptor >= 0 else { return }
        let changes = IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB
        let ends = IN_DELETE_SELF | IN_MOVE_SELF
        watch = unsafe inotify_add_watch(descriptor, folder, UInt32(changes | ends))
    }

    /// Takes all that was said, and whether it is about one of the files, or the folder.
    func take() -> Bool {
        var isNew = false
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return isNew }
            var rest = bytes[..<count]
            while let event = Event(&rest) {
                if event.says(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) {
                    if watch >= 0, !event.says(IN_IGNORED) { inotify_rm_watch(descriptor, watch) }
                    watch = -1
                    isNew = true
                }
                // Where the kernel lost notices, anything may have changed.
                if event.says(IN_Q_OVERFLOW) || event.name.hasPrefix(prefix) { isNew = true }
            }
        }
    }

    /// A notice: its kind, and the file's name.
    private struct Event {
        let mask: UInt32
        let name: String

        /// Takes the first of several: watch, mask, cookie and length in four bytes each, then the name and zeros.
        init?(_ bytes: inout ArraySlice<UInt8>) {
            func number(at offset: Int) -> UInt32 {
                (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << UInt32(8 * $1) }
            }
            guard bytes.count >= 16 else { return nil }
            mask = number(at: 4)
            name = String(
                decoding: bytes.dropFirst(16).prefix(Int(number(at: 12))).prefix { $0 != 0 }, as: UTF8.self)
            bytes = bytes.dropFirst(16 + Int(number(at: 12)))
        }

        func says(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
        func says(_ bits: Int) -> Bool { mask & UInt32(bits) != 0 }
    }
}
