/// The help page where the screen is lines.
enum PlainHelp {
    private static let typing = [
        "Type a key by its name (Tab, Esc, Ctrl-S, [) or several with blanks between, or a command by its name, with what",
        "it is about: set conv0.stride=2. Where a letter is both, : before it means the command. An empty line repeats",
        "what is selected; lines says all that the pane shows. In a list type a number or a name, in a field the text; Esc",
        "goes back. Ctrl-C does too, and quits from a view.",
    ]

    /// How lines are typed, and what can be done here.
    static func lines(on screen: ScreenState) -> [String] {
        ["WHAT CAN BE TYPED", ""] + typing + [""] + KeyHelp.keys(on: screen)
    }
}
