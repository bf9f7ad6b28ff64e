import Devices
import Editing
import Graph
import Terminal

// The commands of view 1: layers and their values.
extension Command {
    static let layers: [Command] = [
        Command(
            "add", ["a"], in: .network, "adds a layer or a block after the selected one", hint: "add",
            parameter: Parameter("[before|branch]") { InsertionPlace(rawValue: $0.isEmpty ? "after" : $0) },
            undo: true, unless: { $0.whyNotEditable }
        ) { screen, place in screen.openAdd(place) },
        Command(
            "add-before", ["A"], in: .network, "adds a layer or a block before the selected one", undo: true,
            unless: { $0.whyNotEditable }
        ) { $0.openAdd(.before) },
        Command(
            "add-branch", ["B"], in: .network, "adds a layer that reads the selected one beside its readers",
            undo: true, unless: { $0.whyNotEditable }
        ) { $0.openAdd(.branch) },
        Command(
            "delete", ["d", .delete], in: .network,
            "deletes the layer or the marked ones; readers are rewired",
            hint: "del", undo: true, unless: { $0.whyNotDeletable }
        ) { $0.deleteLayers() },
        Command(
            "duplicate", ["c"], in: .network, "puts a copy after the layer or the marked ones",
            hint: "dupl",
            undo: true, unless: { $0.whyNoLayer }
        ) { $0.duplicateLayers() },
        Command(
            "move-down", ["J"], in: .network, "moves the layer down", undo: true, unless: { $0.whyNoLayer }
        ) { $0.moveLayer(1) },
        Command(
            "move-up", ["K"], in: .network, "moves the layer up", undo: true, unless: { $0.whyNoLayer }
        ) { $0.moveLayer(-1) },
        Command(
            "rewire", ["r"], in: .network, "picks what the layer reads", hint: "inputs", undo: true,
            unless: { $0.whyNoLayer }
        ) { $0.openRewire() },
        Command(
            "boxes", ["v"], in: .network, "the network as boxes and wires, or as a list again", hint: "boxes"
        ) { $0.toggleBoxes() },
        Command(
            "wires", ["w"], in: .network, "all that the layer reads and all that read it, to go there",
            unless: { $0.selectedName == nil ? "the network is empty; \($0.key("add")) adds a layer" : nil }
        ) { $0.openWires() },
        Command(
            "rename", ["R", .function(2)], in: .network, "gives the layer or input another name",
            parameter: .text("[NAME]"), undo: true, unless: { $0.whyNothingSelected }
        ) { screen, name in screen.rename(name) },
        Command(
            "note", ["e"], in: .network, "writes a remark on the layer", parameter: .text("[TEXT]"),
            undo: true,
            unless: { $0.whyNoLayer }
        ) { screen, text in screen.annotate(text) },
        Command(
            "fold", ["b"], in: [.list, .inspector, .boxes],
            "folds the block of the layer into a row, and unfolds it"
        ) { $0.fold() },
        Command(
            "mark", [" "], in: [.list, .boxes], "marks the layer, so that an edit is made for all marked",
            hint: "mark"
        ) { $0.mark() },
        Command(
            "mark-shown", ["*"], in: .list, "marks all layers that are shown; with a filter, those"
        ) { $0.markShown() },
        Command(
            "filter", ["/"], in: [.network, .ranges, .compare],
            "shows only layers, in view 5 runs, whose name, operator, bits or note has the text",
            hint: "filter", parameter: .text("[TEXT]")
        ) { screen, text in screen.filter(text) },
        Command(
            "next-match", ["n"], in: [.network, .ranges],
            "to the next layer with a finding; in view 3 to the next that stands out"
        ) { $0.view.goToMatch(&$0, 1) },
        Command(
            "previous-match", ["N"], in: [.network, .ranges],
            "to the layer with a finding before; in view 3 to the one that stands out before"
        ) { $0.view.goToMatch(&$0, -1) },
        Command("sort", ["o"], in: [.list, .ranges], "orders the list by file, SQNR, bytes or MACs") {
            $0.sort()
        },
    ]

    static let values: [Command] = [
        Command(
            "fields", [.right, "l"], in: .list, "to the fields of the layer, where left and right step values"
        ) { $0.panes[.network] = 1 },
        Command("less", ["-"], in: [.network, .form], "steps the chosen value down", undo: true) {
            $0.step(-1)
        },
        Command("more", ["+", "="], in: [.network, .form], "steps the chosen value up", undo: true) {
            $0.step(1)
        },
        Command(
            "step-down", [.left, "h"], in: [.inspector, .form], "steps the value down, as less does",
            undo: true
        ) { $0.step(-1) },
        Command(
            "step-up", [.right, "l"], in: [.inspector, .form], "steps the value up, as more does", undo: true
        ) { $0.step(1) },
        Command(
            "fewer-bits", ["["], in: [.network, .ranges],
            "fewer bits, of weights unless output bits are selected",
            undo: true, unless: { $0.whyNothingSelected }
        ) { $0.stepBits(-1) },
        Command(
            "more-bits", ["]"], in: [.network, .ranges], "more bits", undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.stepBits(1) },
        Command(
            "quantizer", ["Q"], in: [.network, .ranges], "quantize on or off", hint: "quantize", undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.toggleQuantize() },
        Command(
            "quantize-all", [], in: .network, "quantize on or off for every layer",
            parameter: Parameter("[on|off]", optional: { Bool(word: $0) }), undo: true
        ) { screen, isOn in screen.quantizeAll(isOn) },
        Command(
            "bits-all", [], in: .network, "bits of weights and results of every quantized layer",
            parameter: Parameter("BITS") { Int($0) }, undo: true
        ) { screen, bits in screen.setAllBits(bits) },
        Command(
            "default", ["0"], in: .network, "puts the value back to the manual's default", undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.resetValue() },
        Command(
            "set", [], in: .network, "sets a field of the layers that a name or pattern matches",
            parameter: Parameter("LAYER.FIELD=VALUE") { $0.isEmpty ? nil : $0 }, undo: true
        ) { screen, text in screen.assign(text) },
        Command(
            "target", ["t"], in: .views, "picks the chip; the findings follow the cursor", hint: "target",
            parameter: Parameter("[CHIP]", optional: { Device(name: $0) }), undo: true
        ) { screen, device in screen.chooseDevice(device) },
    ]
}

// Why commands cannot be done now; nil where they can.
extension ScreenState {
    var whyNothingSelected: String? {
        whyNotEditable ?? (selectedName == nil ? "the network is empty; \(key("add")) adds a layer" : nil)
    }

    var whyNotDeletable: String? {
        whyNoLayer == nil || whyNothingSelected != nil ? whyNoLayer : "inputs cannot be deleted"
    }

    var whyNoLayer: String? {
        if let reason = whyNothingSelected { return reason }
        return list.marked.isEmpty && selectedNode == nil
            ? "an input is selected; only layers have this" : nil
    }
}
