import Devices
import Editing
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("The table of chips on the screen", .limited)
struct ChipPickerTests {
    @Test("the findings follow the cursor, Esc leaves all as it was, and Enter chooses")
    func choosing() throws {
        var driver = try Driver(sample: "network-t40")
        let before = driver.state.editor.document
        driver.press("t", .down, .down)
        #expect(driver.state.shownDevice == .t02 && driver.screen.contains("previewing T02"))
        #expect(driver.screen.contains("T02 has no"))
        driver.press(.escape)
        #expect(driver.state.editor.document == before && driver.state.shownDevice == .t40)
        driver.press("t", .down, .enter)
        #expect(driver.state.editor.device == .t41 && driver.state.popups.isEmpty)
        driver.press("u")
        #expect(driver.state.editor.device == .t40)
    }

    @Test("o orders the rows by one column after the other, and the cursor stays on its chip")
    func sorting() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("t", .down, .down)
        var orders: [ChipTable.SortOrder] = []
        for _ in ChipTable.SortOrder.allCases {
            driver.press("o")
            let picker = try #require(driver.state.popups.last as? ChipPicker)
            orders.append(picker.order)
            #expect(picker.current?.device == .t02)
            #expect(picker.rows.count == Device.allCases.count)
            for (first, second) in zip(picker.rows, picker.rows.dropFirst()) {
                #expect(!picker.order.isBefore(second, first))
            }
        }
        #expect(Set(orders).count == ChipTable.SortOrder.allCases.count && orders.last == .chip)
    }

    @Test("findings stay in sight above the table", arguments: [Size.wide, .standard])
    func preview(size: Size) throws {
        var driver = try Driver(sample: "network-t40", size: size)
        driver.press("2", "t", .down, .down)
        #expect(driver.screen.contains(" T02   ✗"))
        #expect(driver.screen.contains("Fewest cycles without errors: T40 and T41"))
    }
}
