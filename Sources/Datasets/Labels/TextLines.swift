/// The lines of a text file of a data set, with their numbers from 1.
struct TextLines {
    let file: String
    let lines: [Substring]

    /// The largest file of lines that is read.
    static let sizeLimit = 64 << 20

    /// Reads a file; throws where it is none of UTF-8 text.
    init(_ file: String, needed: String) throws(DatasetError) {
        let bytes = try wholeFile(file, limit: Self.sizeLimit, needed: needed)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(file, reason: "it is no text in UTF-8")
        }
        self.file = file
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// The lines that are not blank, without spaces around them.
    var filled: [(number: Int, text: Substring)] {
        lines.enumerated().compactMap { index, line in
            let text = line.trimmed
            return text.isEmpty ? nil : (index + 1, text)
        }
    }
}

extension Substring {
    /// The text without spaces, tabs and the mark of a byte order around it.
    var trimmed: Substring {
        func isBlank(_ character: Character) -> Bool {
            character == " " || character == "\t" || character == "\u{FEFF}"
        }
        var text = drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}

extension DatasetError {
    /// The same as a fault of the file that it is about.
    func fault(of file: String) -> LabelFault {
        switch self {
        case .missing(let file, let needed): LabelFault(file, "is not there: \(needed)")
        case .unreadable(let file, let reason): LabelFault(file, "cannot be read: \(reason)")
        case .image(let file, let reason): LabelFault(file, "does not decode: \(reason)")
        case .unknownName, .missingPath, .unexpectedPath, .malformedOption, .unknownOption, .repeatedOption,
            .optionValue, .malformed, .tooLarge, .images, .mismatch, .empty, .labels, .classes:
            LabelFault(file, "\(self)")
        }
    }
}
