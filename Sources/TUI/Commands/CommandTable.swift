import Devices
import Workbench
import Terminal

// The table of commands, by what they are about. Nothing else in the program lists keys.
extension Command {
    static let going: [Command] = [
        Command(
            "up", [.up, "k"], in: [.views, .picker, .page, .form, .sweep, .calibration],
            "one row up; in view 4 the layer before",
            .move(-1)),
        Command(
            "down", [.down, "j"], in: [.views, .picker, .page, .form, .sweep, .calibration],
            "one row down; in view 4 the next layer",
            .move(1)),
        Command("page-up", [.pageUp, .control("u")], in: [.views, .picker, .page], "a page up", .page(-1)),
        Command(
            "page-down", [.pageDown, .control("d")], in: [.views, .picker, .page], "a page down", .page(1)),
        Command("top", [.home, "g"], in: [.views, .page], "to the first row", .first),
        Command("bottom", [.end, "G"], in: [.views, .page], "to the last row", .last),
        Command(
            "open-row", [.enter], in: [.views, .overlays],
            "type the value, apply the fix, take what is picked", hint: "edit", .open),
        Command(
            "back", [.escape], in: .everywhere,
            "back: out of a popup or field, or filter and marks off; never quits",
            .back),
        Command(
            "next-pane", [.tab], in: [.views, .form, .sweep], "to the next pane", hint: "pane", .pane(1)),
        Command("previous-pane", [.backTab], in: [.views, .form, .sweep], "to the pane before", .pane(-1)),
        Command("complete", [.tab], in: [.picker, .prompt], "completes what is typed", .complete),
        Command(
            "network", ["1"], in: .views, "view 1: layers, where the bits go, inspector", .view(.network)),
        Command("rules", ["2"], in: .views, "view 2: findings, fixes, the chips side by side", .view(.rules)),
        Command(
            "ranges", ["3"], in: .views, "view 3: every layer's values against its clip and levels",
            .view(.ranges)),
        Command("train", ["4"], in: .views, "view 4: loss, ranges, saturation of a run", .view(.train)),
        Command("compare", ["5"], in: .views, "view 5: runs side by side", .view(.compare)),
    ]

    static let layers: [Command] = [
        Command(
            "add", ["a"], in: .network, "adds a layer or a block after the selected one", hint: "add",
            parameter: "[before|branch]", undo: true, unless: { $0.whyNotEditable }
        ) { text in InsertionPlace(rawValue: text.isEmpty ? "after" : text).map(Action.add) },
        Command(
            "add-before", ["A"], in: .network, "adds a layer or a block before the selected one", undo: true,
            unless: { $0.whyNotEditable }, .add(.before)),
        Command(
            "add-branch", ["B"], in: .network, "adds a layer that reads the selected one beside its readers",
            undo: true, unless: { $0.whyNotEditable }, .add(.branch)),
        Command(
            "delete", ["d", .delete], in: .network,
            "deletes the layer or the marked ones; readers are rewired",
            hint: "del", undo: true, unless: { $0.whyNoLayer }, .delete),
        Command(
            "duplicate", ["c"], in: .network, "puts a copy after the layer or the marked ones", hint: "copy",
            undo: true, unless: { $0.whyNoLayer }, .duplicate),
        Command(
            "move-down", ["J"], in: .network, "moves the layer down", undo: true, unless: { $0.whyNoLayer },
            .moveLayer(1)),
        Command(
            "move-up", ["K"], in: .network, "moves the layer up", undo: true, unless: { $0.whyNoLayer },
            .moveLayer(-1)),
        Command(
            "rewire", ["r"], in: .network, "picks what the layer reads", hint: "reads", undo: true,
            unless: { $0.whyNoLayer }, .rewire),
        Command(
            "rename", ["R", .function(2)], in: .network, "gives the layer or input another name",
            parameter: "[NAME]", undo: true, unless: { $0.whyNothingSelected }
        ) { .rename($0.isEmpty ? nil : $0) },
        Command(
            "note", ["e"], in: .network, "writes a remark on the layer", parameter: "[TEXT]", undo: true,
            unless: { $0.whyNoLayer }
        ) { .annotate($0.isEmpty ? nil : $0) },
        Command(
            "fold", ["b"], in: .network, "folds the block of the layer into a row, and unfolds it", .fold),
        Command(
            "mark", [" "], in: .list, "marks the layer, so that an edit is made for all marked", hint: "mark",
            .mark),
        Command(
            "mark-shown", ["*"], in: .list, "marks all layers that are shown; with a filter, those",
            .markShown),
        Command(
            "filter", ["/"], in: [.network, .ranges, .compare],
            "shows only layers whose name, operator or note has the text",
            hint: "filter", parameter: "[TEXT]"
        ) { .filter($0.isEmpty ? nil : $0) },
        Command(
            "next-match", ["n"], in: [.network, .ranges],
            "to the next layer with a finding; in view 3 to the next that stands out", .match(1)),
        Command(
            "previous-match", ["N"], in: [.network, .ranges],
            "to the layer with a finding before; in view 3 to the one that stands out before", .match(-1)),
        Command("sort", ["o"], in: [.list, .ranges], "orders the list by file, SQNR, bytes or MACs", .sort),
    ]

