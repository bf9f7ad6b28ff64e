import Terminal

/// A popup in which one line of text is typed.
protocol TextPopup: Popup {
    /// The text as it stands.
    var field: TextField { get }
    /// Takes the text that typing made of it.
    func edit(_ field: TextField, on screen: inout ScreenState)
}

extension TextPopup {
    /// Types a key; false where it is none of a text's.
    func type(_ key: Key, on screen: inout ScreenState) -> Bool {
        var field = field
        guard field.handle(key) else { return false }
        edit(field, on: &screen)
        return true
    }

    func paste(_ text: String, on screen: inout ScreenState) -> Bool {
        var field = field
        field.insert(text)
        edit(field, on: &screen)
        return true
    }
}
