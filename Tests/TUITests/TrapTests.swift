import Devices
import Editing
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

/// What a person may not mean, and the screen does not do.
@Suite("Keys without traps", .limited)
struct TrapTests {
    /// All convolutions are marked, and the filter is off.
    private static func marked(_ size: Size = .standard) throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: size)
        driver.press("/")
        driver.type("conv")
        driver.press(.enter, "*")
        driver.command("filter")
        driver.press(.control("u"), .enter)
        return driver
    }

    @Test(
        "marks and filter are on the screen of every size, and marks in every view",
        arguments: [
            Size.wide, .standard, .least,
        ])
    func visible(size: Size) throws {
        var driver = try Driver(sample: "network-t40", size: size)
        driver.press("/")
        driver.type("conv")
        driver.press(.enter, "*", "[", .down)
        #expect(driver.screen.contains("■ 11 marked   filter 'conv'"))
        #expect(driver.screen.contains("for all 11 that are marked"))
        for view in ["2", "3", "4", "5", "6", "1"] as [Key] {
            driver.press(view)
            #expect(driver.screen.contains(" ■11"))
        }
    }

    @Test("d asks where the cursor is not on a mark, and deletes what is answered")
    func deletion() throws {
        var driver = try Self.marked()
        let count = driver.state.editor.network.nodes.count
        driver.press(.home, .down)
        #expect(driver.state.selectedName == "preprocess" && driver.state.list.marked.count == 11)
        driver.press("d")
        #expect(driver.state.editor.network.nodes.count == count)
        #expect(driver.screen.contains("The cursor is on preprocess, which is not marked."))
        driver.press("o")
        #expect(driver.state.editor.network["preprocess"] == nil)
        #expect(driver.state.editor.network.nodes.count == count - 1)
        driver.press("u", .home, "d", "m")
        #expect(driver.state.editor.network.nodes.count == count - 11)
        #expect(driver.state.editor.network["preprocess"] != nil)
    }

    @Test("d asks where a filter hides a marked layer, and one mark elsewhere is named")
    func hidden() throws {
        var driver = try Self.marked()
        driver.press("/")
        driver.type("conv1")
        driver.press(.enter, "d")
        #expect(driver.screen.contains("9 of them are out of sight."))
        driver.press(.escape, .escape, .home, .down, " ")
        #expect(driver.state.list.marked == ["preprocess"])
        #expect(driver.screen.contains("for preprocess, which is marked"))
    }

    @Test("d on an input says that inputs cannot be deleted")
    func input() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press(.home, "d")
        #expect(driver.screen.contains("inputs cannot be deleted"))
    }

    @Test(
        "l and the right arrow lead from the list to the fields and change nothing",
        arguments: [
            Key.right, "l",
        ])
    func fields(key: Key) throws {
        var driver = try Driver(sample: "network-t40")
        while driver.state.selectedName != "maxpool" { driver.press(.down) }
        let before = driver.state.editor.document
        driver.press(key)
        #expect(driver.state.editor.document == before && driver.state.pane.scope == .inspector)
        driver.press(key)
        #expect(driver.state.editor.network["maxpool"]?.layer.value(of: "kernelHeight") == .integer(3))
        driver.press("u", .escape, .left)
        #expect(driver.state.editor.document == before && driver.state.pane.scope == .list)
        driver.press("+")
        #expect(driver.state.editor.document != before)
        driver.press("-")
        #expect(driver.state.editor.document == before)
    }

    @Test("Tab in a form is the next setting and in the end the row that starts; s starts from everywhere")
    func form() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("4", "n")
        let form = try #require(driver.state.popups.last as? OptionForm)
        for row in 1...form.settings.count {
            driver.press(.tab)
            #expect((driver.state.popups.last as? OptionForm)?.selected == row)
        }
        driver.press(.tab)
        #expect((driver.state.popups.last as? OptionForm)?.selected == 0)
        driver.press(.backTab)
        #expect(!driver.effects.contains { if case .launch = $0 { true } else { false } })
        driver.press(.enter)
        #expect(driver.effects.contains { if case .launch = $0 { true } else { false } })
    }

    @Test("a run of a network without a name asks for it, and the save then starts the run")
    func firstRun() throws {
        var driver = try Driver(sample: "network-t40")
        driver = Driver(driver.state.editor.document, name: "untitled", path: nil)
        driver.press("4", "n")
        #expect(driver.screen.contains("asks for a name, saves the session, then trains"))
        driver.press(.down, .right, "s")
        #expect(driver.screen.contains("save as, then start the run"))
        driver.type("mine")
        driver.press(.enter)
        let saved = driver.effects.compactMap { effect -> AfterSave? in
            if case .save("mine", true, false, let next) = effect { return next }
            return nil
        }
        #expect(saved == [.launch(["--epochs", "4"])])
        driver.state.askToOverwrite("mine", asNew: true, then: saved[0], because: "mine is there already")
        driver.press("o")
        guard case .save("mine", true, true, .launch(["--epochs", "4"]))? = driver.effects.last else {
            Issue.record("\(driver.effects)")
            return
        }
    }

    @Test("a form says what is taken for what is left out")
    func automatic() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("4", "n")
        for words in [
            "current bits (w8 a8)", "auto (Adam)", "auto (0.003)", "initial weights ◂ fitted",
            "auto (cross-entropy)", "built-in",
            "threads         ◂ auto ▸",
            "trains the session as it is saved",
        ] {
            #expect(driver.screen.contains(words), "\(words)")
        }
        driver.press(.escape)
        driver.command("bits-all 4")
        driver.press("n")
        #expect(driver.screen.contains("auto (Adam)") && driver.screen.contains("auto (0.003)"))
        #expect(driver.screen.contains("saves the session, then trains"))
        driver.press(.down, .down, .right, .right, .right, .right, .right)
        #expect(driver.screen.contains("32,8,4") && driver.screen.contains("auto (Adam)"))
        // A rate that is named leaves the optimizer to the vendor's advice, by bits.
        driver.press(.down, .down, .down, .enter)
        driver.type("0.02")
        driver.press(.enter)
        #expect(driver.screen.contains("auto (SGD, SGD, Adam)"))
    }

    @Test("Enter on an accepted finding offers to stop accepting it, and deletes nothing")
    func accepted() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("2")
        let network = driver.state.editor.network
        #expect(driver.screen.contains("▏ stop accepting it"))
        driver.press(.enter)
        #expect(driver.state.editor.network == network && driver.state.editor.document.waivers.isEmpty)
        #expect(driver.state.rules.remedies.last?.title == "remove bn1")
        driver.press("u")
        #expect(driver.state.editor.document.waivers.count == 1)
    }

    @Test(
        "what is typed exactly behind : stands first and is run",
        arguments: [
            ("w", "save"), ("wq", "save, quit"), ("x", "save, quit"), ("q!", "leave"), ("q", ""),
        ])
    func exact(text: String, wanted: String) throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press(.down, .down, .down, "[")
        driver.effects = []
        driver.press(":")
        driver.type(text)
        #expect((driver.state.popups.last as? Picker)?.current?.completion == text)
        driver.press(.enter)
        let done = driver.effects.compactMap { effect -> String? in
            switch effect {
            case .save(_, _, _, .stay): "save"
            case .save(_, _, _, .quit): "save, quit"
            case .leave: "leave"
            default: nil
            }
        }
        #expect(done.joined() == wanted)
        #expect(driver.state.popups.isEmpty == (text != "q"))
    }

    @Test("a number behind : goes to the layer of that number, whatever the filter hides")
    func row() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.command("filter pool")
        driver.command("12")
        #expect(driver.state.selectedName == driver.state.editor.network.nodes[11].name)
        driver.command("99")
        #expect(driver.screen.contains("the network has 23 layers"))
        driver.press("2")
        driver.command("target T02")
        driver.command("3")
        #expect(driver.state.rules.row == 2)
        // View 3 shows layers, too; some have nothing to show there.
        driver.press("1", .escape, "3")
        driver.command("12")
        #expect(driver.state.probedLayer == driver.state.editor.network.nodes[11].name)
    }

    @Test(
        "a layer that is added to an empty network or to a quantized one is quantized, and to a float one is not"
    )
    func added() throws {
        var driver = Driver(.empty, name: "untitled", path: nil)
        for name in ["Conv2D", "Maxpool2D", "Flatten", "FullConnected"] {
            driver.press("a")
            driver.type(name)
            driver.press(.enter)
        }
        let able = driver.state.editor.network.nodes.filter { $0.layer.value(of: "quantize") != nil }
        #expect(able.count == 2 && able.allSatisfy(\.isQuantized))
        driver.command("quantize-all off")
        driver.press("a")
        driver.type("Conv1D")
        driver.press(.escape, .home, "a")
        driver.type("Conv2D")
        driver.press(.enter)
        #expect(driver.state.selectedNode?.isQuantized == false)
    }

    @Test("a copy says where the text went")
    func copies() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("y")
        #expect(
            driver.screen.contains("copied the layer preprocess to the terminal (OSC 52)")
                || driver.screen.contains("copied the layer image to the terminal (OSC 52)"))
        driver.state.copied(by: ["tmux", "wl-copy"])
        #expect(driver.screen.contains("to tmux, wl-copy, the terminal (OSC 52)"))
    }

    @Test(
        "help is searched with /, closed with q, and shows every line whole",
        arguments: [
            Size.wide, .standard, .least,
        ])
    func help(size: Size) throws {
        var driver = try Driver(sample: "network-t40", size: size)
        driver.press("?")
        let page = try #require(driver.state.popups.last as? Page)
        #expect(page.shown(in: 56, on: driver.state).allSatisfy { $0.displayWidth <= 56 })
        #expect(
            page.shown(in: 56, on: driver.state).joined(separator: " ").split(separator: " ")
                == page.lines.joined(separator: " ").split(separator: " "))
        driver.press("/")
        driver.type("marked")
        driver.press(.enter)
        let found = try #require(driver.state.popups.last as? Page)
        #expect(
            found.shown(in: 200, on: driver.state).count > 2
                && found.shown(in: 200, on: driver.state).allSatisfy { $0.contains("marked") })
        driver.press(.escape)
        #expect((driver.state.popups.last as? Page)?.find == "")
        driver.press("q")
        #expect(driver.state.popups.isEmpty)
    }

    @Test("dialogs say their keys in the last row, and undo says that all is undone")
    func footers() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press(.down, .down, .down, "[", "q")
        #expect(driver.screen.hasSuffix("s save and quit  d discard  Esc stay"))
        driver.press(.escape, "u", "u")
        #expect(driver.screen.contains("every change is undone already"))
    }

    @Test("the log has the focus with Tab, and its chosen line is shown whole")
    func log() throws {
        var driver = try Driver(sample: "network-t40")
        driver.state.take(Synthetic.runs(of: driver.state), at: 0)
        driver.press("4", .backTab)
        #expect(driver.state.pane.scope == .log && driver.screen.contains("1 of 4"))
        #expect(driver.screen.contains("▌14:12 epoch 3 test 84.7 %, loss"))
        #expect(driver.screen.contains("▌0.460"))
        driver.press(.down)
        #expect(driver.screen.contains("2 of 4") && driver.screen.contains("▌14:09 stage 2: 8 bit"))
    }

    @Test("a message that is cut says which key shows it whole", arguments: [Size.standard, .least])
    func messages(size: Size) throws {
        var driver = try Driver(sample: "network-t40", size: size)
        let words = (1...30).map { "word\($0)" }.joined(separator: " ")
        driver.state.refuse(words)
        #expect(driver.screen.contains(" M whole "))
        driver.press("M")
        #expect(driver.screen.contains("word30"))
    }

    @Test("the header says the least and the most bits where layers differ")
    func bits() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        #expect(driver.screen.contains("w8 a8"))
        driver.command("set conv0.weightBits=4")
        #expect(driver.screen.contains("w4-8 a8"))
    }

    @Test("a change that breaks a rule says so")
    func broken() throws {
        var driver = try Driver(sample: "network-t40")
        while driver.state.selectedName != "conv9" { driver.press(.down) }
        driver.state.inspector.field = "outChannels"
        driver.press(.enter, .control("u"))
        driver.type("80")
        driver.press(.enter)
        #expect(driver.screen.contains("more finding"))
    }

    @Test("s in view 2 of a narrow screen shows the rules that pass")
    func passing() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("2", "s")
        #expect(driver.screen.contains("rules of T40 that pass") && driver.screen.contains("✓"))
    }

    @Test("what stands in the way of a save can be gone around under another name")
    func otherName() throws {
        var driver = try Driver(sample: "network-t40")
        driver.state.askToOverwrite("there", asNew: false, then: .quit, because: "there was changed")
        driver.press("n")
        #expect(driver.screen.contains("save as, then quit"))
    }
}
