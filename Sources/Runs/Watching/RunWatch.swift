import Foundation
import Graph
import Platform
import Sessions
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Watches a session's run store for a screen, on a thread of its own: sleeps while nothing happens, looks a few times a
/// second while a run trains.
public final class RunWatch: Sendable {
    /// What the watching thread is told.
    fileprivate struct Requests {
        var run: String?
        var compared: [String]?
        var isOver = false
    }

    fileprivate final class Mailbox: Sendable {
        let requests = Mutex(Requests())
        let bell = Bell()
    }

    private let mailbox = Mailbox()

    /// Seconds between two looks at least.
    static let pace = 0.25
    /// Seconds without a write after which a live run's process is checked: it may be paused or gone.
    static let silence = 1.0

    /// Watches the runs of a session's folder; `tell` is called on the watching thread, at once and after each change.
    public convenience init(session folder: String, tell: @escaping @Sendable (RunsSnapshot) -> Void) {
        self.init(session: folder, clock: { System.now }, tell: tell)
    }

    /// Watches by a clock of the caller's.
    package init(
        session folder: String, clock: @escaping @Sendable () -> Double,
        tell: @escaping @Sendable (RunsSnapshot) -> Void
    ) {
        // The thread holds the mailbox and not the watch, so that forgetting the watch ends it.
        let mailbox = mailbox
        let isStarted = Worker.start("runs") {
            // Made here, because it belongs to this thread.
            var watcher = Watcher(folder: folder, bell: mailbox.bell, clock: clock)
            while true {
                mailbox.bell.silence()
                let requests = mailbox.requests.withLock { $0 }
                if requests.isOver { return }
                if let snapshot = watcher.look(showing: requests.run, comparing: requests.compared) {
                    tell(snapshot)
                }
                watcher.wait()
            }
        }
        guard !isStarted else { return }
        var snapshot = RunsSnapshot()
        snapshot.problem = Worker.refusal
        tell(snapshot)
    }

    deinit { stop() }

    /// Shows another run; nil is the newest. Looks again in any case.
    public func attach(_ run: String?) {
        mailbox.requests.withLock { $0.run = run }
        mailbox.bell.ring()
    }

    /// Puts runs side by side, at most four, and tells of all runs as a table of them shows them; nil does so no longer.
    public func compare(_ runs: [String]?) {
        mailbox.requests.withLock { $0.compared = runs }
        mailbox.bell.ring()
    }

    /// Ends the thread; what it is just telling is the last.
    public func stop() {
        mailbox.requests.withLock { $0.isOver = true }
        mailbox.bell.ring()
    }
}

extension RunWatch {
    /// The runs of a session's folder as they are now, the newest of them with its curves, and the newest four side by side.
    public static func look(session folder: String) -> RunsSnapshot {
        let mailbox = Mailbox()
        var watcher = Watcher(folder: folder, bell: mailbox.bell, clock: { System.now })
        let first = watcher.whole(comparing: nil)
        guard first.runs.count > 1, first.problem == nil else { return first }
        return watcher.whole(comparing: first.runs.prefix(4).map(\.record.id))
    }
}

/// What the watching thread keeps.
private struct Watcher {
    /// Until when nothing has to be done.
    private enum Rest {
        /// There is more to read.
        case none
        /// Something may change without a notice.
        case seconds(Double)
        /// The kernel will give notice.
        case untilNotice
    }

    private let folder: String
    private let bell: Bell
    private let notices: FolderNotices
    private let clock: @Sendable () -> Double
    private var store: RunStore?
    /// The store's file when it was opened.
    private var file: FileIdentity?
    private var list = RunList()
    private var trace: RunTrace?
    /// The store, the shown run and the screen's picture at the last look.
    private var seen: (changes: Int, chosen: String?, compared: [String]?)?
    private var comparer = RunComparer()
    private var snapshot = RunsSnapshot()
    private var isFirst = true
    private var rest = Rest.none

    init(folder: String, bell: Bell, clock: @escaping @Sendable () -> Double) {
        self.folder = folder
        self.bell = bell
        self.clock = clock
        notices = FolderNotices(of: folder, files: RunFiles.store)
    }

    /// Looks at the store; nil where nothing is new.
    mutating func look(showing chosen: String?, comparing compared: [String]?) -> RunsSnapshot? {
        notices.listen()
        var isNew: Bool
        do {
            isNew = try read(showing: chosen, comparing: compared)
            rest =
                trace?.isWhole == false ? .none : list.hasLiveRun ? .seconds(RunWatch.silence) : .untilNotice
        } catch {
            isNew = fail(error)
        }
        if !notices.isListening, case .untilNotice = rest { rest = .seconds(RunWatch.silence) }
        if bell.descriptor < 0, case .untilNotice = rest { rest = .seconds(RunWatch.silence) }
        if isFirst { (isFirst, isNew) = (false, true) }
        return isNew ? snapshot : nil
    }

