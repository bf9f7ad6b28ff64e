import Editing
import Foundation
import TUI
import Terminal

/// The program itself, started on a terminal of its own.
struct ProgramStart {
    /// From the start to the first frame in milliseconds, the median.
    private(set) var frame = 0.0
    /// From a key to the first byte that it causes in milliseconds, 99 of 100.
    private(set) var key = 0.0
    /// Memory of the drawing process after the first frame.
    private(set) var residentBytes = 0

    /// Starts a program on a session with a document: a tenth as often as keys are typed, at least once.
    init(_ document: Document, program: String, runs: Int) throws {
        let word = LastWord(
            of: ScreenState(EditorState(document, name: "bench"), size: FrameBenchmark.size).picture)
        frame = try BenchSession.with(document) { session in
            try (0..<max(1, runs / 10)).map { index in
                let terminal = try BlankTerminal(FrameBenchmark.size)
                let begin = MonotonicClock.now
                let process = try terminal.start(program, [session])
                defer { terminal.end(process) }
                guard terminal.read(until: word.text, times: word.count) != nil else {
                    throw BenchmarkError("the program shows no frame")
                }
                let time = (MonotonicClock.now - begin) * 1000
                if index == 0 {
                    while !terminal.read(milliseconds: 100).isEmpty {}
                    residentBytes = try ProgramStart.residentBytes(drawnBy: process)
                    if runs > 0 { key = ProgramStart.keys(["j", "k"], on: terminal, runs: runs).late }
                }
                return time
            }.median
        }
    }

    /// Types keys in turn, each once the program is silent; from each to the first byte of its answer, in milliseconds.
    static func keys(_ keys: [String], on terminal: BlankTerminal, runs: Int) -> [Double] {
        (0..<runs).map { run in
            while !terminal.read(milliseconds: 10).isEmpty {}
            return Stopwatch.once {
                terminal.type(keys[run % keys.count])
                precondition(!terminal.read(milliseconds: 20_000).isEmpty, "a key changes the screen")
            }
        }
    }

    /// The resident memory of the child of a guardian.
    private static func residentBytes(drawnBy guardian: Int32) throws -> Int {
        let children = try String(
            contentsOfFile: "/proc/\(guardian)/task/\(guardian)/children", encoding: .utf8)
        let child = children.split(separator: " ").first.map(String.init) ?? "\(guardian)"
        let pages = try String(contentsOfFile: "/proc/\(child)/statm", encoding: .utf8).split(separator: " ")
        return (Int(pages[1]) ?? 0) * Int(getpagesize())
    }
}

/// The last word of a picture, which is written last, and how often the picture has it.
struct LastWord {
    let text: String
    let count: Int

    init(of picture: Picture) {
        let lines = picture.frame.description
        guard let last = lines.split(whereSeparator: \.isWhitespace).last else {
            preconditionFailure("a screen has words")
        }
        text = String(last)
        count = lines.ranges(of: text).count
    }
}
