import Devices
import Editing
import Graph
import Platform
import Probing
import QAT
import Runs
import Sessions
import Terminal
import Weights

// Carries out the effects of the screen state.
extension ScreenProgram {
    func carryOut() {
        for effect in screen.takeEffects() { carryOut(effect) }
        requestAside()
    }

    func carryOut(_ effect: Effect) {
        switch effect {
        case .save(let path, let asNew, let overwriting, let next):
            save(path, asNew: asNew, overwriting: overwriting, then: next)
        case .saveRecovery: saveRecovery()
        case .resolveRecovery: files.resolveRecovery()
        case .open(let choice): open(choice)
        case .probe:
            // The document is another, or its numbers are.
            carried = nil
            requestProbe()
        case .sweep(let setting, let number): sweep(over: setting, number)
        case .stopSweep: probeWorker.stopSweep()
        case .calibrate(let options, let number): calibrate(options, number)
        case .stopCalibration: probeWorker.stopCalibration()
        case .launch(let arguments): launch(arguments)
        case .testRates(let arguments, let number): testRates(arguments, number)
        case .stopRangeTest: rangeTest = nil
        case .signal(let run, let order): tell(run, order)
        case .attach(let run): watch?.attach(run)
        case .compare(let runs): watch?.compare(runs)
        case .noteRun(let run, let text):
            write { store throws(RunStoreError) in try store.setNote(text, of: run) }
        case .deleteRun(let run): write { store throws(RunStoreError) in try store.forget(run) }
        case .judge(let samples, let ask): judge(samples, ask)
        case .showPictures(let request): showPictures(request)
        case .read(let path, let typed): read(path, typed)
        case .export(let format, let path, let withHost): export(as: format, to: path, withHost: withHost)
        case .report(let path, let overwriting): report(to: path, overwriting: overwriting)
        case .copy(let text): copy(text)
        case .title(let text): requests.append(.title(text))
        case .notify(let title, let text): requests.append(.notify(title: title, text: text))
        case .list(let folder, let hidden): screen.take(FolderListing.reading(folder, hidden: hidden))
        case .redraw: requests.append(.redraw)
        case .suspend: requests.append(.suspend)
        case .theme(let theme): requests.append(.theme(theme))
        case .mouse(let isOn): requests.append(.mouse(isOn))
        case .leave:
            files.close(screen.editor)
            stopWorkers()
            requests.append(.leave(0))
        }
    }

    /// Hands a text to the terminal, and to programs with a clipboard on a thread of its own.
    func copy(_ text: String) {
        requests.append(.copy(text))
        let inbox = inbox
        // Without a thread the terminal alone has it, as the screen says.
        _ = Worker.start("clipboard") {
            let programs = ClipboardProgram.take(text)
            if !programs.isEmpty { inbox.send(.copied(programs)) }
        }
    }
}
