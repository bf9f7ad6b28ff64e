public import Terminal

extension Key {
    /// The key as footers, help and settings write it: "Ctrl-S", "Space", "F1".
    public func name(_ glyphs: Glyphs = Glyphs(.braille)) -> String {
        switch self {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(let letter): "Ctrl-" + letter.uppercased()
        case .function(let number): "F\(number)"
        case .up: glyphs.kind == .ascii ? "Up" : "↑"
        case .down: glyphs.kind == .ascii ? "Down" : "↓"
        case .left: glyphs.kind == .ascii ? "Left" : "←"
        case .right: glyphs.kind == .ascii ? "Right" : "→"
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .enter: "Enter"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .backspace: "Backspace"
        case .delete: "Delete"
        case .insert: "Insert"
        case .escape: "Esc"
        }
    }
}
