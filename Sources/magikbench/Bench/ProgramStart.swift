import Foundation
import TUI
import Terminal
import Workbench

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
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "magikbench-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // What the measured program remembers is not for the person who measures.
        let before = ProcessInfo.processInfo.environment["XDG_STATE_HOME"]
        setenv("XDG_STATE_HOME", folder.path, 1)
        defer {
            if let before { setenv("XDG_STATE_HOME", before, 1) } else { unsetenv("XDG_STATE_HOME") }
            try? FileManager.default.removeItem(at: folder)
        }
        let session = try Session.create(folder.path + "/bench", document)
        let word = LastWord(of: Interface(Bench(document, name: "bench"), size: FrameBenchmark.size).picture)
        frame =
            try (0..<max(1, runs / 10)).map { index in
                let terminal = try BlankTerminal(FrameBenchmark.size)
                let begin = MonotonicClock.now
                let process = try terminal.start(program, [session.path])
                defer { terminal.end(process) }
                guard terminal.read(until: word.text, times: word.count) != nil else {
                    throw CommandError.failure("the program shows no frame")
                }
                let time = (MonotonicClock.now - begin) * 1000
                if index == 0 {
                    residentBytes = try ProgramStart.residentBytes(drawnBy: process)
                    if runs > 0 { key = ProgramStart.keys(on: terminal, runs: runs) }
                }
                return time
            }.median
    }

    /// Moves the selection down and up again.
    private static func keys(on terminal: BlankTerminal, runs: Int) -> Double {
        (0..<runs).map { run in
            while !terminal.read(milliseconds: 10).isEmpty {}
            return Stopwatch.once {
                terminal.type(run.isMultiple(of: 2) ? "j" : "k")
                precondition(!terminal.read(milliseconds: 20_000).isEmpty, "a key changes the screen")
            }
        }.late
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
private struct LastWord {
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
