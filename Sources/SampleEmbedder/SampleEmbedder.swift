import Foundation

/// Writes texts into one Swift file, as `NAME.files`: `SampleEmbedder NAME OUTPUT FILE...`.
///
/// A file's name is its own without the ending; that of a `network.json` is its folder's.
@main
struct SampleEmbedder {
    static func main() {
        do {
            let arguments = CommandLine.arguments.dropFirst()
            guard let name = arguments.first else { throw EmbeddingError.noOutput }
            try embed(arguments.dropFirst().map { URL(filePath: $0) }, as: name)
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }

    /// Embeds every file but the first into the first.
    private static func embed(_ files: [URL], as enumeration: String) throws(EmbeddingError) {
        guard let output = files.first else { throw .noOutput }
        var source = "enum \(enumeration) {\n    static let files: [(name: String, text: String)] = [\n"
        for file in files.dropFirst() {
            let owner = file.lastPathComponent == "network.json" ? file.deletingLastPathComponent() : file
            let name = owner.deletingPathExtension().lastPathComponent
            source += "(\n\(name.debugDescription),\n\(literal(try text(of: file)))\n),\n"
        }
        source += "    ]\n}\n"
        try write(source, to: output)
    }

    private static func text(of file: URL) throws(EmbeddingError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw .unreadable(file, reason: error.localizedDescription)
        }
        guard let text = String(validating: data, as: UTF8.self) else { throw .notText(file) }
        return text
    }

    /// A multi-line raw string literal.
    private static func literal(_ text: String) -> String {
        var body = ""
        // Without a number sign nothing in the text can end the literal or begin an escape. The control
        // characters are those that the compiler refuses or reads as line ends.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\t": body.unicodeScalars.append(scalar)
            case "#", "\u{0}"..."\u{1F}", "\u{7F}": body += "\\#u{\(String(scalar.value, radix: 16))}"
            default: body.unicodeScalars.append(scalar)
            }
        }
        return "#\"\"\"\n\(body)\n\"\"\"#"
    }

    /// Leaves an output that has the same text alone, so that its target is not compiled again.
    private static func write(_ source: String, to output: URL) throws(EmbeddingError) {
        let data = Data(source.utf8)
        if FileManager.default.contents(atPath: output.path(percentEncoded: false)) == data { return }
        do {
            try data.write(to: output, options: .atomic)
        } catch {
            throw .unwritable(output, reason: error.localizedDescription)
        }
    }
}

/// Why the texts could not be embedded.
private enum EmbeddingError: Error, CustomStringConvertible {
    case noOutput
    case notText(URL)
    case unreadable(URL, reason: String)
    case unwritable(URL, reason: String)

    var description: String {
        switch self {
        case .noOutput: "usage: SampleEmbedder NAME OUTPUT FILE..."
        case .notText(let file): "\(file.path(percentEncoded: false)) is not UTF-8 text"
        case .unreadable(let file, let reason): "cannot read \(file.path(percentEncoded: false)): \(reason)"
        case .unwritable(let file, let reason): "cannot write \(file.path(percentEncoded: false)): \(reason)"
        }
    }
}
