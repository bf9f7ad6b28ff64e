import Devices
import Foundation
import Graph
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
            "which move less", "begun, seed", "recipe as set", "engine own", "threads 0", "int acc",
            "goes on",
            "makes it again", "taken back", "median reach", "beside the float", "p per", "as T02 would",
            "would be ✗0", " r reads", "is a BatchNorm,",
        ])
    func replaced(words: String) throws {
        let folder = Fixtures.root.appending(path: "Tests/Fixtures/Golden/frames").path()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".txt")
        }
        #expect(names.count > 100)
        for name in names {
            let text = try Fixtures.text("Tests/Fixtures/Golden/frames/\(name)")
            #expect(!text.contains(words), "\(name)")
        }
    }
}
