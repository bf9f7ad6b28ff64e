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
    var files: OpenSession
    private let state = StateFolder.ofUser
    var requests: [TerminalRequest] = []
    let inbox: Inbox<Message>
    private var picture: Picture?
    private let desk: ProbeDesk
    private var watch: RunWatch?
    private var revision = 0
    private var weights: Safetensors?

    /// A workbench on a session, or on nothing; `inbox` is the loop's. Throws `SessionError`.
    public init(_ path: String?, look: Look, inbox: Inbox<Message>) throws(SessionError) {
        self.inbox = inbox
        let bench: Bench
        if let path {
            (files, bench) = try OpenSession.open(path, state: state, at: Machine.now)
        } else {
            (files, bench) = OpenSession.new(.empty, name: "untitled", state: state)
        }
        interface = Interface(bench, look: look, size: Size(rows: 24, columns: 80))
        interface.samples = SampleLine.all
        desk = ProbeDesk { inbox.send(.probed($0)) }
        listRecent()
        if path == nil { interface.openStart() }
        begin()
    }

    /// What follows once a session is open: changes that nobody saved, its runs, its weights.
    private func begin() {
        if let found = files.recovered { interface.offerRecovery(of: interface.bench.name, found.document) }
        if let problem = files.recoveryProblem { interface.failed("\(problem)") }
        watchRuns()
        loadWeights()
    }

    private func listRecent() {
        interface.recent = state.map { RecentSessions(in: $0).entries.map(\.path) } ?? []
        interface.abandoned = state.flatMap { RecoveryCopy.abandoned(in: $0).first?.document }
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
            case .runs(let path, let snapshot) where path == files.session?.path:
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
        keepRecovery()
        stopWorkers()
    }

    private func keepRecovery() {
        do throws(SessionError) {
            try files.keepForRecovery(interface.benchToSave)
        } catch {
            interface.failed("unsaved changes cannot be kept: \(error)")
        }
    }

    private func stopWorkers() {
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
        case .save(let path, let asNew, let overwriting, let thenQuits):
            save(path, asNew: asNew, overwriting: overwriting, thenQuits: thenQuits)
        case .keepRecovery: keepRecovery()
        case .settleRecovery: files.settleRecovery()
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
            files.close(interface.bench)
            stopWorkers()
            requests.append(.leave(0))
        }
    }

    private func save(_ path: String?, asNew: Bool, overwriting: Bool, thenQuits: Bool) {
        var bench = interface.benchToSave
        let before = files.session?.path
        do throws(SessionError) {
            if asNew || files.session == nil {
                let wanted = path ?? bench.name
                try files.save(&bench, as: wanted, overwriting: overwriting, at: Machine.now)
            } else {
                try files.save(&bench, overwriting: overwriting)
            }
        } catch {
            switch error {
            case .changedOnDisk, .exists:
                return interface.askToOverwrite(path, asNew: asNew, because: "\(error)")
            default: return interface.failed("\(error)")
            }
        }
        interface.saved(bench)
        if files.session?.path != before {
            watchRuns()
            loadWeights()
        }
        if thenQuits { carryOut(.leave) }
    }

    private func open(_ kind: Effect.StartKind) {
        do {
            let opened: (OpenSession, Bench)
            switch kind {
            case .empty: opened = OpenSession.new(.empty, name: "untitled", state: state)
            case .sample(let name):
                opened = OpenSession.new(try Samples.document(named: name), name: name, state: state)
            case .session(let path): opened = try OpenSession.open(path, state: state, at: Machine.now)
            }
            files.close(interface.bench)
            files = opened.0
            interface.replace(with: opened.1)
        } catch {
            return interface.failed("\(error)")
        }
        listRecent()
        begin()
        carryOut()
    }

    private func watchRuns() {
        watch?.stop()
        watch = nil
        // A network file by itself has no runs.
        guard let session = files.session, session.path != session.file else { return }
        let (path, inbox) = (session.path, inbox)
        watch = RunWatch(session: path) { inbox.send(.runs(session: path, $0)) }
    }

    private func launch(_ arguments: [String]) {
        guard let session = files.session else { return }
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
        guard let record = interface.training.runs.first(where: { $0.record.id == run })?.record else {
            return
        }
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
            weights = try files.session.flatMap {
                $0.path == $0.file ? nil : try $0.weights(isRequired: false)
            }
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
        desk.ask(request)
    }
}

extension Document {
    /// What a new network begins with: an image.
    static var empty: Document {
        do {
            return Document(
                network: try Network(
                    inputs: [Input("image", .map(channels: 3, height: 32, width: 32))], nodes: []),
                device: .t40)
        } catch {
            preconditionFailure("a network may have an input: \(error)")
        }
    }
}

extension SampleLine {
    /// All samples, as the first screen lists them.
    ///
    /// Those that break every rule of a chip, for looking at the rules, stand last.
    static let all: [SampleLine] =
        (Samples.names.filter { !$0.hasPrefix("broken") }
        + Samples.names.filter { $0.hasPrefix("broken") }).compactMap { name in
            do {
                let document = try Samples.document(named: name)
                return SampleLine(name: name, summary: document.summary, device: document.device.rawValue)
            } catch {
                preconditionFailure("\(error)")
            }
        }
}
