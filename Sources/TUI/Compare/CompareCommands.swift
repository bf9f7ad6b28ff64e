import Terminal

// The commands of view 5.
extension Command {
    static let comparing: [Command] = [
        Command(
            "choose", [" "], in: .runTable, "puts the run beside the others, or takes it away; four at most",
            hint: "compare", unless: { $0.whyNoRuns }
        ) { $0.toggleChoice() },
        Command(
            "metric", ["m"], in: .compare, "test loss, accuracy, or the loss of training", hint: "metric"
        ) { $0.showNextCurve() },
        Command(
            "equal", ["="], in: .compare, "settings that do not differ too, or only those that do",
            hint: "equal"
        ) { $0.compare.showsEqual.toggle() },
        Command("by-steps", ["s"], in: .compare, "curves against epochs or against steps") {
            $0.compare.bySteps.toggle()
        },
        Command(
            "run-note", ["e"], in: .runTable, "writes a remark on the run", hint: "note",
            parameter: .text("[TEXT]"),
            unless: { $0.whyNoRuns }
        ) { screen, text in screen.noteRun(text) },
        Command(
            "delete-run", ["d", .delete], in: .runTable, "deletes the run with all it recorded; asks",
            hint: "del",
            unless: { $0.whyNoRuns }
        ) { $0.askToDeleteRun() },
    ]
}
