/// A key as a person knows it.
public enum Key: Hashable, Sendable {
    /// A character that was typed.
    case character(Character)
    /// A letter with Ctrl, in lower case: "c".
    case control(Character)
    /// A function key, from 1.
    case function(Int)
    case up, down, left, right, home, end, pageUp, pageDown
    case enter, tab, backTab, backspace, delete, insert, escape
}

/// What the mouse did.
public struct Mouse: Hashable, Sendable {
    /// The kinds of things that it does.
    public enum Action: Hashable, Sendable {
        /// The left button went down and up, or down.
        case click
        /// The pointer moved with the left button down.
        case drag
        /// The wheel turned away from the hand.
        case wheelUp
        /// The wheel turned towards the hand.
        case wheelDown
    }

    /// What it did.
    public var action: Action
    /// Where.
    public var position: Position

    /// Something that the mouse did somewhere.
    public init(_ action: Action, at position: Position) { (self.action, self.position) = (action, position) }
}

/// What comes from the person at the terminal.
public enum InputEvent: Hashable, Sendable {
    /// A key.
    case key(Key)
    /// The mouse.
    case mouse(Mouse)
    /// A text that was pasted.
    case paste(String)
    /// The terminal has another size now.
    case resize(Size)
}

extension Key: ExpressibleByUnicodeScalarLiteral {
    /// A character that was typed.
    public init(unicodeScalarLiteral character: Character) { self = .character(character) }
}
