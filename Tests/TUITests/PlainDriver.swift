import Editing
import Graph
import Sessions

@testable import TUI
@testable import Terminal

/// Types lines on a screen that is lines, without a terminal.
struct PlainDriver {
    var driver: Driver
    private var dialog = PlainDialog()

    init(_ driver: Driver) { self.driver = driver }

    init(sample: String) throws { self.init(try Driver(sample: sample, appearance: .plain)) }

    /// Types a line, and gives the lines of the answer.
    @discardableResult
    mutating func enter(_ line: String) -> [String] {
        driver.time += 2
        driver.state.enter(line, at: driver.time)
        driver.effects += driver.state.takeEffects()
        return dialog.lines(of: &driver.state, isAnswer: true)
    }

    /// The lines that are said without being asked for.
    mutating func heard() -> [String] { dialog.lines(of: &driver.state, isAnswer: false) }

    /// All that is said where nothing was said before.
    var opening: [String] {
        var state = driver.state
        var fresh = PlainDialog()
        return fresh.lines(of: &state, isAnswer: true)
    }
}

extension Appearance {
    /// All is said in lines.
    static let plain = Appearance(glyphs: Glyphs(.ascii), isPlain: true)
}

extension [String] {
    /// Whether a line has a text.
    func say(_ text: String) -> Bool { contains { $0.contains(text) } }
}
