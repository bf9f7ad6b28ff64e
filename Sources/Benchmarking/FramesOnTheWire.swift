import Devices
import Editing
import Foundation
import Graph
import Runs
import Sessions
import TUI
import Terminal

/// What frames cost that curses writes on a terminal of our own.
struct FramesOnTheWire {
    /// Bytes of the first frame.
    let fullBytes: Int
    /// Building and presenting a frame in which nothing changed, the median in milliseconds.
    let unchanged: Double
    /// Bytes of such a frame.
    let unchangedBytes: Int
    /// Bytes of a frame of view 4 in which a run went on by a step, the mean.
    let plotBytes: Int

    /// Draws a document and a run of it.
    init(_ document: Document, runs: Int) throws {
        var screen = ScreenState(
            EditorState(document, name: "bench", path: "bench.magik"), size: FrameBenchmark.size)
        let meter = try FrameMeter(FrameBenchmark.size, TerminalOptions())
        defer { meter.leave() }
        _ = meter.written()
        meter.present(screen.picture.frame)
        fullBytes = meter.written()
        unchanged = Stopwatch.milliseconds(runs: runs) { meter.present(screen.picture.frame) }
        unchangedBytes = meter.written()
        var run = RunningRun(of: document)
        for _ in 0..<RunningRun.steps / 2 { run.goOn() }
        screen.take(run.snapshot, at: 0)
        screen.handle(.key("4"), at: 0, on: nil)
        meter.present(screen.picture.frame)
        _ = meter.written()
        var total = 0
        for _ in 0..<runs {
            run.goOn()
            screen.take(run.snapshot, at: 0)
            meter.present(screen.picture.frame)
            total += meter.written()
        }
        plotBytes = total / runs
    }
}

/// A run that goes on step by step, with a noisy loss that falls.
private struct RunningRun {
    /// Steps of the whole run.
    static let steps = 2000

    private(set) var snapshot = RunsSnapshot()
    private var record: RunRecord
    private var detail: RunDetail

    private var smoothings = Smoothing.weights.map(Smoothing.init(weight:))

    init(of document: Document) {
        record = RunRecord(
            plan: .object([]), seed: 1, data: "glyphs", digest: "", network: document.text,
            device: document.device.rawValue)
        record.steps = RunningRun.steps
        record.stepsPerEpoch = 100
        detail = RunDetail(run: record.id)
        detail.stepsPerEpoch = 100
        detail.smoothedLosses = smoothings.map { _ in [] }
    }

    mutating func goOn() {
        detail.lastStep += 1
        let step = detail.lastStep
        // Something that jumps, and is the same each time.
        let noise = Double(step * 7919 % 101) / 400
        let loss = 2.3 / (1 + Double(step) / 90) + noise
        for index in smoothings.indices {
            let y = smoothings[index].next(loss)
            detail.smoothedLosses[index].append(CurvePoint(x: Double(step), y: y))
        }
        record.heartbeat = System.now
        let last = RunMetrics(
            step: step, epoch: step / 100, stage: 0, loss: loss, accuracy: 1 - loss / 3, learningRate: 0.01,
            imagesPerSecond: 1300)
        let summary = RunSummary(record, last: last, evaluation: nil, best: nil, at: record.heartbeat)
        snapshot.runs = [summary]
        snapshot.shown = summary
        snapshot.detail = detail
    }
}
