import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

/// Names are data on the screen as well: no cell holds what a terminal obeys.
@Suite("Hostile names on the screen", .limited)
struct HostileScreenTests {
    @Test("no view and no overlay shows a control character or a mark of direction")
    func views() throws {
        let evil = HostileText.text
        var document = try Samples.document(named: "network-t40")
        try document.apply(.annotate(layer: "conv0", note: evil))
        document.waivers = [Waiver(rule: "channels-32", layer: "conv1", reason: evil)]
        for size in [Size.wide, .standard, .least] {
            var driver = Driver(document, name: evil, path: evil, size: size)
            driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
            driver.state.take(Synthetic.runs(of: driver.state), at: 0)
            for view in ["1", "2", "3", "4", "5", "6"] as [Key] {
                driver.press(view)
                hold(driver)
                driver.press(.tab, .down)
                hold(driver)
            }
            driver.press("1", .tab)
            hold(driver)
            for overlay in ["?", ":", "/"] as [Key] {
                driver.press(overlay)
                driver.type(evil)
                hold(driver)
                driver.press(.enter)
                hold(driver)
                driver.press(.escape)
            }
        }
    }

    private func hold(_ driver: Driver, sourceLocation: SourceLocation = #_sourceLocation) {
        let frame = driver.state.picture.frame
        for cell in frame.cells where cell.scalar != Cell.tail {
            #expect(!HostileText.isObeyed(cell.scalar), "\(frame)", sourceLocation: sourceLocation)
            #expect(cell.mark.map(HostileText.isObeyed) != true, "\(frame)", sourceLocation: sourceLocation)
        }
    }
}
