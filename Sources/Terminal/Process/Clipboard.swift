/// The terminal's clipboard, over any number of ssh hops (OSC 52).
enum Clipboard {
    /// The most bytes that terminals are known to take.
    static let limit = 74_000

    /// The bytes that hand a text to the clipboard; a text that is too long is cut. Inside tmux they are sent plainly, which
    /// tmux takes by itself where it is set to, and wrapped, which it hands on where it is set to.
    static func sequence(for text: String) -> String {
        let bytes = Array(text.utf8.prefix(limit))
        let plain = "\u{1B}]52;c;\(base64(bytes))\u{07}"
        guard Environment["TMUX"] != nil else { return plain }
        return plain + "\u{1B}Ptmux;" + plain.map { $0 == "\u{1B}" ? "\u{1B}\u{1B}" : String($0) }.joined()
            + "\u{1B}\\"
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let number = part.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for place in 0..<4 {
                text.append(place <= part.count ? signs[number >> (18 - 6 * place) & 63] : "=")
            }
        }
        return text
    }
}
