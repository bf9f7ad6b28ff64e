import Graph

// The version of a session's `network.json`, and what is said of one that is none or that a newer program wrote.
extension Document {
    /// The version of `network.json` that is written, and the newest that is read.
    public static let format = 1

    /// Throws where the member `format` of a file is another version.
    static func checkFormat(_ value: JSON?) throws(FileError) {
        switch value {
        case .integer(format): return
        case .integer(let number) where number > format:
            throw FileError(
                "format",
                "\(number) is newer than \(format), the newest that this magikbench reads; update magikbench")
        case .integer(let number):
            throw FileError("format", "\(number) is no format; formats are counted from 1")
        case nil:
            throw FileError("format", "is missing; a network.json of this version has \"format\": \(format)")
        case .null, .boolean, .number, .string, .array, .object:
            throw FileError(
                "format", "is \(value?.kind ?? "missing"), a whole number is expected, such as \(format)")
        }
    }
}
