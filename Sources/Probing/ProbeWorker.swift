public import Devices
import Foundation
import Graph
import Platform
public import QAT

/// Probes networks for a screen: one thread for the whole time of the program, because the
/// engine's pool belongs to the thread that calls it first.
///
/// Only the newest request waits; it replaces the one that waited before. A running probe is cancelled for a
/// newer request between two passes, but never two in a row, so that answers come while requests keep coming. Nothing
/// wakes up while there is no request.
///
/// A probe of another network, one that the user only considers, has buffers of its own, so that what is kept
/// for the network on the screen stays.
///
/// A sweep probes while no request waits, and cancels the running one for a request. So do questions about samples, a batch at
/// a time.
public final class ProbeWorker: Sendable {
    private let mailbox: Mailbox<ProbeRequests>
    /// Takes answers where there is no thread to give them; nil where there is one.
    private let refuse: (@Sendable (ProbeReport) -> Void)?

    /// Probes a network; nil if it was cancelled.
    typealias ProbePass = (_ request: ProbeRequest, _ isAside: Bool, _ isCancelled: () -> Bool) ->
        ProbeReport?

    /// A worker whose thread hands every report to `answer`, from that thread; and then, if there is no request meanwhile, what
    /// stands out in it to `diagnose`, with the number of the request.
    public convenience init(
        answer: @escaping @Sendable (ProbeReport) -> Void,
        diagnose: @escaping @Sendable (Int, [Diagnosis]) -> Void = { _, _ in }
    ) {
        self.init(
            probe: {
                let probe = Probe()
                let aside = Probe()
                return { ($1 ? aside : probe).report($0, isCancelled: $2) }
            }, answer: answer, diagnose: diagnose)
    }

    /// A worker with another way to probe; `probe` makes it on the worker's thread.
    init(
        probe: @escaping @Sendable () -> ProbePass, answer: @escaping @Sendable (ProbeReport) -> Void,
        diagnose: @escaping @Sendable (Int, [Diagnosis]) -> Void = { _, _ in }
    ) {
        let mailbox = Mailbox(ProbeRequests())
        self.mailbox = mailbox
        if Worker.start("probe", { mailbox.serve(probe(), answer, diagnose) }) {
            refuse = nil
        } else {
            refuse = answer
            mailbox.leave()
        }
    }

    deinit { mailbox.close() }

    /// Requests a probe of the network on the screen or of another one; the request replaces one that waits. What stands
    /// out is said for a chip, where one is given. After `close` there is no answer.
    public func submit(_ request: ProbeRequest, on device: Device? = nil, aside: Bool = false) {
        if let refuse {
            var report = ProbeReport(revision: request.revision)
            report.failure = .system(Worker.refusal)
            return refuse(report)
        }
        mailbox.put { $0.waiting = ProbeRequests.Entry(request: request, device: device, isAside: aside) }
    }

    /// Begins a sweep in place of the previous one; `tell` has what was found after each probe, from the worker's thread,
    /// until the sweep is complete, has failed, or another is requested.
    public func sweep(
        _ request: SweepRequest, cache: SweepCache? = nil,
        tell: @escaping @Sendable (Result<SweepResult, SweepError>) -> Void
    ) {
        if refuse != nil { return tell(.failure(.unseen(Worker.refusal))) }
        mailbox.put { $0.sweep.replace(with: SweepJob.Input(request: request, cache: cache, tell: tell)) }
    }

    /// Stops the sweep after the running probe.
    public func stopSweep() { mailbox.put { $0.sweep.replace(with: nil) } }

    /// Asks about samples in place of those that were asked about before; nil asks about none.
    public func judge(_ order: JudgeOrder?) {
        if refuse != nil, let order {
            return order.tell(
                JudgeUpdate(
                    number: order.number, split: order.split,
                    answers: .failure(JudgeFailure(description: Worker.refusal))))
        }
        mailbox.put { $0.judging.replace(with: order) }
    }

    /// Begins a calibration in place of the previous one; probes wait until it is over or stopped.
    public func calibrate(_ job: CalibrationJob) {
        if refuse != nil { return job.tell(.failed(Worker.refusal)) }
        mailbox.put { $0.calibration.replace(with: job) }
    }

    /// Stops the calibration at its next step.
    public func stopCalibration() { mailbox.put { $0.calibration.replace(with: nil) } }

    /// Ends the thread after its current piece of work, and waits until it is gone. Not to be called from `answer`.
    public func close() {
        mailbox.close()
        mailbox.waitUntilGone()
    }

    /// Tells the thread to end, and does not wait.
    public func stop() { mailbox.close() }

    /// Waits at most so many seconds until the thread has kept what a sweep has measured; not at all where no sweep is under way.
    public func waitUntilKept(atMost seconds: Double) {
        if mailbox.take({ $0.isSweeping }) { mailbox.waitUntilGone(atMost: seconds) }
    }
}

/// What is requested of the worker.
private struct ProbeRequests: Sendable {
    struct Entry: Sendable {
        var request: ProbeRequest
        var device: Device?
        var isAside: Bool
    }

    /// The probe that waits.
    var waiting: Entry?
    /// The sweep that is wanted.
    var sweep = LatestRequest<SweepJob.Input>()
    /// Whether one is under way.
    var isSweeping = false
    /// The samples that are asked about.
    var judging = LatestRequest<JudgeOrder>()
    /// The calibration that waits.
    var calibration = LatestRequest<CalibrationJob>()
}

extension Mailbox<ProbeRequests> {
    /// Answers until the end.
    fileprivate func serve(
        _ probe: ProbeWorker.ProbePass, _ answer: (ProbeReport) -> Void,
        _ diagnose: (Int, [Diagnosis]) -> Void
    ) {
        var givesUp = true
        var job = SweepJob()
        var judging = JudgeJob()
        while true {
            // A sweep and questions go on until the bell rings.
            if job.isRunning || judging.isRunning { hear() } else { wait() }
            let (calibration, calibrations) = take { ($0.calibration.take(), $0.calibration.number) }
            calibration?.run { isClosed || take { $0.calibration.number != calibrations } }
            if isClosed { break }
            let (sweep, asked) = take { ($0.sweep, $0.judging) }
            job.follow(sweep.value, number: sweep.number)
            judging.follow(asked.value, number: asked.number)
            let waiting = take { requests in
                requests.isSweeping = job.isRunning
                defer { requests.waiting = nil }
                return requests.waiting
            }
            // A replaced request rang the bell, and its successor has been answered.
            guard let waiting else {
                judging.advance()
                job.advance { isClosed || take { $0.waiting != nil || $0.sweep.number != sweep.number } }
                continue
            }
            let report = probe(waiting.request, waiting.isAside) {
                isClosed || givesUp && take { $0.waiting != nil }
            }
            givesUp = report != nil
            guard let report else { continue }
            answer(report)
            guard let device = waiting.device, !isClosed, take({ $0.waiting == nil }) else { continue }
            let request = waiting.request
            let inspection = Inspection(report, of: Analysis(request.network, on: request.family), on: device)
            diagnose(report.revision, inspection.diagnoses)
        }
        job.save()
        leave()
    }
}
