/// A place in a text file.
public struct FilePlace: Hashable, Sendable {
    /// The line, counted from 1.
    public let line: Int
    /// The character in the line, counted from 1.
    public let column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of a byte.
    init(of position: Int, in bytes: [UInt8]) {
        let read = bytes.prefix(position)
        let start = (read.lastIndex(of: 0x0A) ?? -1) + 1
        line = read.count { $0 == 0x0A } + 1
        column = read[start...].count { $0 & 0xC0 != 0x80 } + 1
    }
}

extension FilePlace: CustomStringConvertible {
    /// "line 3, column 7".
    public var description: String { "line \(line), column \(column)" }
}
