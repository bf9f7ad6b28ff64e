import Graph

/// An element of an XML document, with its text and the elements in it.
struct XMLElement {
    var name: String
    /// Where its tag begins, from 1.
    var line: Int
    /// All text directly in it, without spaces around it.
    var text = ""
    var children: [XMLElement] = []

    /// The first element of a name directly in it.
    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}

/// Why a document is refused, and in which line.
struct XMLFault: Error {
    let line: Int
    let reason: String
}

/// A small and strict reader of XML: elements and their text. Attributes, comments and instructions are passed over.
///
/// Document types are refused, because they can define entities: nothing grows and no other file is read.
struct XMLDocument {
    /// Elements may go this deep.
    static let depthLimit = 32
    /// The largest file that is read.
    static let sizeLimit = 16 << 20

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1

    /// The outermost element of a document.
    static func root(_ bytes: [UInt8]) throws(XMLFault) -> XMLElement {
        var reader = XMLDocument(bytes: bytes)
        return try reader.document()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    }

    private mutating func document() throws(XMLFault) -> XMLElement {
        try skipOutside()
        guard peek == UInt8(ascii: "<") else { throw fault("an element is expected, such as <annotation>") }
        guard let root = try element(depth: 0) else { throw fault("an end tag stands without its element") }
        try skipOutside()
        guard place == bytes.count else { throw fault("there is more behind the end of the document") }
        return root
    }

    /// Passes over what may stand around the outermost element.
    private mutating func skipOutside() throws(XMLFault) {
        while true {
            skipSpace()
            guard try skipMarkup() else { return }
        }
    }

    /// Passes over a comment or an instruction; false where there is none.
    private mutating func skipMarkup() throws(XMLFault) -> Bool {
        if starts("<!--") {
            try skip(to: "-->", of: "a comment")
        } else if starts("<?") {
            try skip(to: "?>", of: "an instruction")
        } else if starts("<!DOCTYPE") {
            throw fault("a document type (DOCTYPE) is refused, for it can define entities without end")
        } else if starts("<!"), !starts("<![CDATA[") {
            throw fault("a declaration (<!) is refused")
        } else {
            return false
        }
        return true
    }

    /// The element whose tag comes next; nil where it is an end tag.
    private mutating func element(depth: Int) throws(XMLFault) -> XMLElement? {
        if starts("</") { return nil }
        guard depth < Self.depthLimit else { throw fault("elements go deeper than \(Self.depthLimit)") }
        var element = XMLElement(name: "", line: line)
        place += 1
        element.name = try name()
        // Attributes: passed over, quotes respected.
        while let byte = peek, byte != UInt8(ascii: ">"), byte != UInt8(ascii: "/") {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                advance()
                while let next = peek, next != byte { advance() }
            }
            guard peek != UInt8(ascii: "<") else { throw fault("the tag <\(element.name) has no '>'") }
            if peek != nil { advance() }
        }
        if starts("/>") {
            place += 2
            return element
        }
        guard peek == UInt8(ascii: ">") else { throw fault("the tag <\(element.name) has no '>'") }
        place += 1
        try content(of: &element, depth: depth)
        return element
    }

    /// Reads text and elements up to the end tag, that included.
    private mutating func content(of element: inout XMLElement, depth: Int) throws(XMLFault) {
        var text: [UInt8] = []
        while let byte = peek {
            if byte == UInt8(ascii: "&") {
                text += try reference()
            } else if byte != UInt8(ascii: "<") {
                text.append(byte)
                advance()
            } else if starts("<![CDATA[") {
                let start = place + "<![CDATA[".utf8.count
                try skip(to: "]]>", of: "CDATA")
                text += bytes[start..<place - 3]
            } else if try skipMarkup() {
                continue
            } else if let child = try self.element(depth: depth + 1) {
                element.children.append(child)
            } else {
                place += 2
                let end = try name()
                skipSpace()
                guard end == element.name, peek == UInt8(ascii: ">") else {
                    throw fault("</\(end)> ends <\(element.name)> of line \(element.line)")
                }
                place += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw fault("the text of <\(element.name)> is not UTF-8")
                }
                element.text = String(valid[...].trimmedLines)
                return
            }
        }
        throw fault("<\(element.name)> of line \(element.line) has no end; is the file cut short?")
    }

    /// A reference to a character: one of the five that XML names, or a number.
    private mutating func reference() throws(XMLFault) -> [UInt8] {
        let end = bytes[place...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
        let word = String(decoding: bytes[(place + 1)..<(end ?? place + 1)], as: UTF8.self)
        let known: [String: UInt8] = [
            "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"),
            "quot": UInt8(ascii: "\""), "apos": UInt8(ascii: "'"),
        ]
        var found: [UInt8]?
        if let byte = known[word] {
            found = [byte]
        } else if word.hasPrefix("#") {
            let isHexadecimal = word.hasPrefix("#x")
            let code = UInt32(word.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10)
            found = code.flatMap(Unicode.Scalar.init).map { Array(String(Character($0)).utf8) }
        }
        guard let found, let end else {
            throw fault(
                "the entity &\(word); is refused: only &amp; &lt; &gt; &quot; &apos; and numbers are read")
        }
        place = end + 1
        return found
    }

    private mutating func name() throws(XMLFault) -> String {
        let start = place
        while let byte = peek, !" \t\r\n<>/=\"'&".utf8.contains(byte) { place += 1 }
        guard place > start, let name = String(validating: bytes[start..<place], as: UTF8.self) else {
            throw fault("the name of a tag is expected")
        }
        return name
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func starts(_ text: StaticString) -> Bool {
        bytes[place...].starts(
            with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func advance() {
        if bytes[place] == UInt8(ascii: "\n") { line += 1 }
        place += 1
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { advance() }
    }

    private mutating func skip(to end: StaticString, of what: String) throws(XMLFault) {
        let first = line
        while place < bytes.count {
            if starts(end) {
                place += end.utf8CodeUnitCount
                return
            }
            advance()
        }
        throw XMLFault(line: first, reason: "\(what) has no end; is the file cut short?")
    }

    private func fault(_ reason: String) -> XMLFault { XMLFault(line: line, reason: reason) }
}

extension Substring {
    /// The text without blanks and line breaks around it.
    fileprivate var trimmedLines: Substring {
        var text = drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
