import CCurses

/// Turns what curses reads into keys, clicks and pasted texts.
enum KeyReader {
    /// Codes of ours, above those of curses.
    private enum Code {
        static let pasteStart: Int32 = 0o2000
        static let pasteEnd: Int32 = 0o2001
    }

    /// The most characters that are taken of a pasted text.
    private static let pasteLimit = 1 << 20

    /// Tells curses the sequences that it does not know.
    static func define() {
        define_key("\u{1B}[200~", Code.pasteStart)
        define_key("\u{1B}[201~", Code.pasteEnd)
        define_key("\u{1B}[Z", KEY_BTAB)
        // Some terminals send these whatever their entry says.
        for (sequence, key) in [
            ("\u{1B}[H", KEY_HOME), ("\u{1B}[F", KEY_END), ("\u{1B}OH", KEY_HOME), ("\u{1B}OF", KEY_END),
            ("\u{1B}[1~", KEY_HOME), ("\u{1B}[4~", KEY_END), ("\u{1B}[A", KEY_UP), ("\u{1B}[B", KEY_DOWN),
            ("\u{1B}[C", KEY_RIGHT), ("\u{1B}[D", KEY_LEFT),
        ] {
            define_key(sequence, key)
        }
    }

    /// The next thing that the person did; nil while there is none.
    static func read(_ window: UnsafeMutablePointer<WINDOW>) -> InputEvent? {
        while true {
            var code: wint_t = 0
            let kind = wget_wch(window, &code)
            if kind == ERR { return nil }
            if kind == KEY_CODE_YES {
                let code = Int32(bitPattern: code)
                if code == Code.pasteStart { return .paste(paste(window)) }
                if code == KEY_MOUSE {
                    if let mouse { return .mouse(mouse) }
                    continue
                }
                if let key = key(code) { return .key(key) }
            } else if let key = character(code, window) {
                return .key(key)
            }
        }
    }

    private static func key(_ code: Int32) -> Key? {
        switch code {
        case KEY_UP: return .up
        case KEY_DOWN: return .down
        case KEY_LEFT: return .left
        case KEY_RIGHT: return .right
        case KEY_HOME, KEY_A1, KEY_FIND: return .home
        case KEY_END, KEY_C1, KEY_SELECT: return .end
        case KEY_PPAGE, KEY_A3: return .pageUp
        case KEY_NPAGE, KEY_C3: return .pageDown
        case KEY_ENTER: return .enter
        case KEY_BTAB: return .backTab
        case KEY_BACKSPACE: return .backspace
        case KEY_DC: return .delete
        case KEY_IC: return .insert
        default:
            // A resize is told by a signal; other codes mean nothing here.
            return (1...24).first { cc_function_key(Int32($0)) == code }.map(Key.function)
        }
    }

    private static func character(_ code: wint_t, _ window: UnsafeMutablePointer<WINDOW>) -> Key? {
        switch code {
        case 9: return .tab
        case 10, 13: return .enter
        case 8, 127: return .backspace
        case 27:
            // With Alt, terminals send Esc and the key at once; a lone Esc is Esc.
            return .escape
        case 1...26: return Unicode.Scalar(code + 96).map { .control(Character($0)) }
        case 0..<32: return nil
        default: return Unicode.Scalar(code).map { .character(Character($0)) }
        }
    }

    private static var mouse: Mouse? {
        var event = MEVENT()
        guard getmouse(&event) == OK else { return nil }
        let position = Position(row: Int(event.y), column: Int(event.x))
        if event.bstate & cc_wheel_up != 0 { return Mouse(.wheelUp, at: position) }
        if event.bstate & cc_wheel_down != 0 { return Mouse(.wheelDown, at: position) }
        if event.bstate & cc_click != 0 { return Mouse(.click, at: position) }
        if event.bstate & cc_drag != 0 { return Mouse(.drag, at: position) }
        return nil
    }

    /// Everything up to the end of what is pasted; waits for it, but not for ever.
    private static func paste(_ window: UnsafeMutablePointer<WINDOW>) -> String {
        var scalars = String.UnicodeScalarView()
        wtimeout(window, 1000)
        defer { nodelay(window, true) }
        while scalars.count < pasteLimit {
            var code: wint_t = 0
            let kind = wget_wch(window, &code)
            if kind == ERR || kind == KEY_CODE_YES && Int32(bitPattern: code) == Code.pasteEnd { break }
            if kind == KEY_CODE_YES { continue }
            scalars.append(code == 13 ? "\n" : Unicode.Scalar(code) ?? " ")
        }
        return String(scalars)
    }
}
