import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Watches a session's run store for a screen, on a thread of its own: sleeps while nothing happens, looks a few times a
/// second while a run trains.
public final class RunWatch: Sendable {
    private struct Wishes {
        var run: String?
        var isOver = false
    }

    private let wishes = Mutex(Wishes())
    /// Both ends of a pipe that wakes the thread.
    private let bell: (reading: Int32, writing: Int32)

    /// Seconds between two looks while a run trains, and the least between two looks at all.
    static let pace = 0.25

    /// Watches the runs of a session's folder; `tell` is called on the watching thread, at once and after each change.
    public init(session folder: String, tell: @escaping @Sendable (RunsSnapshot) -> Void) {
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        bell = (ends[0], ends[1])
        let thread = Thread { [self] in
            // Made here, because it belongs to this thread.
            let watcher = Watcher(folder: folder, bell: bell.reading)
            while true {
                let (run, isOver) = wishes.withLock { ($0.run, $0.isOver) }
                if isOver { break }
                tell(watcher.look(showing: run))
                watcher.wait()
            }
            watcher.close()
            close(bell.reading)
        }
        thread.name = "runs"
        thread.start()
    }

    /// Shows another run; nil is the newest.
    public func attach(_ run: String?) {
        wishes.withLock { $0.run = run }
        ring()
    }

    /// Ends the thread.
    public func stop() {
        let wasOver = wishes.withLock { wishes in
            defer { wishes.isOver = true }
            return wishes.isOver
        }
        guard !wasOver else { return }
        ring()
        close(bell.writing)
    }

    private func ring() {
        var byte: UInt8 = 1
        _ = unsafe write(bell.writing, &byte, 1)
    }
}

/// What the watching thread keeps.
private final class Watcher {
    private let folder: String
    private let bell: Int32
    private let notices: Int32
    private var store: RunStore?
    private var trace: RunTrace?
    private var storeWatch: Int32 = -1
    private var hasLiveRun = false

    init(folder: String, bell: Int32) {
        (self.folder, self.bell) = (folder, bell)
        notices = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        watch(folder, UInt32(IN_CREATE | IN_MOVED_TO | IN_DELETE))
    }

    private func watch(_ path: String, _ events: UInt32) {
        _ = unsafe inotify_add_watch(notices, path, events)
    }

    /// Looks at the store.
    func look(showing chosen: String?) -> RunsSnapshot {
        var snapshot = RunsSnapshot()
        do {
            if store == nil {
                store = try RunStore.openForReading(session: folder, patience: 0.5)
                // Writers append to this file; it may come later than the store.
                if let store { watch(store.path + "-wal", UInt32(IN_MODIFY | IN_DELETE_SELF)) }
            }
            guard let store else { return snapshot }
            let now = Machine.now
            var records = try store.runs()
            records.sort { ($1.started, $1.id) < ($0.started, $0.id) }
            for record in records {
                let isShort = snapshot.runs.count >= 200
                snapshot.runs.append(
                    RunSummary(
                        record, last: isShort ? nil : try store.lastMetrics(of: record.id),
                        evaluation: isShort ? nil : try store.evaluations(of: record.id).last, at: now))
            }
            snapshot.shown = snapshot.runs.first { $0.record.id == chosen } ?? snapshot.runs.first
            try follow(snapshot.shown, in: store, into: &snapshot)
        } catch {
            snapshot.problem = "\(error)"
            (store, trace) = (nil, nil)
        }
        hasLiveRun = snapshot.runs.contains { $0.record.state == .running && $0.activity != .stalled }
        return snapshot
    }

    private func follow(
        _ shown: RunSummary?, in store: RunStore, into snapshot: inout RunsSnapshot
    ) throws(RunStoreError) {
        guard let shown else {
            trace = nil
            return
        }
        var current = trace ?? RunTrace(shown.record)
        if current.run != shown.record.id { current = RunTrace(shown.record) }
        if try current.isAhead(of: store) { current = RunTrace(shown.record) }
        try current.update(store, shown.record)
        trace = current
        snapshot.detail = current.snapshot
    }

    /// Sleeps until something happens; while a run trains until the next look is due.
    func wait() {
        sleep(RunWatch.pace)
        var descriptors = [
            pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            pollfd(fd: notices, events: Int16(POLLIN), revents: 0),
        ]
        // A run that writes nothing for a while may be paused or gone.
        _ = unsafe poll(&descriptors, 2, hasLiveRun ? 2000 : -1)
        if descriptors[1].revents != 0 { readNotices() }
        drain(bell)
    }

    /// Several changes become one look; who rings does not wait for it.
    private func sleep(_ seconds: Double) {
        var descriptor = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, Int32(seconds * 1000))
    }

    private func readNotices() {
        drain(notices)
        // The store may be new, or another one; watching twice is watching once.
        if let store, unsafe access(store.path, F_OK) != 0 {
            self.store = nil
            trace = nil
        }
        if let store { watch(store.path + "-wal", UInt32(IN_MODIFY | IN_DELETE_SELF)) }
    }

    private func drain(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while unsafe read(descriptor, &buffer, buffer.count) > 0 {}
    }

    func close() { _ = Glibc.close(notices) }
}
