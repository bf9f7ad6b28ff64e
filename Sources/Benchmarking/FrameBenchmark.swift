import Devices
import Editing
import Foundation
package import Graph
import Sessions
import TUI
import Terminal

/// How fast the screen is, and what it writes: network-t40 and a network of 1,000 layers, 120 columns by 36 rows.
package struct FrameBenchmark {
    /// The size of the screen.
    static let size = Size(rows: 36, columns: 120)
    /// Layers of the large network.
    static let largeLayers = 1000
    /// Layers of the network that is shown as boxes.
    static let boxedLayers = 2000

    /// From the start of the program itself, on a terminal of its own, until the last word of its first frame is
    /// there; the median.
    let firstFrameMilliseconds: Double
    /// From a key typed at that program to the first byte of its answer, 99 of 100.
    let keyMilliseconds: Double
    /// A picture in which nothing changed, built and presented; the median.
    let unchangedMilliseconds: Double
    /// Bytes of such a frame.
    let unchangedBytes: Int
    /// Bytes of a whole frame.
    let fullBytes: Int
    /// Bytes of a frame in which the run on view 4 has gone on by a step; the mean.
    let plotBytes: Int
    /// Resident memory of the drawing process with an empty session, after its first frame.
    let residentBytes: Int
    /// From a key that moves the selection in the large network to the picture, 99 of 100.
    let largeScrollMilliseconds: Double
    /// From a key that changes its bits to the picture, analysed and checked, 99 of 100.
    let largeEditMilliseconds: Double
    /// From the key that shows 2,000 layers as boxes to the picture, with the places of all of them; the median.
    let boxesOpenMilliseconds: Double
    /// From a key that moves there to the picture, 99 of 100.
    let boxesMoveMilliseconds: Double

    /// From the key that quits to the end of the program, while the probe works.
    let quit: QuitBenchmark

    /// Measures everything; `program` is what is started.
    package init(runs: Int, program: String = "/proc/self/exe") throws {
        FrameBenchmark.prepareEnvironment()
        let document = try Samples.document(named: "network-t40")
        let start = try ProgramStart(document, program: program, runs: runs)
        firstFrameMilliseconds = start.frame
        keyMilliseconds = start.key
        let empty = Document(network: Network(), device: .t40)
        residentBytes = try ProgramStart(empty, program: program, runs: 0).residentBytes
        let wire = try FramesOnTheWire(document, runs: runs)
        unchangedMilliseconds = wire.unchanged
        unchangedBytes = wire.unchangedBytes
        fullBytes = wire.fullBytes
        plotBytes = wire.plotBytes
        let large = Document(
            network: try SyntheticNetwork.network(layers: FrameBenchmark.largeLayers), device: .t40)
        largeScrollMilliseconds = FrameBenchmark.keys([.down], runs: runs, on: large)
        largeEditMilliseconds = FrameBenchmark.keys(["[", "]"], runs: runs, on: large)
        let boxed = Document(
            network: try SyntheticNetwork.network(layers: FrameBenchmark.boxedLayers), device: .t40)
        (boxesOpenMilliseconds, boxesMoveMilliseconds) = FrameBenchmark.boxes(runs: runs, of: boxed)
        quit = try QuitBenchmark(program: program)
    }

    /// Shows a network as boxes, each time for the first time, then goes down its wires.
    private static func boxes(runs: Int, of document: Document) -> (open: Double, move: Double) {
        let screen = ScreenState(EditorState(document, name: "bench"), size: size)
        var shown = screen
        var picture = screen.picture
        let opening = (0..<max(3, runs / 20)).map { _ in
            shown = screen
            return Stopwatch.once {
                shown.handle(.key("v"), at: 0, on: picture)
                picture = shown.picture
            }
        }
        let moving = (0..<runs).map { _ in
            Stopwatch.once {
                shown.handle(.key(.down), at: 0, on: picture)
                picture = shown.picture
            }
        }
        return (opening.median, moving.late)
    }

    /// Gives programs that are started the same terminal, whatever our own is.
    static func prepareEnvironment() {
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8")] { setenv(name, value, 1) }
        for name in ["TMUX", "SSH_CONNECTION", "NO_COLOR"] { unsetenv(name) }
    }

    /// Presses keys in turn; the time from key to picture that 99 of 100 take at most.
    private static func keys(_ keys: [Key], runs: Int, on document: Document) -> Double {
        var screen = ScreenState(EditorState(document, name: "bench"), size: size)
        var picture = screen.picture
        // A convolution, whose bits can be changed.
        for _ in 0..<2 { screen.handle(.key(.down), at: 0, on: picture) }
        let times = (1...runs).map { run in
            Stopwatch.once {
                // Two seconds apart, so that each change is a step of its own.
                screen.handle(.key(keys[run % keys.count]), at: Double(run) * 2, on: picture)
                picture = screen.picture
            }
        }
        precondition(screen.editor.history.isChanged == (keys.count > 1), "only edits change the document")
        return times.late
    }

    /// The measurements as a JSON document.
    package var json: JSON {
        [
            "columns": .integer(FrameBenchmark.size.columns), "rows": .integer(FrameBenchmark.size.rows),
            "firstFrameMilliseconds": .number(rounded(firstFrameMilliseconds)),
            "unchangedMilliseconds": .number(rounded(unchangedMilliseconds)),
            "unchangedBytes": .integer(unchangedBytes), "plotBytes": .integer(plotBytes),
            "residentBytes": .integer(residentBytes), "fullBytes": .integer(fullBytes),
            "keyP99Milliseconds": .number(rounded(keyMilliseconds)),
            "largeLayers": .integer(FrameBenchmark.largeLayers),
            "largeScrollP99Milliseconds": .number(rounded(largeScrollMilliseconds)),
            "largeEditP99Milliseconds": .number(rounded(largeEditMilliseconds)),
            "boxedLayers": .integer(FrameBenchmark.boxedLayers),
            "boxesOpenMilliseconds": .number(rounded(boxesOpenMilliseconds)),
            "boxesMoveP99Milliseconds": .number(rounded(boxesMoveMilliseconds)),
            "quitMilliseconds": .number(rounded(quit.samples)), "quitSlowestSample": .string(quit.slowest),
            "quitLargeLayers": .integer(QuitBenchmark.largeLayers),
            "quitLargeMilliseconds": .number(rounded(quit.large)),
        ]
    }

    private func rounded(_ milliseconds: Double) -> Double { (milliseconds * 1000).rounded() / 1000 }

    /// The measurements in words.
    package var text: String {
        func time(_ milliseconds: Double) -> TextTable.Cell {
            .init(Figures.threeDigits(milliseconds) + " ms")
        }
        let layers = FrameBenchmark.largeLayers
        let rows: [[TextTable.Cell]] = [
            ["start to the first frame", time(firstFrameMilliseconds), "50 ms"],
            ["key to the first byte, p99", time(keyMilliseconds), "16 ms"],
            ["an unchanged frame", time(unchangedMilliseconds), "2 ms"],
            ["an unchanged frame", "\(unchangedBytes) bytes", "0 bytes"],
            ["a step further in view 4", "\(plotBytes) bytes", "2000 bytes"],
            ["a whole frame", "\(fullBytes) bytes", "20000 bytes"],
            ["resident, empty session", "\(residentBytes / 1_000_000) MB", "25 MB"],
            ["key to scrolled, \(layers) layers, p99", time(largeScrollMilliseconds), "16 ms"],
            ["key to edited, \(layers) layers, p99", time(largeEditMilliseconds), "16 ms"],
            ["key to \(FrameBenchmark.boxedLayers) layers as boxes", time(boxesOpenMilliseconds), "100 ms"],
            ["key to the next box, p99", time(boxesMoveMilliseconds), "16 ms"],
            ["quitting any sample (\(quit.slowest))", time(quit.samples), "100 ms"],
            ["quitting \(QuitBenchmark.largeLayers) layers", time(quit.large), "100 ms"],
        ]
        let columns: [TextTable.Column] = [
            .init(title: ""), .init(title: "measured", isRightAligned: true),
            .init(title: "budget", isRightAligned: true),
        ]
        return TextTable(columns: columns, rows: rows).lines().joined(separator: "\n")
    }
}
