import Editing
import Graph
import Probing
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Runs
@testable import TUI
@testable import Terminal

/// View 4: what its plots show, what it says goes wrong, and what its keys do about it.
@Suite("Watching a run", .limited)
struct TrainViewTests {
    private static func driver(
        _ size: Size = .wide, _ change: (inout RunsSnapshot) -> Void = { _ in }
    ) throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: size)
        var snapshot = Synthetic.runs(of: driver.state)
        change(&snapshot)
        driver.state.take(snapshot, at: 0)
        driver.press("4")
        return driver
    }

    private static func short(_ snapshot: inout RunsSnapshot, steps: Int, planned: Int) {
        guard var detail = snapshot.detail else { return }
        detail.lastStep = steps
        detail.plannedSteps = planned
        detail.smoothedLosses = detail.smoothedLosses.map { Array($0.prefix(steps)) }
        detail.smoothedAccuracies = detail.smoothedAccuracies.map { Array($0.prefix(steps)) }
        detail.metrics = detail.metrics.mapValues { Array($0.prefix(steps)) }
        (detail.evaluations, detail.stages) = ([], [])
        snapshot.detail = detail
    }

    @Test("the axis runs to the planned end from the first step, with a sign where the run is")
    func plannedEnd() throws {
        let driver = try Self.driver { Self.short(&$0, steps: 3, planned: 936) }
        let detail = try #require(driver.state.training.snapshot?.detail)
        #expect(driver.state.shownSteps(detail) == 0...936)
        let run = try #require(driver.state.training.shown)
        #expect(driver.state.progressMark(run, detail).map(\.x) == [3])
        var zoomed = driver
        zoomed.press("+")
        #expect(zoomed.state.shownSteps(detail) == 1.5...3)
    }

    @Test("one epoch and runs of fewer than 50 steps are shown as they are; s smooths them all the same")
    func unsmoothed() throws {
        var driver = try Self.driver { Self.short(&$0, steps: 40, planned: 936) }
        #expect(!driver.screen.contains("smoothed"))
        driver = try Self.driver { Self.short(&$0, steps: 150, planned: 156) }
        #expect(!driver.screen.contains("smoothed"))
        driver.press("s")
        #expect(driver.screen.contains("train ─ smoothed 0.6"))
        #expect(try Self.driver().screen.contains("train ─ smoothed 0.97"))
    }

    @Test("m steps through the curves that the run has recorded, each with its unit")
    func curves() throws {
        var driver = try Self.driver()
        #expect(driver.screen.contains("LOSS   cross-entropy"))
        for words in [
            "ACCURACY   %", "LEARNING RATE", "NORM OF THE GRADIENTS", "SPEED   images/s",
            "WAITING FOR DATA   % of the step's time", "LOAD OF THE MACHINE   % of all processors",
            "LOSS   cross-entropy",
        ] {
            driver.press("m")
            #expect(driver.screen.contains(words), "\(words)")
        }
        driver.command("curve speed")
        #expect(driver.screen.contains("SPEED   images/s"))
        driver = try Self.driver { $0.detail?.metrics[.machineLoad] = nil }
        driver.command("curve load")
        #expect(driver.screen.contains("the run has recorded no load"))
    }

    @Test("a large screen shows other curves as small plots")
    func small() throws {
        let driver = try Self.driver(Size(rows: 60, columns: 200))
        #expect(driver.screen.contains("ACCURACY") && driver.screen.contains("LEARNING RATE"))
    }

    @Test("o puts the runs of view 5 over the loss, with their letters, and asks for them")
    func others() throws {
        var driver = try Driver(sample: "network-t40")
        driver.state.take(Synthetic.overlaid(of: driver.state), at: 0)
        driver.press("4", "o")
        let asked = driver.effects.compactMap { effect -> [String]? in
            if case .compare(let runs?) = effect { runs } else { nil }
        }
        #expect(asked.last?.first == "2026-11-25-140200-x7" && asked.last?.count == 4)
        #expect(driver.screen.contains("B x3") && driver.screen.contains("C x2"))
        driver.press("o")
        #expect(!driver.screen.contains("B x3") && driver.state.askedToCompare == nil)
    }

    @Test("what goes wrong is a line with a key: f opens the form with half of the rate")
    func treat() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.state.take(Synthetic.troubled(of: driver.state), at: 0)
        driver.press("4")
        #expect(driver.screen.contains("loss grew from 0.512") && driver.screen.contains("F 1 more"))
        driver.press("f")
        let form = try #require(driver.state.popups.last as? OptionForm)
        #expect(form.values == ["--learning-rate": "0.05"] && form.current?.option == "--learning-rate")
        #expect(form.arguments == ["--learning-rate", "0.05", "--initial-weights", "fitted"])
        driver.press(.escape, "F")
        #expect(driver.screen.contains("60% of the channels are zero for all samples"))
        driver.press("2")
        #expect(driver.state.view == .ranges && driver.state.list.selected == "conv3")
    }

    @Test("on a run that learns the keys say that nothing goes wrong")
    func healthy() throws {
        var driver = try Self.driver()
        driver.press("f")
        #expect(driver.screen.contains("nothing goes wrong in the run"))
    }

    @Test("L tries rates with the settings of the run, and Enter takes the proposal into the form")
    func rangeTest() throws {
        var driver = try Self.driver()
        driver.state.training.settings = ["--batch": "32", "--epochs": "9", "--learning-rate": "0.1"]
        driver.press("L")
        let asked = driver.effects.compactMap { effect -> [String]? in
            if case .testRates(let arguments, _) = effect { arguments } else { nil }
        }
        #expect(asked == [["--batch", "32"]])
        driver.press(.enter)
        #expect(driver.screen.contains("the test is not done yet"))
        driver.testRates()
        #expect(driver.screen.contains("the loss falls most steeply at a rate of 0.003; Enter takes it"))
        driver.press(.enter)
        let form = try #require(driver.state.popups.last as? OptionForm)
        #expect(form.values["--learning-rate"] == "0.003" && form.values["--optimizer"] == "adam")
    }

    @Test("Esc stops a range test that goes on, and late answers change nothing")
    func stopped() throws {
        var driver = try Self.driver()
        driver.press("L", .escape)
        #expect(driver.effects.contains { if case .stopRangeTest = $0 { true } else { false } })
        driver.testRates()
        #expect(driver.state.rangeTest.proposal == nil && driver.state.rangeTest.test.points.isEmpty)
    }

    @Test("a changed network is saved before its rates are tried")
    func unsaved() throws {
        var driver = try Self.driver()
        driver.press("1", .down, .down, .down, "[", "4", "L")
        let saves = driver.effects.compactMap { effect -> AfterSave? in
            if case .save(_, _, _, let next) = effect { next } else { nil }
        }
        #expect(saves == [.testRates([], number: 1)])
    }

    @Test("the form's data are those of the last run, and are named to the command")
    func data() throws {
        var driver = try Self.driver {
            $0.runs[0].record.data = "mnist:data/mnist"
            $0.shown = $0.runs[0]
        }
        driver.press("n")
        let form = try #require(driver.state.popups.last as? OptionForm)
        #expect(driver.screen.contains("mnist:data/mnist"))
        #expect(form.arguments == ["--data", "mnist:data/mnist"])
        #expect(driver.state.wantedData?.data == "mnist:data/mnist")
    }
}

