public import Editing
public import TUI
public import Terminal

/// Random keys, clicks, pastes and resizes on a screen without a terminal, from a seed.
public struct ScreenFuzz {
    /// The screen.
    public private(set) var state: ScreenState
    /// Keys and other events so far.
    public private(set) var count = 0
    private var picture: Picture
    private var random: SeededGenerator
    private var time = 0.0
    private let first: Document

    /// A screen on a document; the same seed does the same.
    public init(seed: UInt64, on document: Document, glyphs: Glyphs = Glyphs(.braille)) {
        random = SeededGenerator(seed: seed)
        first = document
        state = ScreenState(
            EditorState(document, name: "fuzz", path: "fuzz.magik"), appearance: Appearance(glyphs: glyphs),
            size: Size(rows: 36, columns: 120))
        picture = state.picture
    }

    /// Does one thing, and throws where the picture is not of the screen's size or its cursor is outside.
    public mutating func step() throws {
        count += 1
        time += random.once(in: 3) ? 1.5 : 0.05
        state.handle(event(), at: time, on: picture)
        if random.once(in: 5) { state.wake(at: time) }
        act(on: state.takeEffects())
        picture = state.picture
        let frame = picture.frame
        guard frame.size == state.size, frame.cells.count == frame.size.rows * frame.size.columns else {
            throw FixtureError(
                "after \(count) events the picture is \(frame.size), the screen \(state.size)")
        }
        let isInside =
            frame.size.rows == 0 || frame.size.columns == 0
            || frame.bounds.contains(frame.cursor)
        guard isInside else { throw FixtureError("after \(count) events the cursor is at \(frame.cursor)") }
    }

    /// Takes every change back and throws where that does not lead to the first document.
    public mutating func undoAll() throws {
        for _ in 0..<8 { press(.escape) }
        var left = History.limit + 10
        while state.editor.history.nextUndo != nil, left > 0 {
            press("u")
            left -= 1
        }
        guard state.editor.document == first || count > History.limit else {
            throw FixtureError("undoing everything does not lead back to the first document")
        }
    }

    private mutating func press(_ key: Key) {
        time += 2
        state.handle(.key(key), at: time, on: picture)
        _ = state.takeEffects()
    }

    /// Saving and opening succeed or fail by chance; nothing else happens outside.
    private mutating func act(on effects: [Effect]) {
        for case .save(let path, _, _, _) in effects {
            if random.once(in: 2) {
                state.failed("no room")
            } else {
                var editor = state.benchToSave
                editor.markSaved(name: "fuzz", path: path ?? "fuzz.magik")
                state.saved(editor)
            }
        }
    }

    private mutating func event() -> InputEvent {
        switch random.below(100) {
        case 0..<4: .resize(Size(rows: random.below(60), columns: random.below(200)))
        case 4..<8:
            .resize(
                random.pick([
                    Size(rows: 36, columns: 120), Size(rows: 24, columns: 80), Size(rows: 16, columns: 60),
                ]))
        case 8..<16: .mouse(Mouse(random.pick([.click, .click, .wheelUp, .wheelDown, .drag]), at: place()))
        case 16..<18:
            .paste(random.pick(["conv", "0x7\n\u{1B}[2J", "网络", String(repeating: "x", count: 300)]))
        case 18..<55: .key(random.pick(Self.common))
        case 55..<70: .key(.character(random.pick(Array("0123456789.,-=conv*_[]x "))))
        default: .key(random.pick(Self.all))
        }
    }

    private mutating func place() -> Position {
        Position(row: random.below(state.size.rows + 1), column: random.below(state.size.columns + 1))
    }

    private static let common: [Key] = [
        .up, .down, .down, .left, .right, .enter, .enter, .escape, .tab, .pageDown, .home, .end, "a", "d",
        "c", "Q", "[", "]", "f", "F", "J", "K", "1", "2", "3", "4", "5", "6", "m", "p", "z", "R", "S", "E",
        "x",
        " ", "*", "u",
        .control("r"),
    ]

    private static let all: [Key] =
        (0x20..<0x7F).map { .character(Character(Unicode.Scalar(UInt8($0)))) }
        + "abcdefghijklmnopqrstuvwxyz".map { .control($0) } + (1...12).map { .function($0) }
        + [.up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .enter, .tab, .backTab, .backspace]
        + [.delete, .insert, .escape, .character("é"), .character("网"), .character("👍")]
}
