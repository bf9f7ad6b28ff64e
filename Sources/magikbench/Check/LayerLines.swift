/// On which lines of a `network.json` the layers begin.
struct LayerLines {
    /// The lines in the order of the layers, counted from 1.
    let lines: [Int]

    /// The line of a layer by its position in the file; the first where there is none.
    subscript(_ position: Int) -> Int { lines.indices.contains(position) ? lines[position] : 1 }

    /// Looks through a file that has been read as JSON before, so that brackets and quotes are in order.
    init(bytes: some Collection<UInt8>) {
        var lines: [Int] = []
        var line = 1
        var depth = 0
        var text: [UInt8]?
        var isEscaped = false
        var lastText: [UInt8] = []
        var isInLayers = false
        for byte in bytes {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if var content = text {
                if !isEscaped, byte == UInt8(ascii: "\"") {
                    lastText = content
                    text = nil
                } else {
                    isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                    content.append(byte)
                    text = content
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): text = []
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                if isInLayers, depth == 2 { lines.append(line) }
                depth += 1
                if depth == 2, byte == UInt8(ascii: "[") { isInLayers = lastText == Array("layers".utf8) }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 1 { isInLayers = false }
            default: break
            }
        }
        self.lines = lines
    }
}
