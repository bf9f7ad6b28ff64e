import Editing
import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Paths in dialogs", .limited)
struct PathDialogTests {
    private func prompt(_ driver: Driver) throws -> Prompt {
        try #require(driver.state.popups.last as? Prompt)
    }

    @Test("the folder above a folder, and what names have in common")
    func paths() {
        #expect(TypedPath.parent(of: "") == "../" && TypedPath.parent(of: "../") == "../../")
        #expect(TypedPath.parent(of: "a/b/") == "a/" && TypedPath.parent(of: "a/") == "")
        #expect(TypedPath.parent(of: "/a/") == "/" && TypedPath.parent(of: "/") == "/")
        #expect(TypedPath.split("a/b/c") == ("a/b/", "c") && TypedPath.split("c") == ("", "c"))
        #expect(TypedPath.common(["mnist", "mine", "m"]) == "m" && TypedPath.common([]) == "")
        #expect(PathUse.data.parts(of: "mnist:data/m,limit=3") == ("mnist:", "data/m", ",limit=3"))
        #expect(PathUse.data.parts(of: "glyphs") == ("glyphs", "", ""))
    }

    @Test("Tab completes as far as names agree, a second Tab lists them, and typing takes the list away")
    func completing() throws {
        var driver = try Driver(sample: "network-t40")
        driver.command("save-as")
        driver.press(.control("u"))
        driver.type("data/m")
        driver.press(.tab)
        #expect(driver.effects.contains { if case .list("data/", false) = $0 { true } else { false } })
        driver.state.take(Scene.listing)
        #expect(try prompt(driver).field.string == "data/m" && prompt(driver).candidates.count == 3)
        #expect(driver.screen.contains("mine.magik/ mnist/ model.onnx"))
        driver.type("n")
        #expect(try prompt(driver).candidates.isEmpty)
        driver.press(.tab)
        driver.state.take(Scene.listing)
        #expect(try prompt(driver).field.string == "data/mnist/")
        driver.type("none")
        driver.press(.tab)
        driver.state.take(FolderListing(folder: "data/mnist/", items: []))
        #expect(driver.screen.contains("data/mnist/: nothing there begins with 'none'"))
    }

    @Test(
        "the list of a folder has folders first with sizes of files, narrows while typing, and goes up and down"
    )
    func browsing() throws {
        var driver = try Driver(sample: "network-t40")
        driver.command("save-as")
        driver.press(.control("u"))
        driver.type("data/new")
        driver.press(.control("o"))
        driver.state.take(Scene.listing)
        let lines = driver.screen
        #expect(lines.contains("mnist/") && lines.contains("3 MiB") && lines.contains("512 B"))
        driver.type("mn")
        driver.press(.enter)
        #expect(driver.effects.contains { if case .list("data/mnist/", false) = $0 { true } else { false } })
        driver.state.take(FolderListing(folder: "data/mnist/", items: []))
        driver.press(.down, .enter)
        // "." takes the folder, and keeps the name that was typed.
        #expect(try prompt(driver).field.string == "data/mnist/new")
        driver.press(.control("o"))
        driver.state.take(Scene.listing)
        driver.press(.enter)
        #expect(driver.effects.contains { if case .list("", false) = $0 { true } else { false } })
    }

    @Test("a model is picked from the first screen, and a session is opened as a whole")
    func opening() throws {
        var driver = try Driver(sample: "network-t40")
        driver.command("open")
        driver.press(.control("o"))
        driver.state.take(Scene.listing)
        driver.type("model")
        driver.press(.enter)
        #expect(driver.state.popups.isEmpty)
        #expect(driver.effects.contains { if case .read("data/model.onnx", _) = $0 { true } else { false } })
        driver.command("open")
        driver.press(.control("o"))
        driver.state.take(Scene.listing)
        driver.type("mine")
        driver.press(.enter)
        #expect(
            driver.state.popups.isEmpty
                && driver.effects.contains { if case .open = $0 { true } else { false } })
    }

    @Test("a folder is read with its folders first, and one that is not there is said")
    func reading() throws {
        try withTemporaryFolder { folder in
            try "abc".write(toFile: folder + "/b.txt", atomically: true, encoding: .utf8)
            try "".write(toFile: folder + "/.hidden", atomically: true, encoding: .utf8)
            try FileManager.default.createDirectory(
                atPath: folder + "/z.magik", withIntermediateDirectories: false)
            let listing = FolderListing.reading(folder + "/", hidden: false)
            #expect(listing.items.map(\.name) == ["z.magik", "b.txt"])
            #expect(listing.items.map(\.bytes) == [nil, 3] && listing.items[0].isSession)
            #expect(FolderListing.reading(folder + "/", hidden: true).items.count == 3)
            #expect(FolderListing.reading(folder + "/none/", hidden: false).problem != nil)
        }
    }

    @Test("commands that were used stand first in the palette, and the session remembers them")
    func recent() throws {
        var driver = try Driver(sample: "network-t40")
        driver.command("note")
        driver.press(.escape)
        driver.command("rename")
        driver.press(.escape, ":")
        let entries = try #require(driver.state.popups.last as? Picker).entries
        #expect(entries.prefix(2).map(\.completion) == ["rename", "note"])
        #expect(entries[0].group == "RECENT" && Set(entries.map(\.completion)).count == entries.count)
        let again = ScreenState(driver.state.benchToSave, size: .wide)
        #expect(again.recentCommands == ["rename", "note"])
    }
}
