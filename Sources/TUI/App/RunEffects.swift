import Platform
import Runs
import Sessions
import Terminal

// Runs: starting, watching and telling them, and writing to their store.
extension ScreenProgram {
    func watchRuns() {
        watch?.stop()
        watch = nil
        // A network file by itself has no runs.
        guard let session = files.session, session.path != session.file else { return }
        let (path, inbox) = (session.path, inbox)
        watch = RunWatch(session: path) { inbox.send(.runs(session: path, $0)) }
        watch?.compare(screen.askedToCompare)
    }

    func launch(_ arguments: [String]) {
        guard let session = files.session else { return }
        let inbox = inbox
        do {
            try RunLauncher.launch(session: session.path, arguments: arguments) { problem in
                if let problem { inbox.send(.runFailed(problem)) }
            }
        } catch {
            screen.failed("\(error)")
        }
    }

    /// Tries learning rates on what is saved, in a process of its own.
    func testRates(_ arguments: [String], _ number: Int) {
        guard let session = files.session else { return }
        let inbox = inbox
        rangeTest = RangeTestProcess(session: session.path, arguments: arguments) {
            inbox.send(.rates(number, $0))
        }
    }

    /// Writes to the runs of the session; the watching thread notices what changed.
    func write(_ body: (RunStore) throws(RunStoreError) -> Void) {
        guard let session = files.session else { return }
        do throws(RunStoreError) {
            try body(try RunStore.openForWriting(session: session.path))
        } catch {
            screen.failed("\(error)")
        }
    }

    func tell(_ run: String, _ order: RunLauncher.Signal) {
        guard let record = screen.training.runs.first(where: { $0.record.id == run })?.record else {
            return
        }
        if let problem = RunLauncher.tell(record, order) { screen.failed(problem) }
        watch?.attach(run)
    }
}
