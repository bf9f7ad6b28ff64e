import Devices
import Editing
import Graph
import Probing
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

/// What a person meets who has only the screen and its help: where they hesitated once.
@Suite("The first tasks of a new user", .limited)
struct NewUserTests {
    private static func unnamed(_ size: Size = .standard) -> Driver {
        Driver(.empty, name: "untitled", path: nil, size: size)
    }

    @Test("a network built from nothing has batch norm in its convolutions and none in its last layer")
    func convolutions() throws {
        var driver = Self.unnamed()
        for text in ["conv2d", "max", "conv2d", "max", "full"] {
            driver.press("a")
            driver.type(text)
            driver.press(.enter)
        }
        let nodes = driver.state.editor.network.nodes
        #expect(
            nodes.map(\.kind) == [
                .conv2D, .maxpool2D, .conv2D, .maxpool2D, .flatten, .fullConnected,
            ])
        for node in nodes where node.kind == .conv2D {
            #expect(node.layer.value(of: "batchNorm") == .flag(true))
            #expect(node.layer.value(of: "bias") == .flag(false))
        }
        #expect(nodes[5].layer.value(of: "batchNorm") == .flag(false))
        #expect(nodes[5].layer.value(of: "bias") == .flag(true))
    }

    @Test("a convolution beside others without batch norm has none either")
    func habits() throws {
        let conv = Conv2D()
        var driver = Driver(
            Document(
                network: try Network(
                    inputs: [Input("image", .map(channels: 3, height: 32, width: 32))],
                    nodes: [Node("c", conv.layer, inputs: ["image"])]), device: .t40))
        driver.press(.end, "a")
        driver.type("conv2d")
        driver.press(.enter)
        #expect(driver.state.editor.network.nodes[1].layer.value(of: "batchNorm") == .flag(false))
    }

    @Test("an empty network says how its first layer is added")
    func first() {
        var driver = Driver(.empty, name: "untitled", path: nil, size: .standard)
        driver.press("a", .escape)
        #expect(driver.screen.contains("a        adds a layer or a block"))
        driver.press("a")
        driver.type("conv2d")
        driver.press(.enter)
        #expect(!driver.screen.contains("adds a layer or a block"))
    }

    @Test(
        "what a row of a list to pick from has no room for stands whole below it",
        arguments: [Size.standard, .wide])
    func longEntry(size: Size) throws {
        var driver = Driver(.empty, name: "untitled", path: nil, size: size)
        driver.press("a")
        driver.type("Se_Block")
        let detail = try #require((driver.state.popups.last as? Picker)?.current?.detail)
        let words = detail.split(separator: " ").map(String.init)
        #expect(words.count > 8 && words.allSatisfy(driver.screen.contains))
        #expect(driver.screen.contains(words.suffix(2).joined(separator: " ")))
    }

    @Test("the open dialog lists the sessions of the folder, and completes a path that is typed")
    func opening() throws {
        var driver = Self.unnamed()
        driver.state.sessionsHere = ["mycnn.magik"]
        driver.state.openStart()
        #expect(driver.screen.contains("SESSIONS HERE") && driver.screen.contains("mycnn"))
        driver.type("data/mo")
        #expect(driver.screen.contains("Enter opens it as a path, Tab completes it"))
        driver.press(.tab)
        #expect(driver.effects.contains { if case .list("data/", false) = $0 { true } else { false } })
        driver.state.take(Scene.listing)
        let picker = try #require(driver.state.popups.last as? Picker)
        #expect(picker.field.string == "data/model.onnx")
        driver.press(.control("u"))
        driver.type("data/m")
        driver.press(.tab)
        driver.state.take(Scene.listing)
        #expect(driver.screen.contains("mine.magik/ mnist/ model.onnx"))
        driver.type("x")
        driver.press(.tab)
        driver.state.take(Scene.listing)
        #expect(driver.screen.contains("data/: nothing there begins with 'mx'"))
    }

    @Test(
        "? explains the keys and words of tables and forms, and Esc leads back to them",
        arguments: [("t", "TABLE OF CHIPS"), ("S", "SWEEP"), ("n", "FORMS")] as [(Key, String)])
    func help(key: Key, title: String) throws {
        var driver = try Driver(sample: "network-t40")
        if key == "n" { driver.press("4") }
        driver.press(key, "?")
        #expect(driver.screen.contains("KEYS OF THIS POPUP: \(title)"))
        driver.press(.escape)
        #expect(driver.state.popups.count == 1)
        driver.press("?", "q", .escape)
        #expect(driver.state.popups.isEmpty)
    }

    @Test("the table of chips says which one is the cheapest, and what it has no room for")
    func cheapest() throws {
        for size in [Size.wide, .standard, .least] {
            var driver = try Driver(sample: "network-t40", size: size)
            driver.press("t")
            #expect(driver.screen.contains("Fewest cycles without errors: T40 and T41"))
            driver.press("G")
            let picker = try #require(driver.state.popups.last as? ChipPicker)
            #expect(picker.current?.device == .xs2)
            driver.press("o")
            #expect(driver.screen.contains("errors▾"))
            #expect(driver.screen.contains("cycles"))
            #expect(driver.screen.contains("cycles …") == (size == .least))
        }
    }

    @Test("] on a layer of view 3 is about its weights, and on its activations about those")
    func bits() throws {
        var driver = try Driver(sample: "network-t40")
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        driver.press("3", "/")
        driver.type("conv4")
        driver.press(.enter, "[")
        let node = { (driver: Driver) in driver.state.editor.network["conv4"]?.layer.settings.quantization }
        #expect(node(driver)?.weightBits ?? 8 < 8 && node(driver)?.outputBits == 8)
        driver.press("u", .tab, .tab, "[")
        #expect(node(driver)?.weightBits == 8 && node(driver)?.outputBits ?? 8 < 8)
    }

    @Test("view 3 says of the layer that loses most what loses, and Enter gives it more bits")
    func worst() throws {
        var document = try Samples.document(named: "network-t40")
        try document.apply(.set(layer: "conv4", field: "outputBits", to: .integer(4)))
        var driver = Driver(document, name: "network-t40")
        var report = Synthetic.probe(of: driver.state)
        for index in report.parts.indices {
            let isWorst = report.parts[index].layer == "conv4"
            report.parts[index].weight?.observation.sqnr = 40
            report.parts[index].feature?.observation.sqnr = isWorst ? 7 : 41
        }
        driver.state.take(report, isNewest: true, at: 0)
        driver.press("3")
        driver.state.select("conv4")
        driver.press(.down, .up)
        driver.tryAdvice()
        let worst = try #require(driver.state.worstLayer("conv4"))
        #expect(worst.words.hasPrefix("the lowest SQNR of all layers is that of its results at 4 bit"))
        #expect(worst.edit == .set(layer: "conv4", field: "outputBits", to: .integer(8)))
        #expect(driver.state.worstLayer("conv5") == nil)
    }

    @Test("data that are bad in parts are asked about, and quantizing goes on without what is bad")
    func badData() throws {
        let document = Document(network: try SmallNetwork.images(), device: .t40)
        let store = ParameterStore(Analysis(document.network, on: document.device.family))
        store.initialize(seed: 3)
        var driver = Driver(document)
        driver.state.editor.setOrigin(
            WeightOrigin(document, weights: Checkpoint.weights(store, digest: document.network.digest)))
        driver.press("C", .enter)
        driver.type("yolo:cells")
        driver.press(.enter, "s")
        driver.state.take(
            .failed(
                "2 faults in the data set:\na.txt: has no picture; skip=bad leaves it out\nb.txt: the same"),
            ofCalibration: driver.state.calibration.number)
        #expect(driver.screen.contains("b go on without what is bad"))
        driver.press("b")
        let asked = driver.effects.compactMap { effect -> String? in
            if case .calibrate(let options, _) = effect { return options.data }
            return nil
        }
        #expect(asked == ["yolo:cells", "yolo:cells,skip=bad"])
    }

    @Test("a refused model says first which key opens it, and its lines are broken for the page")
    func refused() throws {
        var driver = Self.unnamed()
        let long = "· Conv_270: " + String(repeating: "the order of the channels ", count: 8)
        driver.state.refusedImport(of: "a.onnx", ["T40: cannot run", long])
        let lines = driver.screen.split(separator: "\n")
        let first = try #require(lines.firstIndex { $0.contains("cannot be opened") })
        #expect(lines[first + 1].contains("a opens it with operators that come near"))
        #expect(lines.last?.contains("a open with approximations") ?? false)
        #expect(driver.screen.contains("│ · Conv_270: the order of the channels the order"))
    }

    @Test("a model that leaves the size of its input open is asked for it, and read with what is typed")
    func sizes() throws {
        var driver = Self.unnamed()
        driver.state.askForSizes(
            of: "a.onnx", "a.onnx: input 'x' leaves axes open: batch x 3 x height x width",
            proposal: "3x320x320")
        #expect(driver.screen.contains("size of the input") && driver.screen.contains("3x320x320"))
        driver.press(.end, "x")
        #expect(driver.screen.contains("numbers from 1 on, with x between them"))
        driver.press(.backspace, .enter)
        driver.state.refusedImport(of: "a.onnx", ["T40: cannot run"], typed: "3x320x320")
        driver.press("a")
        let read = driver.effects.compactMap { effect -> String? in
            if case .read(let path, let typed) = effect { return "\(path) \(typed)" }
            return nil
        }
        #expect(read == ["a.onnx 3x320x320", "a.onnx 3x320x320 approximate"])
        #expect(ImportedFile.sizes(["x=1x2", "3x4"]) == ["x": [1, 2], "": [3, 4]])
        #expect(ImportedFile.sizes(["3x0"]) == nil && ImportedFile.sizes(["three"]) == nil)
    }

    @Test("a run's line at 80x24 says how good the network is")
    func measure() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.state.take(Synthetic.runs(of: driver.state), at: 0)
        driver.press("4")
        let line = try #require(driver.screen.split(separator: "\n").first { $0.contains("epoch ") })
        #expect(line.contains("test ") && line.contains(" %"))
    }

    @Test("view 5 at 80x24 has accuracy in integers, and says how to put runs beside each other")
    func comparison() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.state.take(Synthetic.compared(of: driver.state), at: 0)
        driver.press("5")
        #expect(driver.screen.contains("integer %") && driver.screen.contains("Space compare"))
        #expect(driver.screen.contains("A against B at epoch"))
        driver.press("m")
        #expect(driver.screen.contains("ACCURACY, %"))
    }

    @Test("no two bars have the same name under them")
    func labels() {
        let names = ["backbone.0.conv1", "backbone.1.conv1", "stem", "backbone.2.conv1", "stem"]
        let labels = ShortNames.labels(names, numbers: [1, 2, 3, 4, 5], to: ColumnBars.width)
        #expect(Set(labels).count == 5 && labels.allSatisfy { $0.count <= ColumnBars.width })
        #expect(labels[0].contains("0") && labels[1].contains("1") && labels[3].contains("2"))
        #expect(labels[2] == "3" && labels[4] == "5")
    }

    @Test("numbers of a logarithmic axis are written in one way")
    func powers() {
        #expect(Figures.powers([-2, -1, 0]) == ["0.01", "0.1", "1"])
        #expect(Figures.powers([-5, -4, -3, 0, 1]) == ["10^-5", "10^-4", "10^-3", "1", "10"])
        #expect(Figures.powers([-4, -3.69897, -3]) == ["1e-4", "2e-4", "1e-3"])
    }

    @Test("a folded block is one box, and up and down pass it")
    func folded() throws {
        var driver = try Driver(sample: "resnet20-cifar")
        let index = try #require(
            driver.state.editor.network.nodes.firstIndex { $0.kind == .shortcut })
        driver.state.select(driver.state.editor.network.nodes[index].name)
        driver.press("b")
        let folded = try #require(driver.state.list.selected)
        driver.press("v")
        let count = try #require(driver.state.foldedBlocks.values.first)
        let layout = try #require(driver.state.wiring.boxes)
        let items = driver.state.editor.network.inputs.count + driver.state.editor.network.nodes.count
        #expect(layout.levels.reduce(0) { $0 + $1.boxes.count } == items - count + 1)
        #expect(driver.screen.contains("\(count) layers folded"))
        driver.press(.down)
        let below = try #require(driver.state.list.selected)
        #expect(below != folded)
        driver.press(.up)
        #expect(driver.state.list.selected == folded)
        driver.press("b")
        #expect(driver.state.wiring.boxes?.levels.reduce(0) { $0 + $1.boxes.count } == items)
    }
}
