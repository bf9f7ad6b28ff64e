import Devices
import Editing
import Graph
import Probing
import QAT
import Runs
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("The screen in lines", .limited(minutes: 10))
struct PlainScreenTests {
    @Test(
        "every view and popup is said in lines as it was, without rules, blocks and colours",
        arguments: Scene.allCases)
    func scenes(scene: Scene) throws {
        let driver = PlainDriver(try scene.driver(.wide, .plain))
        let text = driver.opening.joined(separator: "\n") + "\n"
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(!text.contains("|--") && !text.contains("+-"))
        try expectGolden(text, "lines/\(scene).txt")
    }

    @Test("five minutes of README with lines alone")
    func fiveMinutes() throws {
        let items = try ReadmeKeysTests.items(of: "Five minutes")
        try #require(items.count == 6)
        var plain = PlainDriver(Driver(.empty, name: "untitled", path: nil, appearance: .plain))
        plain.driver.state.openStart()
        #expect(ReadmeKeysTests.keys(items[0]) == ["magikbench", "network-t40", "?", ":"])
        #expect(plain.heard().say("network-t40, 23 layers"))
        plain.enter("network-t40")
        #expect(
            plain.driver.effects.contains {
                if case .open(.sample("network-t40")) = $0 { true } else { false }
            })

        plain = try PlainDriver(sample: "network-t40")
        #expect(plain.heard().say("view 1, Network: layers"))
        let help = plain.enter("?")
        #expect(help.say("WHAT CAN BE TYPED") && help.say("adds a layer or a block"))
        #expect(plain.driver.state.popups.isEmpty)
        #expect(plain.enter(":").say(":undo, undoes the last change"))
        #expect(plain.enter("Esc").say("selected: "))

        #expect(ReadmeKeysTests.keys(items[1]) == ["↓", "conv0", "[", "[", "u"])
        #expect(plain.enter("down down down").say("selected: 3 conv0, Conv2D 3x3, 32x32x32, weights 8 bit"))
        let probe = Probe()
        let fewer = plain.enter("[ [")
        #expect(fewer.say("conv0 weightBits 8 to 4") || fewer.say("conv0 weightBits 6 to 4"))
        try ReadmeKeysTests.look(&plain.driver, with: probe)
        #expect(plain.heard().say("of 16 levels, SQNR "))
        #expect(plain.enter("u u").say("undone: conv0 weightBits"))

        #expect(ReadmeKeysTests.keys(items[2]) == ["/", "conv", "Enter", "*", "Esc"])
        #expect(plain.enter("/").first == "filter")
        #expect(plain.enter("conv").say("only those with 'conv' are shown"))
        #expect(plain.enter("*").say("11 layers are marked"))
        plain.enter("[")
        let products = plain.driver.state.editor.network.nodes.filter { $0.kind == .conv2D }.map(\.name)
        #expect(products.count == 11 && products.allSatisfy { ReadmeKeysTests.bits(plain.driver, $0) == 6 })
        plain.enter("Esc")
        #expect(plain.driver.state.list.marked.isEmpty && plain.driver.state.list.filter.isEmpty)
        plain.enter("u")

