import Devices
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
}
