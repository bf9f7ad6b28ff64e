import Devices
import Graph
public import QAT
public import Terminal
public import Workbench

/// The workbench on a terminal: hands events to the interface, and does outside what it asks for.
public final class ScreenProgram: TerminalProgram {
    /// What workers send.
    public enum Message: Sendable {
        /// The probe has looked.
        case probed(ProbeReport)
        /// The session's runs have something to say.
        case runs(session: String, RunsSnapshot)
        /// A run that was started here has failed: why, in a sentence.
        case runFailed(String)
    }

    var interface: Interface
    var session: Session?
    var requests: [TerminalRequest] = []
    let inbox: Inbox<Message>
    private var picture: Picture?
    private let desk: ProbeDesk
    private var watch: RunWatch?
    private var revision = 0
    private var weights: Safetensors?

    /// A workbench on a session, or on nothing; `inbox` is the loop's.
    public init(_ session: Session?, look: Look, inbox: Inbox<Message>) {
        (self.session, self.inbox) = (session, inbox)
        let bench =
            session.map { Bench($0.document, name: $0.name, path: $0.path) }
            ?? Bench(Document.empty, name: "untitled")
        interface = Interface(bench, look: look, size: Size(rows: 24, columns: 80))
        interface.samples = SampleLine.all
        desk = ProbeDesk { inbox.send(.probed($0)) }
        if session == nil { interface.openStart() }
        watchRuns()
        loadWeights()
    }

    public func handle(_ input: Terminal.Input) {
        interface.handle(input, at: MonotonicClock.now, on: picture)
        carryOut()
    }

    public func receive(_ messages: [Message]) {
        let now = MonotonicClock.now
        for message in messages {
            switch message {
            case .probed(let report): interface.take(report, isNewest: report.revision == revision, at: now)
            case .runs(let path, let snapshot) where path == session?.path:
                let hadLiveRun = interface.training.hasLiveRun
                interface.take(snapshot, at: now)
                // A run that has ended leaves new weights.
                if hadLiveRun, !interface.training.hasLiveRun {
                    loadWeights()
                    askProbe()
                }
            case .runs: break
            case .runFailed(let problem): interface.failed(problem)
            }
        }
        carryOut()
    }

    public func wake() {
        interface.wake(at: MonotonicClock.now)
        carryOut()
    }

    public var deadline: Double? { interface.deadline }

    public func draw(_ size: Size) -> Frame {
        let picture = interface.picture
        self.picture = picture
        return picture.frame
    }

    public func takeRequest() -> TerminalRequest? { requests.isEmpty ? nil : requests.removeFirst() }

    public func leave(because reason: LeaveReason) {
        close()
    }

    func close() {
        watch?.stop()
        desk.close()
    }
}

// What the interface wants done.
extension ScreenProgram {
    private func carryOut() {
        for effect in interface.takeEffects() { carryOut(effect) }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .save(let path, let asNew, let thenQuits): save(path, asNew: asNew, thenQuits: thenQuits)
        case .keepRecovery, .dropRecovery: break
        case .open(let kind): open(kind)
        case .probe: askProbe()
        case .launch(let arguments): launch(arguments)
        case .signal(let run, let signal): tell(run, signal)
        case .attach(let run): watch?.attach(run)
        case .copy(let text): requests.append(.copy(text))
        case .redraw: requests.append(.redraw)
        case .suspend: requests.append(.suspend)
        case .mouse(let isOn): requests.append(.mouse(isOn))
        case .leave:
            close()
            requests.append(.leave(0))
        }
    }

    private func save(_ path: String?, asNew: Bool, thenQuits: Bool) {
        do throws(SessionError) {
            var saved: Session
            if asNew || session == nil {
                saved = try Session.create(path ?? interface.bench.name, interface.documentToSave)
            } else {
                guard var current = session else { return }
                current.document = interface.documentToSave
                try current.save()
                saved = current
            }
            saved.document = interface.bench.document
            let isNew = saved.path != session?.path
            session = saved
            interface.saved(name: saved.name, path: saved.path)
            if isNew { watchRuns() }
            if thenQuits { carryOut(.leave) }
        } catch {
            interface.failed("\(error)")
        }
    }

    private func open(_ kind: Effect.StartKind) {
        switch kind {
        case .empty: replace(Bench(Document.empty, name: "untitled"), nil)
        case .sample(let name):
            do {
                replace(Bench(try Samples.document(named: name), name: name), nil)
            } catch {
                interface.failed("\(error)")
            }
        case .session(let path):
            do {
                let opened = try Session.open(path)
                replace(Bench(opened.document, name: opened.name, path: opened.path), opened)
            } catch {
                interface.failed("\(error)")
            }
        }
    }

    private func replace(_ bench: Bench, _ opened: Session?) {
        session = opened
        interface.replace(with: bench)
        watchRuns()
        loadWeights()
        carryOut()
    }

    private func watchRuns() {
        watch?.stop()
        watch = nil
        // A network file by itself has no runs.
        guard let session, session.path != session.file else { return }
        let (path, inbox) = (session.path, inbox)
        watch = RunWatch(session: path) { inbox.send(.runs(session: path, $0)) }
    }

    private func launch(_ arguments: [String]) {
        guard let session else { return }
        let inbox = inbox
        do {
            try RunLauncher.launch(session: session.path, arguments: arguments) { problem in
                if let problem { inbox.send(.runFailed(problem)) }
            }
        } catch {
            interface.failed("\(error)")
        }
    }

    private func tell(_ run: String, _ signal: Effect.RunSignal) {
        guard let record = interface.training.runs.first(where: { $0.record.id == run })?.record else { return }
        let order: RunLauncher.Order =
            switch signal {
            case .pause: .pause
            case .goOn: .goOn
            case .stop: .stop
            }
        if let problem = RunLauncher.tell(record, order) { interface.failed(problem) }
        watch?.attach(run)
    }
}

// The probe.
extension ScreenProgram {
    private func loadWeights() {
        do {
            weights = try session.flatMap { $0.path == $0.file ? nil : try $0.weights(isRequired: false) }
        } catch {
            weights = nil
            interface.failed("\(error)")
        }
    }

    private func askProbe() {
        revision += 1
        let bench = interface.bench
        var request = ProbeRequest(bench.network, on: bench.device.family)
        request.revision = revision
        request.padsBothSides = bench.device.padsBothSides
        request.weights = weights
        // A run has the other cores.
        request.threads = interface.training.hasLiveRun ? 1 : 0
        desk.ask(request)
    }
}

extension Document {
    /// What a new network begins with: an image.
    static var empty: Document {
        do {
            return Document(
                network: try Network(inputs: [Input("image", .map(channels: 3, height: 32, width: 32))], nodes: []),
                device: .t40)
        } catch {
            preconditionFailure("a network may have an input: \(error)")
        }
    }
}

extension SampleLine {
    /// All samples, as the first screen lists them.
    static let all: [SampleLine] = Samples.names.compactMap { name in
        do {
            let document = try Samples.document(named: name)
            return SampleLine(name: name, summary: document.summary, device: document.device.rawValue)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
