import Devices
import Editing
import Foundation
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Words on the screen", .limited)
struct ScreenWordsTests {
    @Test(
        "the inspector's title says whole how many layers an edit is for", arguments: [Size.wide, .standard])
    func marked(size: Size) throws {
        var driver = try Driver(sample: "network-t40", size: size)
        driver.press("/")
        driver.type("conv")
        driver.press(.enter, "*", .tab)
        #expect(driver.screen.contains("conv0, for all 11 that are marked"))
    }

    @Test("fixes have no letters before them, which keys would not answer")
    func fixes() throws {
        var driver = try Driver(sample: "network-t40")
        driver.command("target T02")
        driver.press("2", .tab)
        #expect(driver.screen.contains("▌ build for T40 instead"))
        #expect(driver.screen.contains("PREVIEW"))
        #expect(!driver.screen.contains("PREVIEW of fix"))
    }

    @Test("a reason that is cut says which key shows the rest")
    func reason() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("2")
        #expect(driver.screen.contains("…  i all of it"))
        driver.press("i")
        #expect(driver.screen.contains("where     manual"))
    }

    @Test("Enter inspects in view 4, and the footer says so")
    func enter() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("4")
        #expect(driver.screen.contains("Enter inspect"))
        #expect(!driver.screen.contains("Enter edit"))
    }

    @Test(
        "words that were replaced by plainer ones are on no frame",
        arguments: [
            "live with it", "no longer live", "says so:", "handed on", "mixes follow",
            "no layer was looked at",
            "which move less", "begun, seed", "as set", "engine own", "threads 0", "int acc",
            "goes on",
            "makes it again", "taken back", "median reach", "beside the float", "p per", "as T02 would",
            "would be ✗0", " r reads", "is a BatchNorm,", "waived", "source: kit", "which wire", "c copy",
            "Enter does it", "this is for layers", "remedy",
        ])
    func replaced(words: String) throws {
        let golden = "Tests/Fixtures/Golden"
        let names = try ["frames", "lines"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(
                atPath: Fixtures.root.appending(path: "\(golden)/\(folder)").path()
            ).filter { $0.hasSuffix(".txt") }.map { "\(golden)/\(folder)/\($0)" }
        }
        #expect(names.count > 150)
        for name in names + ["docs/keys.md"] {
            #expect(!(try Fixtures.text(name)).contains(words), "\(name)")
        }
    }

    @Test("the words that replaced others are where these were")
    func better() throws {
        var driver = try Driver(sample: "network-t40", size: .wide)
        let seen = try #require(
            Probe().report(ProbeRequest(driver.state.editor.network, on: driver.state.editor.device.family)))
        driver.state.take(seen, isNewest: true, at: 0)
        driver.command("6")
        driver.press("r")
        #expect(driver.screen.contains("which input of route"))
        driver.press(.enter)
        #expect(driver.screen.contains("what input 1 of route reads"))
        driver.press(.escape)
        driver.command("4")
        #expect(driver.screen.contains("ACTIVATIONS  8 bit, passed through"))
        driver.press("3")
        #expect(driver.screen.contains("maxpool output   8 bit, passed through"))
        driver.press("t", .down, .down)
        #expect(driver.screen.contains("previewing T02") && driver.screen.contains("T02 has no Shortcut."))
        driver.press(.enter, "2")
        #expect(driver.screen.contains("✗   shortcut  T02 has no Shortcut"))
        driver.press("u", "w")
        #expect(driver.screen.contains("no longer accepted"))
        driver.press("u")
        #expect(
            driver.screen.contains("undone: stop accepting") && driver.screen.contains("Ctrl-R redoes it"))
        let refused = try Driver(sample: "broken-t02").state.editor.report.findings.map(\.actual)
        #expect(refused.contains("the training kit refuses BatchNorm on T02"))
    }

    @Test("what stands beside the tabs is whole, or its short form is", arguments: [Size.standard, .wide])
    func notices(size: Size) throws {
        var driver = try Driver(sample: "broken-t02", size: size)
        driver.press("t", .up)
        #expect(driver.screen.split(separator: "\n")[1].hasSuffix("previewing T41"))
        let document = try Samples.document(named: "network-t40")
        driver.state = ScreenState(
            EditorState(document, name: "held", readOnly: .open(in: "process 12345 on this machine")),
            size: size)
        let tabs = driver.screen.split(separator: "\n")[1]
        #expect(tabs.hasSuffix(size == .wide ? "process 12345 on this machine" : " read-only"))
        #expect(tabs.contains("2 Rules"))
    }
}