/// What is said of runs outside of view 4.
@Suite("Ends of runs", .limited)
struct RunAnnouncementTests {
    private func live(_ snapshot: RunsSnapshot) -> RunsSnapshot {
        var snapshot = snapshot
        snapshot.runs[0].activity = .running
        snapshot.shown = snapshot.runs[0]
        return snapshot
    }

    @Test("the window's title follows the run, and its end is told once")
    func titles() throws {
        var driver = try Driver(sample: "network-t40")
        let over = Synthetic.runs(of: driver.state)
        driver.state.take(live(over), at: 0)
        driver.state.take(over, at: 0)
        driver.state.take(over, at: 0)
        let effects = driver.state.takeEffects()
        let titles = effects.compactMap { effect -> String? in
            if case .title(let text) = effect { text } else { nil }
        }
        #expect(
            titles == [
                "magikbench network-t40: 140200-x7 66%", "magikbench network-t40: 140200-x7 stopped 87.4 %",
            ])
        let told = effects.compactMap { effect -> String? in
            if case .notify(let title, let text) = effect { "\(title): \(text)" } else { nil }
        }
        #expect(told == ["network-t40: run 140200-x7 stopped, test 87.4 %"])
    }

    @Test("after quitting, one line says that a run goes on, how to see it and how to stop it")
    func farewell() throws {
        var driver = try Driver(sample: "network-t40")
        let over = Synthetic.runs(of: driver.state)
        driver.state.take(over, at: 0)
        #expect(driver.state.farewell == nil)
        driver.state.take(live(over), at: 0)
        let number = over.runs[0].record.process.number
        #expect(
            driver.state.farewell
                == "run 140200-x7 continues without the screen: magikbench test.magik shows it, "
                + "kill \(number) stops it at a checkpoint")
    }

    @Test("a notification is a bell, OSC 9, OSC 777 or nothing, wrapped inside tmux")
    func sequences() {
        func bytes(_ kind: Notifications, inTmux: Bool = false) -> String? {
            kind.sequence(title: "digits", text: "run x7 finished; 92 %", inTmux: inTmux)
        }
        #expect(bytes(.none) == nil && bytes(.bell, inTmux: true) == "\u{07}")
        #expect(bytes(.osc9) == "\u{1B}]9;digits: run x7 finished, 92 %\u{07}")
        #expect(bytes(.osc777) == "\u{1B}]777;notify;digits;run x7 finished, 92 %\u{07}")
        #expect(
            bytes(.osc9, inTmux: true)
                == "\u{1B}Ptmux;\u{1B}\u{1B}]9;digits: run x7 finished, 92 %\u{07}\u{1B}\\")
    }

    @Test("Esc takes the message away that tells of what it clears")
    func escape() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("/")
        driver.type("conv")
        driver.press(.enter, "*")
        #expect(driver.screen.contains("Esc clears"))
        driver.press(.escape)
        #expect(!driver.screen.contains("Esc clears"))
    }
}
