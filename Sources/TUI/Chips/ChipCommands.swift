import Terminal

// The commands of the table of chips.
extension Command {
    static let chips: [Command] = [
        Command(
            "sort-chips", ["o"], in: .chips, "orders the chips by the next column",
            hint: "sort by the next column"
        ) {
            screen in
            (screen.popups.last as? ChipPicker)?.sort(on: &screen)
        }
    ]
}
