import Datasets
import Devices
import Editing
import Graph
import Probing
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("View 6, the pictures of the data set", .limited)
struct DataTests {
    private func opened(_ data: String = "glyphs", size: Size = .standard) throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: size)
        driver.command("data \(data)")
        try driver.readPictures()
        return driver
    }

    @Test("it opens the generated data that fits, and asks for what is on the screen and around it alone")
    func opens() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("6")
        #expect(driver.screen.contains("opening glyphs ..."))
        try driver.readPictures()
        #expect(driver.state.data.total == 10_000)
        let page = driver.state.dataLayout.perPage
        #expect(driver.state.data.pictures.count == 2 * page)
        #expect(driver.state.data.asked?.pictures.prefix(page).map(\.index) == Array(0..<page))
    }

    @Test("pictures that are not there yet are frames with dots, and no key waits for them")
    func waits() throws {
        var driver = try opened()
        driver.press(.end)
        #expect(driver.state.data.sample == 9999)
        #expect(driver.screen.contains("..."))
        #expect(driver.screen.contains("sample 9999"))
        let wanted = try #require(driver.state.data.asked?.pictures)
        #expect(wanted.contains { $0.index == 9999 } && wanted.count <= 3 * driver.state.dataLayout.perPage)
        try driver.readPictures()
        #expect(!driver.screen.contains("..."))
    }

    @Test("arrows, n and p go from picture to picture, up and down from row to row")
    func moves() throws {
        var driver = try opened()
        let perRow = driver.state.dataLayout.perRow
        let steps: [(Key, Int)] = [
            ("n", 1), (.right, 2), ("l", 3), ("p", 2), (.left, 1), ("h", 0), ("p", 0), (.down, perRow),
            (.up, 0), (.up, 0), (.pageDown, driver.state.dataLayout.perPage), (.home, 0), (.end, 9999),
            (.down, 9999), ("n", 9999), (.up, 9999 - perRow),
        ]
        for (key, sample) in steps {
            driver.press(key)
            #expect(driver.state.data.sample == sample, "\(key)")
        }
    }

    @Test("/ goes to a number, and says where there is none")
    func number() throws {
        var driver = try opened()
        driver.press("/")
        driver.type("777")
        driver.press(.enter)
        #expect(driver.state.data.sample == 777)
        driver.command("number 10000")
        #expect(driver.screen.contains("train has samples 0 to 9999"))
        driver.command("number x")
        #expect(driver.screen.contains("'x' is no number"))
        #expect(driver.state.data.sample == 777)
    }

    @Test("Enter shows a picture large with what is known of it; Esc goes back")
    func enlarges() throws {
        var driver = try opened()
        driver.press("n", .enter)
        try driver.readPictures()
        #expect(driver.state.data.isEnlarged)
        for words in ["sample 1", "2 of 10,000", "label   ring", "input   3x32x32"] {
            #expect(driver.screen.contains(words))
        }
        driver.press(.down)
        #expect(driver.state.data.sample == 2)
        driver.press(.escape)
        #expect(!driver.state.data.isEnlarged && driver.state.data.sample == 2)
    }

    @Test("a class alone is shown, found in all samples")
    func classes() throws {
        var driver = try opened("glyphs,limit=300")
        driver.press("c")
        let name = try #require(driver.state.data.opened?.classNames[3])
        driver.type(name)
        driver.press(.enter)
        try driver.readPictures()
        #expect(driver.state.data.label == 3 && driver.state.data.labelled == 300)
        #expect(driver.state.data.shown == Array(stride(from: 3, to: 300, by: 10)))
        #expect(driver.screen.contains("30 \(name)"))
        driver.press(.end)
        #expect(driver.state.data.sample == 293)
        driver.press(.escape)
        #expect(driver.state.data.label == nil && driver.state.data.sample == 293)
        driver.command("class no-such")
        #expect(driver.screen.contains("no class 'no-such'"))
    }

    @Test("augmented samples step through epochs, where the data set is augmented")
    func augmented() throws {
        var driver = try opened()
        driver.press("a")
        #expect(driver.screen.contains("changes nothing at random"))
        driver.command("data glyphs,augment=crop")
        try driver.readPictures()
        let layout = driver.state.dataLayout
        let plain = driver.state.data.pictures[driver.state.smallKey(0, layout)]
        driver.press("a")
        try driver.readPictures()
        #expect(driver.screen.contains("augmented, epoch 1"))
        let first = driver.state.data.pictures[driver.state.smallKey(0, layout)]
        driver.press("a")
        try driver.readPictures()
        let second = driver.state.data.pictures[driver.state.smallKey(0, layout)]
        #expect(plain != nil && first != nil && second != nil)
        #expect(first != second)
        driver.press(.escape)
        #expect(driver.state.data.epoch == nil)
        #expect(driver.state.data.pictures[driver.state.smallKey(0, layout)] == plain)
    }

    @Test("a data set that is typed is the next run's too; what is no data set is refused")
    func chooses() throws {
        var driver = try opened("glyphs,limit=20")
        #expect(driver.state.training.settings["--data"] == "glyphs,limit=20")
        #expect(driver.state.data.total == 20)
        driver.command("data glyph")
        #expect(driver.screen.contains("no data set is named 'glyph'"))
        #expect(driver.state.training.settings["--data"] == "glyphs,limit=20")
        driver.command("data glyphs")
        #expect(driver.state.training.settings["--data"] == nil)
        driver.command("data mnist:/no/such/folder")
        try driver.readPictures()
        #expect(driver.screen.contains("/no/such/folder"))
        #expect(driver.screen.contains("d opens another data set"))
    }

    @Test("s shows the splits that have samples, one after the other")
    func splits() throws {
        var driver = try opened("glyphs,validation=0.1")
        #expect(driver.state.data.total == 9000)
        for (split, count) in [(Split.validation, 1000), (.test, 2000), (.train, 9000)] {
            driver.press("s")
            #expect(driver.state.data.split == split && driver.state.data.total == count)
        }
    }

    @Test("leaving the view asks for nothing more")
    func leaves() throws {
        var driver = try opened()
        driver.press(.end, "1")
        guard case .showPictures(nil)? = driver.effects.last else {
            Issue.record("the worker goes on reading")
            return
        }
        driver.press("6")
        #expect(driver.state.data.sample == 9999)
    }

    @Test("pictures become larger and smaller")
    func sizes() throws {
        var driver = try opened(size: .wide)
        let before = driver.state.dataLayout
        driver.press("+")
        #expect(driver.state.dataLayout.small.height > before.small.height)
        driver.press("-", "-")
        #expect(driver.state.dataLayout.small.height < before.small.height)
        #expect(driver.state.dataLayout.perPage > before.perPage)
    }

    @Test("a network without an input has no pictures, and says so")
    func empty() {
        var driver = Driver(Document(network: Network(), device: .t40))
        driver.press("6", "n", "c", "a", .enter, .down, "s")
        #expect(driver.screen.contains("The network has no input"))
    }

    @Test("ten thousand pictures are scrolled through with a bounded number kept")
    func scrolls() throws {
        var driver = try opened()
        for _ in 0..<300 { driver.press(.pageDown) }
        #expect(driver.state.data.sample == min(9999, 300 * driver.state.dataLayout.perPage))
        var cache = KeptPictures(limit: 10_000)
        try driver.readPictures()
        let layout = driver.state.dataLayout
        let key = driver.state.smallKey(driver.state.data.sample ?? 0, layout)
        let entry = try #require(driver.state.data.pictures[key])
        for index in 0..<1000 {
            var key = key
            key.index = index
            cache.keep(entry, for: key)
        }
        #expect(cache.count < 20 && cache.count > 2)
        var last = key
        last.index = 999
        #expect(cache[last] != nil)
    }
}
