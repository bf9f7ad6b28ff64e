import Editing
import Graph
import Platform
public import QAT
import Sessions
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A range test of learning rates in a process of its own, whose steps are told as they are made. It ends with the value.
public final class RangeTestProcess: Sendable {
    /// What is known of a range test.
    public enum Update: Hashable, Sendable {
        /// A step is done.
        case step(RateRangeTest.Point)
        /// The test is over: the proposed rate, where there is one, and what it says.
        case ended(proposal: Double?, sentence: String)
        /// It cannot be made: why.
        case failed(String)
    }

    private struct Child {
        var number: pid_t?
        var isStopped = false
    }

    private let child = Mutex(Child())

    /// Starts `magikbench train SESSION --range-test --json ...`; `tell` is called on a thread of its own.
    public init(
        session folder: String, arguments: [String], program: String = "/proc/self/exe",
        tell: @escaping @Sendable (Update) -> Void
    ) {
        let isStarted = Worker.start("rates") { [weak self] in
            if self?.child.withLock(\.isStopped) != false { return }
            do throws(DiskError) {
                var started: DetachedProcess?
                var pipe = try LinePipe { (end) throws(DiskError) in
                    started = try DetachedProcess(
                        program, named: "magikbench",
                        ["train", folder, "--range-test", "--json"] + arguments,
                        output: .descriptor(end), errors: .descriptor(end))
                }
                defer { pipe.stop() }
                guard let process = started else { return }
                self?.child.withLock { child in
                    child.number = process.number
                    if child.isStopped { kill(process.number, SIGTERM) }
                }
                RangeTestProcess.listen(to: &pipe, tell)
                self?.child.withLock { $0.number = nil }
                _ = try process.wait()
            } catch {
                tell(.failed("the range test cannot be started: \(error)"))
            }
        }
        if !isStarted { tell(.failed(Worker.refusal)) }
    }

    deinit { stop() }

    /// Ends the test.
    public func stop() {
        child.withLock { child in
            child.isStopped = true
            if let number = child.number { kill(number, SIGTERM) }
        }
    }

    /// Hears the process to its end. Words that are no JSON are those of a failure.
    private static func listen(to pipe: inout LinePipe, _ tell: (Update) -> Void) {
        var isOver = false
        var words = ""
        while true {
            let result: LinePipe.ReadResult
            do throws(DiskError) {
                result = try pipe.next(within: -1)
            } catch {
                return tell(.failed("the range test cannot be heard: \(error)"))
            }
            switch result {
            case .nothing: continue
            case .end:
                if !isOver { tell(.failed(words.isEmpty ? "the range test was stopped" : words)) }
                return
            case .line(let line):
                guard let update = Update(line) else {
                    if !line.hasPrefix("{"), !line.isEmpty { words = line.oneLine(upTo: 400) }
                    continue
                }
                if case .ended = update { isOver = true }
                tell(update)
            }
        }
    }
}

extension RangeTestProcess.Update {
    /// What a line of `--range-test --json` says; nil for other lines.
    init?(_ line: String) {
        guard line.hasPrefix("{"), let json = RangeTestProcess.Update.json(line) else { return nil }
        switch json.text(of: "event") {
        case "rate"?:
            guard let rate = json.real(of: "rate"), let loss = json.real(of: "loss") else { return nil }
            self = .step(RateRangeTest.Point(rate: rate, loss: loss))
        case "end"?:
            self = .ended(proposal: json.real(of: "proposal"), sentence: json.text(of: "sentence") ?? "")
        default: return nil
        }
    }

    private static func json(_ line: String) -> JSON? {
        do throws(FileError) {
            return try JSON(text: line)
        } catch {
            return nil
        }
    }
}
