import Devices
import Editing
import Graph
import Interchange
import Platform
public import Probing
public import QAT
public import Runs
public import Sessions
public import Terminal
import Weights

/// The workbench on a terminal: hands events to the screen state, and carries out its effects.
public final class ScreenProgram: TerminalProgram {
    /// What workers send.
    public enum Message: Sendable {
        /// The probe has looked.
        case probed(ProbeReport)
        /// What stands out in the answer to a request of that number.
        case diagnosed(Int, [Diagnosis])
        /// The sweep of that number has looked once more, or cannot go on.
        case swept(Int, Result<SweepResult, SweepError>)
        /// The calibration of that number goes on, is done, or cannot be.
        case calibrated(Int, CalibrationJob.Update)
        /// A network of another program was read, or could not be.
        case imported(String, Result<ImportedFile, ImportExportError>)
        /// A file was written, or could not be.
        case exported(Result<String, ImportExportError>)
        /// The data set was read further.
        case pictured(PictureUpdate)
        /// The network has answered about samples.
        case judged(JudgeUpdate)
        /// The session's runs have something to say.
        case runs(session: String, RunsSnapshot)
        /// Programs have taken the copied text; their names.
        case copied([String])
        /// The range test of that number has made a step, is over, or cannot go on.
        case rates(Int, RangeTestProcess.Update)
        /// A run that was started here has failed: why, in a sentence.
        case runFailed(String)
    }

    var screen: ScreenState
    var files: OpenSession
    let state = StateFolder.ofUser
    var requests: [TerminalRequest] = []
    let inbox: Inbox<Message>
    private var picture: Picture?
    let probeWorker: ProbeWorker
    /// Reads pictures; nil until some are shown.
    var pictureWorker: PictureWorker?
    var watch: RunWatch?
    /// The range test that goes on; ends with the value.
    var rangeTest: RangeTestProcess?
    var revision = 0
    /// How many probes of other networks were requested.
    var asides = 0
    /// Whether the probe has been asked to look at the network and has not answered.
    var isProbing = false
    /// The running probe of another network: its number, below 0; what it is for; and that network.
    var aside: (revision: Int, subject: Aside, network: Network)?
    /// What a probe of another network is for.
    enum Aside {
        case remedy(Int, of: [Finding])
        case advice(ScreenState.Trial)
    }
    var weightsOnDisk: Safetensors?
    /// The weights that were asked for last, with the document that they are of.
    var carried: (document: Document, weights: Safetensors?)?
    /// What the host computes behind an imported network, until there is a session to keep it in.
    var importedHost: [UInt8]?
    /// The data that those were trained on, as the run store says; nil where it does not.
    var weightsData: String?
    /// The float model that lies in the session's folder.
    var floatModelOnDisk: FloatModel?

    /// A workbench on a session, or on nothing; `inbox` is the loop's. Throws `SessionError`.
    public init(
        _ path: String?, appearance: Appearance, settings: SettingsFile = SettingsFile(),
        inbox: Inbox<Message>
    ) throws(SessionError) {
        self.inbox = inbox
        let editor: EditorState
        var other: String?
        if let path, ImportedModel.isModel(path) || MagikImport.isModule(path) {
            (files, editor) = OpenSession.new(.empty, name: "untitled", state: state)
            other = path
        } else if let path {
            (files, editor) = try OpenSession.open(path, state: state, at: System.now)
        } else {
            (files, editor) = OpenSession.new(.empty, name: "untitled", state: state)
        }
        screen = ScreenState(
            editor, appearance: appearance, size: Size(rows: 24, columns: 80), settings: settings)
        screen.tell(settings.problems)
        probeWorker = ProbeWorker {
            inbox.send(.probed($0))
        } diagnose: {
            inbox.send(.diagnosed($0, $1))
        }
        listRecent()
        if path == nil { screen.openStart() }
        if let other { screen.open(path: other) }
        begin()
    }

    /// What follows once a session is open: its unsaved changes, its runs, its weights.
    func begin() {
        if let found = files.recovered { screen.offerRecovery(of: screen.editor.name, found.document) }
        if let problem = files.recoveryProblem { screen.failed("\(problem)") }
        watchRuns()
        loadWeights()
    }

    func listRecent() {
        screen.recent = state.map { RecentSessions(in: $0).entries.map(\.path) } ?? []
        screen.sessionsHere = FolderListing.reading("", hidden: false).items.filter(\.isSession).map(\.name)
            .filter { name in !screen.recent.contains(Disk.absolute(name) ?? name) }
        screen.abandoned = state.flatMap { RecoveryCopy.abandoned(in: $0).first?.document }
    }

    public func handle(_ input: InputEvent) {
        screen.handle(input, at: MonotonicClock.now, on: picture)
        carryOut()
    }

    /// Acts on a line that was typed in place of keys.
    func enter(_ line: String) {
        screen.enter(line, at: MonotonicClock.now)
        carryOut()
    }

    public func receive(_ messages: [Message]) {
        let now = MonotonicClock.now
        for message in messages {
            switch message {
            case .probed(let report): take(report, at: now)
            case .diagnosed(let number, let diagnoses):
                if number == revision { screen.take(diagnoses) }
            case .imported(let path, let found): take(found, from: path)
            case .exported(.success(let text)): screen.exported(text)
            case .exported(.failure(let error)): screen.failedImportOrExport(error.text)
            case .calibrated(let number, let update): screen.take(update, ofCalibration: number)
            case .judged(let update): screen.take(update)
            case .pictured(let update): screen.take(update)
            case .swept(let number, let found): screen.take(found, ofSweep: number)
            case .runs(let path, let snapshot) where path == files.session?.path:
                let hadLiveRun = screen.training.hasLiveRun
                screen.take(snapshot, at: now)
                // A run that has ended leaves new weights.
                if hadLiveRun, !screen.training.hasLiveRun {
                    loadWeights()
                    requestProbe()
                }
            case .runs: break
            case .rates(let number, let update): screen.take(update, ofRangeTest: number)
            case .copied(let programs): screen.copied(by: programs)
            case .runFailed(let problem): screen.runFailed(problem)
            }
        }
        carryOut()
    }

    public func wake() {
        screen.wake(at: MonotonicClock.now)
        carryOut()
    }

    /// What is said after the terminal is given back; nil for nothing.
    public var farewell: String? { screen.farewell }

    public var deadline: Double? { screen.deadline }

    public func draw(_ size: Size) -> Frame {
        let picture = screen.picture
        self.picture = picture
        return picture.frame
    }

    public func takeRequest() -> TerminalRequest? { requests.isEmpty ? nil : requests.removeFirst() }

    public func leave(because reason: LeaveReason) {
        saveRecovery()
        files.release()
        stopWorkers()
    }

    func saveRecovery() {
        do throws(SessionError) {
            try files.saveForRecovery(screen.benchToSave)
        } catch {
            screen.failed("unsaved changes cannot be kept: \(error)")
        }
    }

    /// Tells the threads to end, and does not wait: the terminal is given back first.
    func stopWorkers() {
        watch?.stop()
        rangeTest?.stop()
        probeWorker.stop()
        pictureWorker?.stop()
    }

    /// Seconds that a program which has given the terminal back waits for a sweep to keep what it has measured.
    private static let patience = 0.03

    /// Waits for a moment where a sweep is under way. All other work is abandoned: what it would have found is found again.
    public func waitForWorkers() { probeWorker.waitUntilKept(atMost: ScreenProgram.patience) }
}
