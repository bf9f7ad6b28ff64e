import Editing
import Graph
import QAT
import Runs
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import TUI

/// View 5: which runs stand side by side, and what its keys ask for.
@Suite("Runs side by side", .limited)
struct CompareTests {
    private static func driver() throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: .wide)
        driver.state.take(Synthetic.compared(of: driver.state), at: 0)
        driver.press("5")
        return driver
    }

    /// What was asked to be compared, each time.
    private static func asked(_ driver: Driver) -> [[String]?] {
        driver.effects.compactMap { effect -> [String]?? in
            if case .compare(let runs) = effect { return .some(runs) }
            return nil
        }
    }

    private static let ids = ["2026-11-25-140203-x3", "2026-11-25-140202-x2", "2026-11-25-140201-x1"]

    @Test("the two newest are compared at first; leaving the view reads them no longer")
    func first() throws {
        var driver = try Self.driver()
        #expect(Self.asked(driver) == [[Self.ids[0], Self.ids[1]]])
        driver.press("1")
        #expect(Self.asked(driver) == [[Self.ids[0], Self.ids[1]], nil])
    }

    @Test("Space puts a run beside the others and takes it away; a fifth one is refused")
    func choose() throws {
        var driver = try Self.driver()
        driver.press(.down, .down, " ")
        #expect(Self.asked(driver).last == Self.ids)
        driver.press(.up, .up, " ")
        #expect(Self.asked(driver).last == [Self.ids[1], Self.ids[2]])
        driver.state.compare.chosen = ["a", "b", "c", "d"]
        driver.state.compare.selected = Self.ids[0]
        driver.press(" ")
        #expect(driver.state.compare.chosen == ["a", "b", "c", "d"])
        #expect(driver.screen.contains("four runs are compared"))
    }

    @Test("what differs is listed, what does not is counted, and = lists it too")
    func differences() throws {
        var driver = try Self.driver()
        let comparison = try #require(driver.state.training.snapshot?.comparison)
        #expect(driver.screen.contains("(\(comparison.equalSettings) settings equal"))
        #expect(driver.screen.contains("weight bits") && !driver.screen.contains("weight decay"))
        driver.press("=")
        #expect(driver.screen.contains("weight decay"))
        #expect(driver.screen.contains(try #require(comparison.sentences.first)))
    }

    @Test("the filter narrows the table, and Esc shows all again")
    func filter() throws {
        var driver = try Self.driver()
        driver.press("/")
        driver.type("reference")
        driver.press(.enter)
        #expect(
            driver.state.comparedRows.map(\.id) == [Self.ids[2]] && driver.state.list.filter.isEmpty)
        driver.press(.escape)
        #expect(driver.state.comparedRows.count == 3)
    }

    @Test("a note is asked for with the old one in the field; a run is deleted only where that is confirmed")
    func notes() throws {
        var driver = try Self.driver()
        driver.press("e")
        #expect(driver.screen.contains("clip too wide"))
        driver.type("!")
        driver.press(.enter)
        let noted = driver.effects.contains {
            if case .noteRun(Self.ids[0], "clip too wide!") = $0 { true } else { false }
        }
        #expect(noted)
        func deletes() -> Bool {
            driver.effects.contains { if case .deleteRun(Self.ids[0]) = $0 { true } else { false } }
        }
        driver.press("d", .escape)
        #expect(!deletes())
        driver.press("d", "d")
        #expect(deletes())
    }

    @Test("Enter takes the network of the run, and undo gives the old one back")
    func network() throws {
        var driver = try Self.driver()
        let trained = driver.state.editor.network
        driver.press("1", .down, .down, .down, "[", "5")
        #expect(driver.state.editor.network != trained)
        driver.press(.enter)
        #expect(driver.state.editor.network == trained)
        driver.press("u")
        #expect(driver.state.editor.network != trained)
    }
}