    static let values: [Command] = [
        Command("less", [.left, "h"], in: [.network, .form], "steps the value down", undo: true, .step(-1)),
        Command(
            "more", [.right, "l"], in: [.network, .form], "steps the value up", undo: true, .step(1)),
        Command(
            "fewer-bits", ["["], in: [.network, .ranges],
            "fewer bits, of weights unless output bits are selected",
            undo: true, unless: { $0.whyNothingSelected }, .bits(-1)),
        Command(
            "more-bits", ["]"], in: [.network, .ranges], "more bits", undo: true,
            unless: { $0.whyNothingSelected },
            .bits(1)),
        Command(
            "quantizer", ["Q"], in: [.network, .ranges], "quantize on or off", hint: "quantize", undo: true,
            unless: { $0.whyNothingSelected }, .quantize),
        Command(
            "quantize-all", [], in: .network, "quantize on or off for every layer", parameter: "[on|off]",
            undo: true
        ) { text in
            switch text {
            case "": .quantizeAll(nil)
            case "on": .quantizeAll(true)
            case "off": .quantizeAll(false)
            default: nil
            }
        },
        Command(
            "bits-all", [], in: .network, "bits of weights and results of every quantized layer",
            parameter: "BITS", undo: true
        ) { Int($0).map(Action.allBits) },
        Command(
            "default", ["0"], in: .network, "puts the value back to the manual's default", undo: true,
            unless: { $0.whyNothingSelected }, .reset),
        Command(
            "set", [], in: .network, "sets a field of the layers that a name or pattern matches",
            parameter: "LAYER.FIELD=VALUE", undo: true
        ) { $0.isEmpty ? nil : .set($0) },
        Command(
            "target", ["t"], in: .views, "picks the chip; the findings follow the cursor", hint: "target",
            parameter: "[CHIP]", undo: true
        ) { text in text.isEmpty ? .device(nil) : Device(name: text).map { .device($0) } },
    ]

    static let judging: [Command] = [
        Command(
            "fix", ["f"], in: [.network, .rules], "applies the fix of the worst finding here", hint: "fix",
            undo: true,
            unless: { $0.whyNoFix }, .fix),
        Command(
            "fix-all", ["F"], in: [.network, .rules],
            "applies every fix that keeps the float results",
            hint: "fix all", undo: true, unless: { $0.whyNoSafeFix }, .fixAll),
        Command(
            "rule-text", ["i"], in: .rules, "the rule, its source and why", hint: "rule",
            unless: { $0.whyNoFinding }, .ruleText),
        Command(
            "waive", ["w"], in: .rules, "lives with the finding, for a reason; again takes it back",
            hint: "waive",
            parameter: "[REASON]", undo: true, unless: { $0.whyNotWaivable }
        ) { .waive($0.isEmpty ? nil : $0) },
        Command("only-wrong", ["s"], in: .rules, "shows only what is wrong, or what passes too", .onlyWrong),
    ]

