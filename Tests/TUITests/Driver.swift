import Devices
import Editing
import Foundation
import Graph
import QAT
import Runs
import Sessions
import TestSupport

@testable import TUI
@testable import Terminal

/// Presses keys on a screen without a terminal; the clock is ours.
struct Driver {
    var state: ScreenState
    var time = 0.0
    /// What was to be done outside, so far.
    var effects: [Effect] = []

    init(
        _ document: Document, name: String = "test", path: String? = "test.magik", size: Size = .wide,
        appearance: Appearance = Appearance(), settings: SettingsFile = SettingsFile()
    ) {
        state = ScreenState(
            EditorState(document, name: name, path: path), appearance: appearance, size: size,
            settings: settings)
        state.updateDerivedState()
        effects += state.takeEffects()
    }

    init(sample: String, size: Size = .wide, appearance: Appearance = Appearance()) throws {
        self.init(try Samples.document(named: sample), name: sample, size: size, appearance: appearance)
    }

    /// Presses keys one after the other, two seconds apart, so that nothing is one step of undo by accident.
    mutating func press(_ keys: Key...) { for key in keys { input(.key(key)) } }

    /// Types a text.
    mutating func type(_ text: String) { for letter in text { input(.key(.character(letter))) } }

    /// Types a command behind ":".
    mutating func command(_ text: String) {
        press(":")
        type(text)
        press(.enter)
    }

    mutating func input(_ input: InputEvent) {
        time += 2
        state.handle(input, at: time, on: state.picture)
        effects += state.takeEffects()
    }

    /// Answers what is tried of advice: each look sees what the last one saw, or what `report` says.
    mutating func tryAdvice(_ report: ProbeReport? = nil) {
        while let next = state.untriedAdvice, let seen = report ?? state.probe.report {
            state.take(seen, of: next.trial)
        }
    }

    /// Answers the range test that was asked for last: the loss falls about a rate of 0.003 and breaks down above 0.3.
    mutating func testRates() {
        let bounds = RateRangeTest.Bounds()
        for step in 0..<bounds.steps {
            let rate = bounds.rate(of: step)
            let loss = 2.3 - 1.4 / (1 + 0.003 / rate) + 0.04 * sin(Double(step)) + (rate > 0.3 ? 8 * rate : 0)
            state.take(.step(.init(rate: rate, loss: loss)), ofRangeTest: state.rangeTest.number)
        }
        state.take(
            .ended(proposal: 0.003, sentence: "the loss falls most steeply at a rate of 0.003"),
            ofRangeTest: state.rangeTest.number)
    }

    /// What the screen shows.
    var screen: String { state.picture.frame.description }
}

extension Size {
    static let wide = Size(rows: 36, columns: 120)
    static let standard = Size(rows: 24, columns: 80)
    static let least = Size(rows: 16, columns: 60)
}
