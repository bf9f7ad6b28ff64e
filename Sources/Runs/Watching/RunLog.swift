import QAT
import Sessions

/// What happened in a run, in lines.
struct RunLog {
    /// What a line is about, in the order of a step.
    enum Kind: Int {
        case stage, evaluation, range
    }

    private var entries: [(step: Int, kind: Kind, line: RunDetail.LogLine)] = []

    /// The most lines.
    static let limit = 200

    /// Adds a line; `time` is in seconds since 1970, UTC.
    mutating func say(_ step: Int, _ kind: Kind, _ time: Double?, _ text: String) {
        let line = RunDetail.LogLine(step: step, clock: time.map(RunLog.clock) ?? "", text: text)
        entries.append((step, kind, line))
        if entries.count > 2 * RunLog.limit { entries = Array(RunLog.sorted(entries).suffix(RunLog.limit)) }
    }

    /// The last lines, with what only the store's present state says: the begin, the checkpoints that are there, the end.
    func lines(
        of record: RunRecord, _ checkpoints: [RunCheckpoint], _ resumptions: [RunResumption], lastStep: Int
    ) -> [RunDetail.LogLine] {
        var lines = RunLog.sorted(entries).map(\.line)
        let first = "started: seed \(record.seed), \(record.data)"
        lines.insert(.init(step: 0, clock: RunLog.clock(record.started), text: first), at: 0)
        for checkpoint in checkpoints {
            let place = lines.lastIndex { $0.step <= checkpoint.step } ?? 0
            let text = checkpoint.kind == .best ? "saved the best so far" : "saved a checkpoint"
            lines.insert(
                .init(step: checkpoint.step, clock: RunLog.clock(checkpoint.written), text: text),
                at: place + 1)
        }
        for resumption in resumptions.reversed() {
            let place = lines.firstIndex { $0.step > resumption.step } ?? lines.count
            lines.insert(
                .init(
                    step: resumption.step, clock: RunLog.clock(resumption.resumed),
                    text: "resumed after step \(resumption.step)"), at: place)
            let end = RunLog.end(resumption.state, resumption.message) ?? "its process was gone"
            lines.insert(
                .init(
                    step: resumption.step, clock: resumption.ended.map(RunLog.clock) ?? "", text: end,
                    isProblem: resumption.state != .interrupted), at: place)
        }
        if let end = RunLog.end(record.state, record.message) {
            lines.append(
                .init(
                    step: lastStep, clock: record.ended.map(RunLog.clock) ?? "", text: end,
                    isProblem: record.state == .failed))
        }
        return Array(lines.suffix(RunLog.limit))
    }

    /// How a run ended; nil where it has not said.
    private static func end(_ state: RunState, _ message: String?) -> String? {
        switch state {
        case .running: nil
        case .finished: "finished"
        case .interrupted: "stopped at a checkpoint"
        case .failed: message ?? "failed"
        }
    }

    private static func sorted(
        _ entries: [(step: Int, kind: Kind, line: RunDetail.LogLine)]
    ) -> [(step: Int, kind: Kind, line: RunDetail.LogLine)] {
        entries.sorted {
            ($0.step, $0.kind.rawValue, $0.line.text) < ($1.step, $1.kind.rawValue, $1.line.text)
        }
    }

    /// "14:21".
    private static func clock(_ time: Double) -> String {
        // "2026-11-25-142112"
        let digits = System.wallTime(time).split(separator: "-").last ?? ""
        return digits.prefix(2) + ":" + digits.dropFirst(2).prefix(2)
    }
}