    static let ranging: [Command] = [
        Command(
            "narrower", [.left], in: .ranges, "a lower clip; in the weights a smaller factor",
            undo: true,
            unless: { $0.whyNothingSelected }, .step(-1)),
        Command(
            "wider", [.right], in: .ranges, "a higher clip; in the weights a larger factor", undo: true,
            unless: { $0.whyNothingSelected }, .step(1)),
        Command(
            "per", ["p"], in: .ranges, "pictures of values, of channels, or of the range over a run's time",
            hint: "per", parameter: "[values|channels|time]"
        ) { text in text.isEmpty ? .subject(nil) : RangesState.Subject(rawValue: text).map { .subject($0) } },
        Command(
            "samples", ["R"], in: .ranges, "looks at more samples: 32, 128, 512", hint: "more samples",
            parameter: "[COUNT]"
        ) { text in text.isEmpty ? .samples(nil) : Int(text).map { .samples($0) } },
        Command(
            "sweep", ["S"], in: [.network, .ranges],
            "which layers need their bits, clips or factors, and what can be saved", hint: "sweep",
            parameter: "[bits|clip|factor]", unless: { $0.whyNoSweep }
        ) { text in
            text.isEmpty ? .sweep(nil) : SweepRequest.Subject(rawValue: text).map { .sweep($0) }
        },
        Command(
            "quantize", ["C"], in: [.network, .ranges],
            "makes a trained float network a good quantized one from data, without training",
            undo: true, unless: { $0.whyNoCalibration }, .calibrate),
        Command(
            "stop-quantize", ["x"], in: .calibration, "stops quantizing; nothing is changed", hint: "stop",
            unless: { $0.calibration.isRunning ? nil : "nothing is under way" }, .stopCalibration),
        Command(
            "stop-sweep", ["x"], in: .sweep, "stops the sweep; what was measured stays", hint: "stop",
            unless: { $0.sweep.isRunning ? nil : "no sweep is under way" }, .stopSweep),
        Command(
            "enlarge", ["z"], in: .ranges, "gives the focused picture the room of both", hint: "zoom",
            .enlarge),
    ]

    static let training: [Command] = [
        Command(
            "new-run", ["n"], in: .train, "starts a training run", hint: "new run",
            unless: { $0.whyNoNewRun }, .newRun),
        Command(
            "pause", ["p"], in: .train, "pauses the run, or lets it go on", hint: "pause",
            unless: { $0.whyNotRunning }, .pauseRun),
        Command(
            "stop", ["x"], in: .train, "stops the run at a checkpoint; asks", hint: "stop",
            unless: { $0.whyNotRunning }, .stopRun(isSure: false)),
        Command(
            "resume", ["r"], in: .train, "goes on with a run that was stopped", hint: "resume",
            unless: { $0.whyNotResumable }, .resumeRun),
        Command(
            "attach", ["a"], in: .train, "picks which run of the session is shown", hint: "runs",
            parameter: "[RUN]",
            unless: { $0.whyNoRuns }
        ) { .attach($0.isEmpty ? nil : $0) },
    ]

