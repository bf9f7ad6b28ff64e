import Foundation
import Synchronization

/// Looks at image files before any is needed: at their first and last bytes, or, where files that do not decode are to be
/// left out, at all of them.
struct ImageCheck: Sendable {
    /// What was found of a file.
    enum Finding: Equatable, Sendable {
        case good
        /// The end of a JPEG is missing: it decodes as far as it goes.
        case cut
        /// It does not decode, for this reason.
        case bad(String)
    }

    /// What each file is, in the order that they were given.
    let findings: [Finding]

    /// The bytes at either end of a file that are looked at first.
    private static let (head, tail) = (1 << 16, 1 << 12)

    /// Looks at files, with all cores. `decodes` decodes every one as a whole.
    init(_ files: [String], decodes: Bool) {
        let found = Mutex([Finding](repeating: .good, count: files.count))
        let share = 64
        DispatchQueue.concurrentPerform(iterations: (files.count + share - 1) / share) { block in
            let places = block * share..<min(files.count, (block + 1) * share)
            let here = places.map { ImageCheck.finding(files[$0], decodes: decodes) }
            found.withLock { $0.replaceSubrange(places, with: here) }
        }
        findings = found.withLock { $0 }
    }

    private static func finding(_ file: String, decodes: Bool) -> Finding {
        do throws(DatasetError) {
            let ends = try fileEnds(file, head: head, tail: tail, limit: ImageDecoding.fileLimit)
            switch ImageDecoding.Format(ends.head) {
            case .other(let reason): return .bad(reason)
            case .png:
                if let reason = pngRefusal(ends.head) { return .bad(reason) }
                // Without its last chunk it may be cut, which it decodes or not.
                if decodes || !contains(ends.tail, Array("IEND".utf8)) { try decode(file) }
                return .good
            case .jpeg:
                var header = JPEGHeader(ends.head)
                if header.isCut { header = JPEGHeader(try whole(file)) }
                guard let size = header.size else { return .bad("it ends before its axes") }
                if let reason = ImageDecoding.refusal(size.width, size.height) { return .bad(reason) }
                if decodes { try decode(file) }
                return contains(ends.tail, [0xFF, 0xD9]) ? .good : .cut
            }
        } catch {
            if case .image(_, let reason) = error { return .bad(reason) }
            if case .unreadable(_, let reason) = error { return .bad(reason) }
            return .bad("\(error)")
        }
    }

    private static func whole(_ file: String) throws(DatasetError) -> [UInt8] {
        try wholeFile(file, limit: ImageDecoding.fileLimit, needed: "it was there a moment ago")
    }

    private static func decode(_ file: String) throws(DatasetError) {
        var sample = Sample()
        try ImageDecoding.decode(try whole(file), file: file, into: &sample)
    }

    /// Why the first chunk of a PNG is none; nil where it is one.
    private static func pngRefusal(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8) else {
            return "it ends before its axes"
        }
        func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        return ImageDecoding.refusal(number(16), number(20))
    }

    private static func contains(_ bytes: [UInt8], _ mark: [UInt8]) -> Bool {
        guard bytes.count >= mark.count else { return false }
        return (0...bytes.count - mark.count).contains { bytes[$0...].starts(with: mark) }
    }
}