    /// All that there is to read now.
    mutating func whole(comparing compared: [String]?) -> RunsSnapshot {
        var found = look(showing: nil, comparing: compared) ?? snapshot
        while case .none = rest, let next = look(showing: nil, comparing: compared) { found = next }
        return found
    }

    private mutating func read(
        showing chosen: String?, comparing compared: [String]?
    ) throws(RunStoreError) -> Bool {
        try open()
        guard let store else {
            let isNew = !snapshot.runs.isEmpty || snapshot.problem != nil
            snapshot = RunsSnapshot()
            return isNew
        }
        let now = clock()
        // Asked before reading: what is written meanwhile is read again.
        let changes = try store.changes()
        if let seen, seen == (changes, chosen, compared), snapshot.problem == nil, trace?.isWhole != false {
            guard list.evaluateActivity(at: now) else { return false }
        } else {
            try list.update(from: store, at: now)
            seen = (changes, chosen, compared)
            try follow(shown(chosen), in: store)
            snapshot.comparison = try compared.map { names throws(RunStoreError) in
                try comparer.compare(names, from: store)
            }
            snapshot.table = compared == nil ? [] : comparer.runs
        }
        snapshot.problem = nil
        snapshot.runs = list.runs
        snapshot.shown = shown(chosen)
        snapshot.detail = snapshot.shown.flatMap { shown in trace?.detail(shown.record) }
        return true
    }

    private func shown(_ chosen: String?) -> RunSummary? {
        list.runs.first { $0.record.id == chosen } ?? list.runs.first
    }

    private mutating func follow(_ shown: RunSummary?, in store: RunStore) throws(RunStoreError) {
        guard let shown else {
            trace = nil
            return
        }
        if trace?.isOf(shown) != true { trace = RunTrace(shown.record) }
        try trace?.update(from: store)
    }

    /// Opens the store where it is not open, or another file is in its place.
    private mutating func open() throws(RunStoreError) {
        let found: FileIdentity?
        do {
            found = try Folder(folder).identity(of: RunFiles.store)
        } catch .system(ENOENT) {
            found = nil
        } catch {
            throw .unreadable(folder + "/" + RunFiles.store, reason: "\(error)")
        }
        if store != nil, found != file { forget() }
        guard store == nil else { return }
        store = try RunStore.openForReading(session: folder, patience: RunWatch.pace)
        file = found
    }

    private mutating func forget() {
        store = nil
        file = nil
        trace = nil
        seen = nil
        list = RunList()
        comparer = RunComparer()
    }

    /// Whether the problem is new.
    private mutating func fail(_ error: RunStoreError) -> Bool {
        let before = snapshot.problem
        if case .locked = error {
            // The curves that were read stay right; there is no notice when the lock is gone.
            snapshot.problem = "\(error)"
            rest = .seconds(RunWatch.silence)
        } else if case .changed = error {
            forget()
            rest = .seconds(0)
        } else {
            forget()
            snapshot = RunsSnapshot()
            snapshot.problem = "\(error)"
            rest = .untilNotice
        }
        return snapshot.problem != before
    }

    /// Sleeps until something happens; while a run trains until the next look is due.
    mutating func wait() {
        if case .none = rest { return }
        // Several changes become one look; who rings does not wait for it.
        if sleep(hearing: false, RunWatch.pace) { return }
        let limit: Double? =
            if case .seconds(let seconds) = rest { max(0, seconds - RunWatch.pace) } else { nil }
        let end = limit.map { System.steady + $0 }
        // Other files of the session change as well.
        while !sleep(hearing: true, end.map { max(0, $0 - System.steady) }) {
            if let end, System.steady >= end { return }
        }
    }

    /// Sleeps so many seconds, or without end, and says whether the bell rang or the store changed.
    private func sleep(hearing: Bool, _ seconds: Double?) -> Bool {
        var descriptors = [
            pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: hearing ? notices.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        let count = descriptors.count
        _ = unsafe poll(
            &descriptors, nfds_t(count), seconds.map { Int32(held: ($0 * 1000).rounded(.up)) } ?? -1)
        if descriptors[0].revents != 0 { return true }
        return descriptors[1].revents != 0 && notices.take()
    }
}
