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
    /// Height and width of each as it decodes; nil for one that is bad.
    let sizes: [(height: Int, width: Int)?]

    /// The bytes at either end of a file that are looked at first.
    private static let (head, tail) = (1 << 16, 1 << 12)

    /// Looks at files, with all cores. `decodes` decodes every one as a whole.
    init(_ files: [String], decodes: Bool) {
        let found = concurrentMap(files) { ImageCheck.look(at: $0, decodes: decodes) }
        findings = found.map(\.finding)
        sizes = found.map(\.size)
    }

    private typealias Look = (finding: Finding, size: (height: Int, width: Int)?)

    private static func look(at file: String, decodes: Bool) -> Look {
        do throws(DatasetError) {
            let ends = try fileEnds(file, head: head, tail: tail, limit: ImageDecoding.fileLimit)
            switch ImageDecoding.Format(ends.head) {
            case .other(let reason): return (.bad(reason), nil)
            case .png:
                let size: (height: Int, width: Int)
                switch pngSize(ends.head) {
                case .success(let found): size = found
                case .failure(let refusal): return (.bad(refusal.reason), nil)
                }
                // Without its last chunk it may be cut, which it decodes or not.
                if decodes || !contains(ends.tail, Array("IEND".utf8)) { try decode(file) }
                return (.good, size)
            case .jpeg:
                var header = JPEGHeader(ends.head)
                if header.isCut { header = JPEGHeader(try whole(file)) }
                guard let size = header.size else { return (.bad("it ends before its axes"), nil) }
                if let reason = ImageDecoding.refusal(size.width, size.height) { return (.bad(reason), nil) }
                if decodes { try decode(file) }
                let turned = header.orientation >= 5 ? (height: size.width, width: size.height) : size
                return (contains(ends.tail, [0xFF, 0xD9]) ? .good : .cut, turned)
            }
        } catch {
            if case .image(_, let reason) = error { return (.bad(reason), nil) }
            if case .unreadable(_, let reason) = error { return (.bad(reason), nil) }
            return (.bad("\(error)"), nil)
        }
    }

    private static func whole(_ file: String) throws(DatasetError) -> [UInt8] {
        try wholeFile(file, limit: ImageDecoding.fileLimit, needed: "it was there a moment ago")
    }

    private static func decode(_ file: String) throws(DatasetError) {
        var sample = Sample()
        try ImageDecoding.decode(try whole(file), file: file, into: &sample)
    }

    private struct Refusal: Error { let reason: String }

    /// Height and width in the first chunk of a PNG, or why it is none.
    private static func pngSize(_ bytes: [UInt8]) -> Result<(height: Int, width: Int), Refusal> {
        guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8) else {
            return .failure(Refusal(reason: "it ends before its axes"))
        }
        func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        if let reason = ImageDecoding.refusal(number(16), number(20)) {
            return .failure(Refusal(reason: reason))
        }
        return .success((height: number(20), width: number(16)))
    }

    private static func contains(_ bytes: [UInt8], _ mark: [UInt8]) -> Bool {
        guard bytes.count >= mark.count else { return false }
        return (0...bytes.count - mark.count).contains { bytes[$0...].starts(with: mark) }
    }
}
