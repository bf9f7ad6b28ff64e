import Devices
import Editing
import Graph
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import TUI

/// What clicks do: each part of the screen that acts on one holds what it does.
@Suite("Clicks", .limited)
struct ClickTests {
    /// Clicks on the first cell of a text on the screen, and gives its place.
    @discardableResult
    private static func click(_ text: String, in driver: inout Driver) throws -> Position {
        let rows = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
        let row = try #require(rows.firstIndex { $0.contains(text) }, "\(text) is not on the screen")
        let range = try #require(rows[row].firstRange(of: text))
        let column = rows[row].distance(from: rows[row].startIndex, to: range.lowerBound)
        let place = Position(row: row, column: column)
        driver.input(.mouse(Mouse(.click, at: place)))
        return place
    }

    @Test("a tab opens its view, and a key of the footer does what the key does", arguments: View.all)
    func tabs(view: View) throws {
        var driver = try Driver(sample: "network-t40")
        try Self.click("\(view.number) \(view.title)", in: &driver)
        #expect(driver.state.view == view)
        try Self.click("? help", in: &driver)
        #expect((driver.state.popups.last as? Page)?.isHelp == true)
    }

    @Test("a click on a layer selects it, a click on the selected one is Enter")
    func layers() throws {
        var driver = try Driver(sample: "network-t40")
        let place = try Self.click("conv1 ", in: &driver)
        #expect(driver.state.selectedName == "conv1" && driver.state.pane.scope == .list)
        let before = driver.state.editor.document
        driver.press(.enter)
        let entered = driver.state.editor.document
        driver.press("u")
        #expect(driver.state.editor.document == before)
        driver.input(.mouse(Mouse(.click, at: place)))
        #expect(driver.state.editor.document == entered)
    }

    @Test("a click on a remedy selects it, a click on the selected one applies it")
    func remedies() throws {
        var driver = try Driver(sample: "broken-t40")
        driver.press("2")
        // The network's own findings come first, and have none.
        driver.press(.down)
        let remedies = driver.state.rules.remedies
        try #require(remedies.count > 1)
        let before = driver.state.editor.document
        try Self.click(String(remedies[1].title.prefix(12)), in: &driver)
        #expect(driver.state.rules.remedy == 1 && driver.state.pane.scope == .fixes)
        #expect(driver.state.editor.document == before)
    }

    @Test("a click beside a popup closes it and does nothing to the row below")
    func beside() throws {
        var driver = try Driver(sample: "network-t40")
        let selected = driver.state.selectedName
        driver.press("t")
        #expect(driver.state.popups.count == 1)
        driver.input(.mouse(Mouse(.click, at: Position(row: 10, column: 2))))
        #expect(driver.state.popups.isEmpty && driver.state.selectedName == selected)
    }

    @Test("a click on a row of a picker selects it, a click on the selected one takes it")
    func pickers() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("t")
        let place = try Self.click("T02", in: &driver)
        #expect((driver.state.popups.last as? ChipPicker)?.current?.device == .t02)
        driver.input(.mouse(Mouse(.click, at: place)))
        #expect(driver.state.editor.device == .t02 && driver.state.popups.isEmpty)
    }
}