    static let comparing: [Command] = [
        Command(
            "choose", [" "], in: .runTable, "puts the run beside the others, or takes it away; four at most",
            hint: "compare", unless: { $0.whyNoRuns }, .choose),
        Command(
            "metric", ["m"], in: .compare, "test loss, accuracy, or the loss of training", hint: "metric",
            .curve),
        Command(
            "equal", ["="], in: .compare, "settings that do not differ too, or only those that do",
            hint: "equal", .equalRows),
        Command("by-steps", ["s"], in: .compare, "curves against epochs or against steps", .againstSteps),
        Command(
            "run-note", ["e"], in: .runTable, "writes a remark on the run", hint: "note", parameter: "[TEXT]",
            unless: { $0.whyNoRuns }
        ) { .noteRun($0.isEmpty ? nil : $0) },
        Command(
            "delete-run", ["d", .delete], in: .runTable, "deletes the run with all it recorded; asks",
            hint: "del",
            unless: { $0.whyNoRuns }, .deleteRun(isSure: false)),
    ]

    static let plotting: [Command] = [
        Command(
            "earlier", [.left, "h"], in: .train, "moves the hairline, or a zoomed picture, to earlier",
            .step(-1)),
        Command("later", [.right], in: .train, "moves the hairline, or a zoomed picture, to later", .step(1)),
        Command(
            "log", ["l"], in: [.ranges, .train, .compare], "log or linear scale", hint: "log", .logScale),
        Command(
            "smooth", ["s"], in: .train, "smooths the loss: 0, 0.6, 0.9, 0.97, 0.99", hint: "smooth", .smooth),
        Command("zoom-in", ["+", "="], in: .train, "shows less time, larger", .zoom(1)),
        Command("zoom-out", ["-"], in: .train, "shows more time", .zoom(-1)),
        Command("inspect", ["i"], in: .train, "numbers under a hairline; left and right move it", .inspect),
        Command("freeze", [" "], in: .train, "freezes the picture, not the run", hint: "freeze", .freeze),
    ]

    static let keeping: [Command] = [
        Command(
            "undo", ["u"], in: .views, "takes the last change back", hint: "undo", unless: { $0.whyNoUndo },
            .undo),
        Command(
            "redo", [.control("r")], in: .views, "makes the change again that was taken back",
            unless: { $0.whyNoRedo }, .redo),
        Command(
            "w", [.control("s")], in: .everywhere, "saves the session, under another name where one is given",
            parameter: "[NAME]"
        ) {
            $0.isEmpty ? .save : .saveAs($0)
        },
        Command("save-as", [], in: .views, "saves the session under another name", parameter: "[NAME]") {
            .saveAs($0.isEmpty ? nil : $0)
        },
        Command(
            "open", [.control("o")], in: .views, "opens a session, a sample or an empty network",
            parameter: "[NAME]"
        ) {
            .openSession($0.isEmpty ? nil : $0)
        },
        Command(
            "export", ["E"], in: .views, "writes the network for another program", hint: "export",
            parameter: "[FORMAT]", unless: { $0.whyNoExport }
        ) { .export($0.isEmpty ? nil : $0) },
        Command(
            "approximate", ["a"], in: .page,
            "opens the model with operators that come near to those that no chip has",
            unless: { $0.whyNotApproximate }, .approximate),
        Command("copy", ["y"], in: .views, "copies what is selected, as text, to the clipboard", .copy),
        Command(
            "palette", [":"], in: .views, "every command by name, key or help", hint: "command", .palette),
        Command(
            "help", ["?", .function(1)], in: [.views, .page], "what every key does here", hint: "help", .help),
        Command("redraw", [.control("l")], in: .everywhere, "draws the screen anew", .redraw),
        Command("suspend", [.control("z")], in: .everywhere, "back to the shell; fg returns", .suspend),
        Command(
            "mouse", [], in: .views, "the mouse on or off; off lets the terminal select text",
            parameter: "on|off"
        ) {
            $0 == "on" ? .mouse(true) : $0 == "off" ? .mouse(false) : nil
        },
        Command("plots", [], in: .views, "how plots are drawn", parameter: "braille|block|ascii") {
            Glyphs.Kind(rawValue: $0).map { .plots($0.rawValue) }
        },
        Command(
            "q", ["q", .control("c")], in: .views, "quits; asks only where changes are not saved",
            hint: "quit", .quit),
    ]
}
