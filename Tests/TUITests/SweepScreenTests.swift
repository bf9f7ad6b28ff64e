import Editing
import Graph
import QAT
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import Probing
@testable import TUI

/// The sweep on the screen: what its keys ask for, and what Enter takes.
@Suite("Sweeping on the screen", .limited)
struct SweepScreenTests {
    private static func driver() throws -> Driver { try Driver(sample: "network-t40", size: .wide) }

    /// What was asked to be swept, each time.
    private static func asked(_ driver: Driver) -> [SweepRequest.Setting] {
        driver.effects.compactMap { effect in
            if case .sweep(let setting, _) = effect { return setting }
            return nil
        }
    }

    @Test("S begins a sweep once; closing and opening shows it again, Tab sweeps over something else")
    func begin() throws {
        var driver = try Self.driver()
        driver.press("S", .escape, "S")
        #expect(Self.asked(driver) == [.bits] && driver.state.popups.last is SweepPopup)
        driver.press(.tab)
        #expect(Self.asked(driver) == [.bits, .clip])
        driver.press(.backTab, .backTab)
        #expect(Self.asked(driver) == [.bits, .clip, .bits, .factor])
        driver.press("x")
        #expect(!driver.state.sweep.isRunning)
        #expect(driver.effects.contains { if case .stopSweep = $0 { true } else { false } })
    }

    @Test("Enter takes the chosen mix as one step of undo")
    func apply() throws {
        var driver = try Self.driver()
        let before = driver.state.editor.network
        driver.press("S")
        let result = try Synthetic.sweep(of: driver.state, over: .bits)
        driver.state.take(.success(result), ofSweep: driver.state.sweep.number)
        driver.press(.up, .enter)
        let edit = try #require(result.mixes[1].edit)
        #expect(try driver.state.editor.network == before.applying(edit))
        #expect(driver.state.popups.isEmpty)
        driver.press("u")
        #expect(driver.state.editor.network == before)
    }

    @Test("what cannot be taken is refused and says why")
    func refusals() throws {
        var driver = try Self.driver()
        driver.press("S", .enter)
        #expect(driver.screen.contains("no combination has been tried yet"))
        let result = try Synthetic.sweep(of: driver.state, over: .bits)
        driver.state.take(.success(result), ofSweep: driver.state.sweep.number)
        driver.press(.down, .down, .down, .enter)
        #expect(driver.screen.contains("this is the network as it is"))
        driver.press(.escape, .down, .down, .down, "[", "S", .escape, "u")
        // The sweep that S began is of the network with fewer bits.
        driver.press(.down, "]")
        #expect(Self.asked(driver) == [.bits, .bits])
        var other = try Self.driver()
        other.press("S")
        other.state.take(.success(result), ofSweep: other.state.sweep.number)
        other.press(.escape, .down, .down, .down, "[")
        other.state.popups = [SweepPopup()]
        let changed = other.state.editor.network
        other.press(.enter)
        #expect(other.screen.contains("changed since the sweep") && other.state.editor.network == changed)
    }

    @Test("answers to an older sweep count for nothing; a failure is said")
    func late() throws {
        var driver = try Self.driver()
        driver.press("S", .tab)
        let result = try Synthetic.sweep(of: driver.state, over: .bits)
        driver.state.take(.success(result), ofSweep: driver.state.sweep.number - 1)
        #expect(driver.state.sweep.result == nil)
        driver.state.take(.failure(.nothingToChange(.clip)), ofSweep: driver.state.sweep.number)
        #expect(driver.screen.contains("no layer has a clip to change") && !driver.state.sweep.isRunning)
    }

    @Test("a network without layers is not swept")
    func empty() {
        var driver = Driver(.empty, name: "untitled", path: nil)
        driver.press("S")
        #expect(Self.asked(driver).isEmpty)
        #expect(driver.screen.contains("the network is empty"))
    }
}
