import Devices
import Editing
import Graph
import Probing
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Runs
@testable import TUI
@testable import Terminal

/// Where a person hesitated who had the screen alone: at a run's end, in forms, and in lists.
@Suite("The first runs of a new user", .limited)
struct NewUserRunTests {
    @Test("a run that could be better says so with the key that trains on, with its weights kept")
    func trainingOn() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        var snapshot = Synthetic.runs(of: driver.state)
        snapshot.detail?.findings = [
            .init(
                .unfinished, "test loss still fell by 9% in the last third of the run",
                .more(epochs: 6, bits: nil))
        ]
        driver.state.take(snapshot, at: 0)
        driver.press("4")
        #expect(driver.screen.contains("! test loss still fell by 9%"))
        #expect(driver.screen.contains("f trains on, 6 epochs"))
        driver.press("f")
        let form = try #require(driver.state.popups.last as? OptionForm)
        #expect(form.values == ["--epochs": "6", "--from-weights": "on"])
        #expect(form.current?.option == "--epochs")
        driver.press("s")
        #expect(
            driver.effects.contains {
                if case .launch(["--epochs", "6", "--from-weights"]) = $0 { true } else { false }
            })
        #expect(driver.screen.contains("x stops it, p pauses it"))
        // The next run begins anew.
        driver.press("n")
        #expect((driver.state.popups.last as? OptionForm)?.values == [:])
    }

    @Test("the end of a run is said until a key is pressed, with what would help it")
    func end() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        var snapshot = Synthetic.runs(of: driver.state)
        snapshot.runs[0].activity = .running
        driver.state.take(snapshot, at: 0)
        snapshot.runs[0].activity = .finished
        snapshot.detail?.run = snapshot.runs[0].record.id
        snapshot.detail?.findings = [
            .init(.unfinished, "test loss still fell by 9%", .more(epochs: 6, bits: nil))
        ]
        driver.state.take(snapshot, at: 1)
        driver.state.wake(at: 100)
        #expect(driver.screen.contains("finished") && driver.screen.contains("; 4 and f trains on, 6 epochs"))
        driver.press(.down)
        #expect(!driver.screen.contains("trains on"))
    }

    @Test("what is proposed in a field is replaced by what is typed, and kept by an arrow")
    func proposed() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("4", "n", .down, "1")
        driver.type("0")
        #expect((driver.state.popups.last as? Prompt)?.field.string == "10")
        driver.press(.enter, .down, .enter)
        driver.type("32,8,4")
        driver.press(.enter)
        #expect(
            (driver.state.popups.last as? OptionForm)?.values == ["--epochs": "10", "--recipe": "32,8,4"])
        #expect(driver.screen.contains("for each of 3 stages"))
        driver.press("4", .enter)
        #expect((driver.state.popups.last as? OptionForm)?.values["--recipe"] == "4")
        driver.press(.enter, .end)
        driver.type("4")
        driver.press(.enter)
        #expect(driver.screen.contains("a recipe is 32 for float or 2 to 8 bits"))
        driver.press(.backspace, .enter)
        #expect((driver.state.popups.last as? OptionForm)?.values["--recipe"] == "4")
    }

    @Test("the recipes to step through begin with 8 and 4 bits alone")
    func recipes() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("4", "n", .down, .down)
        var steps: [String?] = []
        for _ in 0..<3 {
            driver.press(.right)
            steps.append((driver.state.popups.last as? OptionForm)?.values["--recipe"])
        }
        #expect(steps == ["8", "4", "32"])
    }

    @Test("a run that cannot start leads back to its form, with the reason whole and the setting selected")
    func refusedRun() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("4", "n", .down, "7", .enter, "s")
        driver.state.runFailed(
            "magikbench: --freeze names 'conv99', and the network has no such layer; see 'magikbench train --help'"
        )
        let form = try #require(driver.state.popups.last as? OptionForm)
        #expect(form.current?.option == "--freeze" && form.values == ["--epochs": "7"])
        #expect(form.problem == "--freeze names 'conv99', and the network has no such layer")
        #expect(driver.screen.contains("no such layer") && driver.screen.contains("start"))
        // One that fails while it trains is said.
        driver.press(.escape)
        var snapshot = Synthetic.runs(of: driver.state)
        snapshot.runs[0].record.message = "a number was not finite"
        driver.state.take(snapshot, at: 0)
        driver.state.runFailed("magikbench: a number was not finite")
        #expect(driver.state.popups.isEmpty && driver.screen.contains("a number was not finite"))
    }

    @Test("a filter narrows while it is typed, arrows move, and Esc brings the old rows back")
    func following() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.state.select("conv4")
        let all = driver.state.rows.count
        driver.press("/")
        driver.type("conv1")
        #expect(driver.state.rows.map(\.name) == ["conv1", "conv10"])
        driver.press(.down)
        #expect(driver.state.selectedName == "conv10")
        driver.press(.backspace)
        #expect(driver.state.rows.count == 11)
        driver.press(.escape)
        #expect(driver.state.rows.count == all && driver.state.selectedName == "conv4")
        driver.press("/")
        driver.type("conv1")
        driver.press(.enter)
        #expect(driver.state.rows.count == 2 && driver.state.popups.isEmpty)
        // It stays while another one is typed, until Esc gives it back.
        driver.press("/")
        driver.type("pool")
        #expect(driver.state.list.filter == "pool")
        driver.press(.escape)
        #expect(driver.state.list.filter == "conv1")
    }

    @Test(
        "the footer of view 4 names what can be done now: stopping a run that goes on, and not one that is over"
    )
    func runKeys() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        var snapshot = Synthetic.runs(of: driver.state)
        snapshot.shown?.activity = .running
        driver.state.take(snapshot, at: 0)
        driver.press("4")
        #expect(driver.screen.contains("p pause") && driver.screen.contains("x stop"))
        driver.state.take(Synthetic.compared(of: driver.state), at: 0)
        #expect(!driver.screen.contains("p pause") && !driver.screen.contains("x stop"))
        #expect(driver.screen.contains("n new run"))
        driver.press("5", "n")
        #expect(driver.state.popups.last is OptionForm)
    }

    @Test("a network without findings has no cross in view 2")
    func noCross() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("2")
        #expect(driver.screen.contains("nothing must be fixed") && !driver.screen.contains("✗0"))
    }

    @Test("the palette takes the shorter of two names that begin as what is typed")
    func shorter() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press(":")
        driver.type("quant")
        let lines = driver.screen.split(separator: "\n").filter { $0.contains(":quantize") }
        #expect(lines.first?.contains(":quantize ") == true)
    }

    @Test("an order selects what it puts first")
    func ordered() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        driver.state.select("conv4")
        driver.press("o")
        let rows = driver.state.rows
        #expect(driver.state.selectedName == rows[0].name && rows[0].name != "conv4")
        driver.press("o", "o", "o")
        #expect(driver.state.list.order == .file)
    }

    @Test("the table of chips says where all have as many errors")
    func alike() throws {
        var driver = Driver(.empty, name: "untitled", path: nil, size: .standard)
        driver.press("a")
        driver.type("conv2d")
        driver.press(.enter, "t")
        #expect(driver.screen.contains("No chip takes the network as it is; each has 1 error."))
    }

    @Test("a model that was opened says what can be done next, behind the answer")
    func next() throws {
        let document = Document(network: try SmallNetwork.images(), device: .t40)
        let store = ParameterStore(Analysis(document.network, on: document.device.family))
        store.initialize(seed: 3)
        var editor = EditorState(document, name: "a", path: nil)
        let answer = ["T40: runs", "", "ONNX, 9 operators"]
        var driver = Driver(.empty, name: "untitled", path: nil, size: .standard)
        driver.state.imported(editor, from: "a.onnx", answer)
        #expect((driver.state.popups.last as? Page)?.lines == answer)
        editor.setOrigin(
            WeightOrigin(document, weights: Checkpoint.weights(store, digest: document.network.digest)))
        driver = Driver(.empty, name: "untitled", path: nil, size: .standard)
        driver.state.imported(editor, from: "a.onnx", answer)
        let lines = try #require(driver.state.popups.last as? Page).lines
        #expect(lines.count == 4 && lines[1].hasPrefix("next: F fixes") && lines[2] == "")
        #expect(lines[1].contains("C quantizes it from pictures of yours, E writes it"))
        // The keys that it names work on the page, which they close; others are those of pages.
        driver.press("d")
        #expect(driver.state.popups.count == 1 && driver.state.popups.last is Page)
        driver.press("C")
        #expect(driver.state.popups.count == 1 && !(driver.state.popups.last is Page))
        #expect(driver.screen.contains("quantize a"))
    }

    @Test("weights that were trained behind their quantizers are not advised to be clipped otherwise")
    func trainedWeights() throws {
        var driver = try Driver(sample: "network-t40")
        let document = driver.state.editor.document
        let store = ParameterStore(Analysis(document.network, on: document.device.family))
        store.initialize(seed: 3)
        driver.state.editor.setOrigin(
            WeightOrigin(document, weights: Checkpoint.weights(store, digest: document.network.digest)))
        #expect(!driver.state.weightsWereTrainedQuantized)
        driver.state.take(Synthetic.compared(of: driver.state), at: 0)
        #expect(driver.state.weightsWereTrainedQuantized)
        var report = Synthetic.probe(of: driver.state)
        for index in report.parts.indices {
            let isWorst = report.parts[index].layer == "conv4"
            report.parts[index].weight?.observation.sqnr = isWorst ? 7 : 40
            report.parts[index].feature?.observation.sqnr = 41
        }
        driver.state.take(report, isNewest: true, at: 0)
        let worst = try #require(driver.state.worstLayer("conv4"))
        #expect(worst.words.contains("the network was trained with them so") && worst.edit == nil)
        driver.state.take([
            Diagnosis(
                layer: "conv4", kind: .clippedWeights, sentence: "clipped", number: 0.1,
                edit: .set(layer: "conv4", field: "weightFactor", to: .number(4)))
        ])
        #expect(driver.state.untriedAdvice == nil)
    }
}
