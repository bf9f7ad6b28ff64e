import Terminal

// View 6: the pictures of the data set.
extension View {
    static let data: View = View(
        number: 6, title: "Data", help: "the pictures that the network learns from",
        panes: [
            Pane(
                .pictures, "pictures",
                [.upDown("row"), .leftRight("picture", "previous-picture", "next-picture")])
        ],
        enterLabel: "enlarge", commands: Command.pictures,
        draw: { $0.drawData(in: $1, on: &$2) }, move: { $0.moveInData($1) },
        open: { $0.openPicture() },
        copy: { ("the sample", $0.sampleText) },
        lines: { $0.dataLines }, row: { $0.selectedSampleLines },
        show: { $0.openDataAgain() },
        argument: ViewArgument(usage: "[SPEC]") { $0.chooseData($1) },
        goBack: { $0.goBackInData() })
}

extension Scope {
    static let pictures = Scope(rawValue: 1 << 12)
    static let data: Scope = .pictures
}