        #expect(ReadmeKeysTests.keys(items[3]) == ["t", "Enter", "2", "Enter", "u", "w"])
        let chips = plain.enter("t")
        #expect(chips.say("chip T40: 0 errors") && chips.say("chip T02: 1 error") && chips.say("the target"))
        #expect(plain.enter("down down").say("selected: chip T02: 1 error"))
        #expect(plain.enter("Enter").say("target T02: 1 must fix"))
        let rules = plain.enter("2")
        #expect(rules.say("T02: 1 must fix") && rules.say("fix 1: ") && rules.say("T02 has no Shortcut"))
        let network = plain.driver.state.editor.network
        let remedy = try #require(
            plain.driver.state.rules.remedies.firstIndex { $0.title.hasPrefix("remove") })
        #expect(plain.enter("Tab").say("view 2, Rules: fixes"))
        #expect(plain.enter("row \(remedy + 1)").say("- "))
        plain.enter("Enter")
        #expect(plain.driver.state.editor.network != network)
        plain.enter("u")
        #expect(plain.driver.state.editor.network == network)
        #expect(plain.enter("w").say("why it does not matter"))
        #expect(plain.enter("").say("cannot be: a reason says why"))
        #expect(plain.enter("it does not matter here").say("accepted: operator-unsupported"))
        #expect(
            plain.driver.state.editor.document.waivers.contains { $0.reason == "it does not matter here" })

        #expect(ReadmeKeysTests.keys(items[4]) == ["a", "d", "c", "r", "J", "K", "v"])
        plain = try PlainDriver(sample: "network-t40")
        plain.enter("row 8")
        let count = network.nodes.count
        #expect(plain.enter("a").say("add after conv3"))
        #expect(plain.enter("Maxpool").say("selected: 9 max3, Maxpool 2x2/2"))
        plain.enter("d")
        plain.enter("c")
        #expect(plain.driver.state.editor.network.nodes.count == count + 1)
        plain.enter("K J")
        #expect(plain.enter("r").say("type a number or a name"))
        plain.enter("Esc")
        #expect(plain.enter("v").say("view 1, Network: boxes"))
        plain.enter("v")

        #expect(ReadmeKeysTests.keys(items[5]) == ["Ctrl-S", "4", "n", "s", "q", "p", "x"])
        plain.enter("Ctrl-S")
        #expect(plain.driver.effects.contains { if case .save = $0 { true } else { false } })
        plain = try PlainDriver(sample: "network-t40")
        #expect(plain.enter("4").say("the session has no runs yet"))
        let form = plain.enter("n")
        #expect(form.say("1 data: ") && form.say("2 epochs: 3"))
        #expect(plain.enter("epochs 5").say("2 epochs: 5"))
        #expect(plain.enter("batch").say("samples in a step"))
        #expect(plain.enter("32").say("4 batch: 32"))
        #expect(plain.enter("s").say("a run starts"))
        #expect(
            plain.driver.effects.contains {
                if case .launch(let words) = $0 {
                    words.starts(with: ["--epochs", "5"]) && words.contains("32")
                } else {
                    false
                }
            })
    }

    @Test("a run is told at each evaluation and at its end, and its log is lines")
    func run() throws {
        var plain = try PlainDriver(sample: "network-t40")
        _ = plain.heard()
        var going = Synthetic.runs(of: plain.driver.state)
        going.runs[0].activity = .running
        going.shown?.activity = .running
        plain.driver.state.take(going, at: 1)
        #expect(plain.heard().say("run 140200-x7: epoch 4 of 6"))
        #expect(plain.heard().isEmpty)
        let train = plain.enter("4")
        #expect(train.say("loss by step: step "))
        #expect(plain.enter("Shift-Tab").say("view 4, Train: log"))
        going.runs[0].activity = .finished
        plain.driver.state.take(going, at: 2)
        #expect(plain.heard().say(" finished"))
    }

    @Test("what cannot be is said in one line, and what names no command lists those that come near")
    func errors() throws {
        var plain = try PlainDriver(sample: "network-t40")
        _ = plain.heard()
        #expect(plain.enter("d").first == "cannot: delete: inputs cannot be deleted")
        #expect(plain.enter("set conv0.stride").first?.hasPrefix("cannot: ") == true)
        let near = plain.enter("quantise")
        #expect(near.say("no command is named 'quantise'"))
        plain.enter("Esc")
        plain.enter("set conv0.clip=5.5")
        #expect(plain.enter("q").say("has 1 unsaved change"))
        #expect(plain.enter("discard").count > 0)
        #expect(plain.driver.effects.contains { if case .leave = $0 { true } else { false } })
    }

    @Test("a long list is cut when it opens, and lines says all of it")
    func long() throws {
        var plain = try PlainDriver(sample: "yolov5s-person")
        let count = plain.driver.state.rows.count
        let opening = plain.heard()
        #expect(opening.count < count && opening.say("more lines; lines says all"))
        #expect(plain.enter("lines").count > count)
        #expect(plain.driver.state.popups.isEmpty)
    }
}
