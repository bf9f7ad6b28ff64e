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
        case .export(let format, let path): export(as: format, to: path)
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

    func save(_ path: String?, asNew: Bool, overwriting: Bool, then next: AfterSave) {
        var editor = screen.benchToSave
        let before = files.session?.path
        let isNew = asNew || files.session == nil
        let weights = self.weights(of: editor.document)
        do throws(SessionError) {
            if isNew {
                let wanted = path ?? editor.name
                try files.save(
                    &editor, with: weights, as: wanted, overwriting: overwriting, at: System.now)
            } else {
                let isOnDisk = weights?.tensors == weightsOnDisk?.tensors
                try files.save(&editor, with: isOnDisk ? nil : weights, overwriting: overwriting)
            }
            weightsOnDisk = weights
            try saveFloatModel()
            saveHost()
        } catch {
            switch error {
            case .changedOnDisk, .exists:
                return screen.askToOverwrite(path, asNew: asNew, then: next, because: "\(error)")
            case .missing, .noDocument, .unreadable, .broken, .notFolder, .noWeights, .unnamed, .unwritable,
                .held, .unsynced:
                return screen.failed("\(error)")
            }
        }
        screen.saved(editor)
        if files.session?.path != before {
            watchRuns()
            loadWeights()
        }
        switch next {
        case .stay: break
        case .quit: carryOut(.leave)
        case .launch(let arguments):
            screen.runStarts()
            launch(arguments)
        case .testRates(let arguments, let number): testRates(arguments, number)
        }
    }

    func open(_ choice: StartChoice) {
        do {
            let opened: (OpenSession, EditorState)
            switch choice {
            case .empty: opened = OpenSession.new(.empty, name: "untitled", state: state)
            case .sample(let name):
                opened = OpenSession.new(try Samples.document(named: name), name: name, state: state)
            case .session(let path): opened = try OpenSession.open(path, state: state, at: System.now)
            }
            files.close(screen.editor)
            files = opened.0
            importedHost = nil
            screen.replace(with: opened.1)
        } catch {
            return screen.failed("\(error)")
        }
        listRecent()
        begin()
        carryOut()
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

    /// Asks the network on the screen about samples, with the weights that it has.
    func judge(_ samples: [Int], _ ask: JudgeAsk?) {
        let document = screen.editor.document
        guard let ask, let dataset = screen.data.opened?.dataset, let weights = weights(of: document) else {
            return probeWorker.judge(nil)
        }
        let network = JudgedNetwork(
            document, weights: weights, floatModel: screen.editor.floatModel, loss: screen.judgedLoss)
        let inbox = inbox
        probeWorker.judge(
            JudgeOrder(
                network, number: ask.number, dataset: dataset, split: ask.split, indices: samples
            ) { inbox.send(.judged($0)) })
    }

    /// Has pictures read, by a thread that starts with the first ones.
    func showPictures(_ request: PictureRequest?) {
        if pictureWorker == nil, request != nil {
            let inbox = inbox
            pictureWorker = PictureWorker { inbox.send(.pictured($0)) }
        }
        pictureWorker?.show(request)
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

// The probe.
extension ScreenProgram {
    /// Reads the weights of the session; those of a file that is no session yet came with its document.
    func loadWeights() {
        weightsOnDisk = nil
        weightsData = nil
        carried = nil
        floatModelOnDisk = nil
        defer { screen.forgetAnswers() }
        // Those of a document that was never saved came with it.
        guard let session = files.session else { return }
        screen.editor.setOrigin(nil)
        do {
            weightsOnDisk = try session.weightsIfAny
            if weightsOnDisk != nil { weightsData = try session.weightsData }
            floatModelOnDisk = try session.floatModel()
            if let weights = weightsOnDisk {
                screen.editor.setOrigin(
                    WeightOrigin(session.document, weights: weights), floatModel: floatModelOnDisk)
            }
        } catch {
            screen.failed("\(error)")
        }
    }

    /// The float model of the network on the screen goes into the session, or out of it where that was not quantized.
    func saveFloatModel() throws(SessionError) {
        let model = screen.editor.floatModel
        guard let session = files.session, session.path != session.file, model != floatModelOnDisk else {
            return
        }
        if let model { try session.save(floatModel: model) } else { try session.discardFloatModel() }
        floatModelOnDisk = model
    }

    /// Quantizes the network as it is on the screen from data, on the worker's thread.
    func calibrate(_ options: CalibrationOptions, _ number: Int) {
        let (document, model, inbox) = (screen.editor.document, screen.editor.floatModel, inbox)
        let weights = self.weights(of: document)
        probeWorker.calibrate(
            CalibrationJob { progress in
                var request = try document.calibrationRequest(
                    of: model, weights, data: options.data, samples: options.samples, widths: options.widths,
                    seed: 1, progress: progress)
                request.method = options.method
                request.keepsClips = options.keepsClips
                request.learnsRounding = options.learnsRounding
                request.splitsSigns = !options.keepsMapsWhole
                return request
            } tell: {
                inbox.send(.calibrated(number, $0))
            })
    }

    /// The weights of the network on the screen, or of what an edit would make of it; kept until another is requested.
    func weights(of document: Document) -> Safetensors? {
        if let carried, carried.document.network == document.network,
            carried.document.device == document.device
        {
            return carried.weights
        }
        do {
            let weights = try screen.editor.weights(of: document)
            carried = (document, weights)
            return weights
        } catch {
            screen.failed("the weights cannot be carried along: \(error)")
            return nil
        }
    }

    func requestProbe() {
        revision += 1
        var request = request(for: screen.editor.document)
        request.revision = revision
        isProbing = true
        aside = nil
        probeWorker.submit(request, on: screen.editor.device)
    }

    /// A look at the network on the screen, or at what an edit would make of it, with the same samples.
    private func request(for document: Document) -> ProbeRequest {
        var request = ProbeRequest(document)
        request.floatModel = screen.editor.floatModel
        request.weights = weights(of: document)
        request.data = weightsData
        request.replacesUnreadData = true
        request.take(samples: screen.probe.samples)
        return request
    }

    /// Sweeps the network as it is on the screen, with the weights of the session.
    func sweep(over setting: SweepRequest.Setting, _ number: Int) {
        var look = ProbeRequest(screen.editor.document)
        look.floatModel = screen.editor.floatModel
        look.take(samples: SweepRequest.usualSamples)
        look.weights = weights(of: screen.editor.document)
        look.data = weightsData
        look.replacesUnreadData = true
        var request = SweepRequest(look, on: screen.editor.device)
        request.setting = setting
        let folder = files.session.flatMap { $0.path == $0.file ? nil : $0.path }
        let inbox = inbox
        probeWorker.sweep(request, cache: folder.map { SweepCache(folder: $0) }) {
            inbox.send(.swept(number, $0))
        }
    }

    /// Looks at what the remedies of view 2 or the advice of view 3 make of the network, one after the other, while nothing
    /// else is asked.
    func requestAside() {
        guard !isProbing, aside == nil else { return }
        if let (remedy, document) = screen.unknownGain {
            requestAside(document, for: .remedy(remedy, of: screen.rules.subject))
        } else if let (trial, document) = screen.untriedAdvice {
            requestAside(document, for: .advice(trial))
        }
    }

    private func requestAside(_ document: Document, for subject: Aside) {
        asides += 1
        var request = request(for: document)
        request.revision = -asides
        aside = (-asides, subject, document.network)
        probeWorker.submit(request, aside: true)
    }

    func take(_ report: ProbeReport, at time: Double) {
        guard report.revision < 0 else {
            // An answer may be to an older question: it is shown, dimmed.
            let isNewest = report.revision == revision
            if isNewest { isProbing = false }
            return screen.take(report, isNewest: isNewest, at: time)
        }
        // One that is no longer waited for is to a question about another network.
        guard let aside, aside.revision == report.revision else { return }
        self.aside = nil
        switch aside.subject {
        case .remedy(let remedy, let findings):
            // Another row may be chosen by now.
            guard findings == screen.rules.subject else { return }
            screen.take(report, ofRemedy: remedy, making: aside.network)
        case .advice(let trial): screen.take(report, of: trial)
        }
    }
}

extension ProbeRequest {
    /// A look at a document's network on its chip.
    init(_ document: Document) {
        self.init(document.network, on: document.device.family)
        padsBothSides = document.device.padsBothSides
    }
}

extension Session {
    /// The trained weights, where there are any; a network file by itself has none.
    var weightsIfAny: Safetensors? {
        get throws { path == file ? nil : try weights(isRequired: false) }
    }
}
