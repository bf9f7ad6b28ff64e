import Devices
import Editing
import Graph
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import QAT
@testable import TUI

/// Networks of other programs on the screen: what is asked, what is read and written, and what is refused.
@Suite("Other formats on the screen", .limited)
struct ImportExportTests {
    private static func driver() throws -> Driver {
        try Driver(sample: "network-t40", size: .wide)
    }

    private static func reads(_ driver: Driver) -> [String] {
        driver.effects.compactMap { effect in
            if case .read(let path, let typed) = effect { return "\(path)|\(typed)" }
            return nil
        }
    }

    private static func exports(_ driver: Driver) -> [String] {
        driver.effects.compactMap { effect in
            if case .export(let format, let path, let withHost) = effect {
                return "\(format)|\(path)" + (withHost ? "|host" : "")
            }
            return nil
        }
    }

    @Test("E lists the formats, says what one keeps, and asks where it goes")
    func export() throws {
        var driver = try Self.driver()
        driver.press("E")
        #expect(driver.screen.contains("the vendor's training kit"))
        driver.press(.down, .enter)
        #expect(
            driver.screen.contains("Keeps layers, names") && driver.screen.contains("network-t40-magik.py"))
        driver.press(.control("u"), .enter)
        #expect(driver.screen.contains("a file needs a name") && Self.exports(driver).isEmpty)
        driver.type("out.py")
        driver.press(.enter)
        #expect(Self.exports(driver) == ["magik|out.py"])
        // One at a time.
        driver.press("E")
        #expect(driver.screen.contains("out.py is being read or written"))
        driver.state.exported("wrote /there/out.py, 12 bytes")
        #expect(driver.screen.contains("wrote /there/out.py"))
        driver.command("export onnx")
        #expect(driver.screen.contains("there are no weights yet") && driver.state.popups.isEmpty)
        driver.command("export torch")
        driver.press(.enter)
        #expect(Self.exports(driver).last?.hasPrefix("torch|network-t40") == true)
        driver.state.failedImportOrExport("no room")
        #expect(driver.screen.contains("no room"))
        driver.command("export word")
        #expect(driver.screen.contains("there is onnx, magik"))
    }

    @Test("a model whose head stays on the host is exported with it or without")
    func withHost() throws {
        let document = Document(network: try SmallNetwork.images(), device: .t40)
        var driver = Driver(document)
        let store = ParameterStore(Analysis(document.network, on: document.device.family))
        store.initialize(seed: 3)
        driver.state.editor.setOrigin(
            WeightOrigin(document, weights: Checkpoint.weights(store, digest: document.network.digest)))
        driver.command("export onnx+host")
        #expect(driver.screen.contains("no format is named 'onnx+host'"))
        driver.state.hasHost = true
        driver.press("E", .down)
        #expect(driver.screen.contains("the same with the head that the host computes"))
        driver.press(.enter)
        #expect(driver.screen.contains("test-with-host.onnx") && driver.screen.contains("together they are"))
        driver.press(.enter)
        #expect(Self.exports(driver) == ["onnx|test-with-host.onnx|host"])
        driver.state.exported("wrote it")
        driver.command("export onnx")
        driver.press(.enter)
        #expect(Self.exports(driver).last == "onnx|test.onnx")
    }

    @Test("P asks where the report goes, and a file that is there is replaced only where that is said")
    func report() throws {
        func reports(_ driver: Driver) -> [String] {
            driver.effects.compactMap { effect in
                if case .report(let path, let overwriting) = effect { return "\(path)|\(overwriting)" }
                return nil
            }
        }
        var unsaved = Driver(try Samples.document(named: "network-t40"), path: nil)
        unsaved.press("P")
        #expect(unsaved.screen.contains("Ctrl-S saves this network as one") && reports(unsaved).isEmpty)
        var driver = try Self.driver()
        driver.press("P")
        #expect(driver.screen.contains("network-t40.html") && driver.screen.contains("for a pull request"))
        driver.press(.enter)
        #expect(reports(driver) == ["network-t40.html|false"])
        driver.state.askToReplaceReport("network-t40.html")
        #expect(driver.screen.contains("network-t40.html is there already"))
        driver.press("o")
        #expect(reports(driver).last == "network-t40.html|true")
        driver.state.exported("wrote network-t40.html, 12 bytes")
        driver.command("report a.md")
        #expect(reports(driver).last == "a.md|false")
    }

    @Test("a model is read at once; a module only after the user has agreed to run it")
    func open() throws {
        var driver = try Self.driver()
        driver.command("open some/model.ONNX")
        #expect(Self.reads(driver) == ["some/model.ONNX|"])
        driver.command("open network.py")
        #expect(Self.reads(driver).count == 1 && driver.screen.contains("runs it with python3"))
        driver.press(.escape)
        #expect(Self.reads(driver).count == 1)
        driver.command("open network.py")
        driver.type("BITA=8; 3x32x32")
        driver.press(.enter)
        #expect(Self.reads(driver).last == "network.py|BITA=8; 3x32x32")
    }

    @Test("unsaved changes are not read over")
    func unsaved() throws {
        var driver = try Self.driver()
        driver.press(.down, .down, .down, "[")
        driver.command("open model.onnx")
        #expect(Self.reads(driver).isEmpty && driver.screen.contains("unsaved changes"))
    }

    @Test("what is opened is a new document with what is to be known; what cannot be has its reasons")
    func answers() throws {
        var driver = try Self.driver()
        driver.state.refusedImport(of: "bad.onnx", ["no chip has", "n3 (LRN): no"])
        #expect(driver.screen.contains("bad.onnx cannot be opened") && driver.screen.contains("n3 (LRN): no"))
        #expect(driver.state.editor.name == "network-t40")
        let document = try Samples.document(named: "mnist-cnn")
        driver.state.imported(EditorState(document, name: "model"), from: "model.onnx", ["one remark"])
        #expect(driver.state.editor.name == "model" && driver.screen.contains("one remark"))
        #expect(driver.state.busyFile == nil)
    }

    @Test("long remarks are broken, not cut, on a narrow screen")
    func narrow() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        let remark =
            "    became 39 layers, and " + String(repeating: "much is to be said of them ", count: 5)
            + "at the end"
        driver.state.refusedImport(of: "bad.onnx", [remark])
        #expect(driver.screen.contains("at the end") && driver.screen.contains("    became 39 layers"))
    }
}
