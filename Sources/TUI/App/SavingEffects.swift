import Devices
import Editing
import Graph
import Platform
import Runs
import Sessions
import Terminal
import Weights

// Saving and opening sessions, and the weights of the one that is open.
extension ScreenProgram {
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
            case .missing, .noDocument, .unreadable, .notFolder:
                return screen.askForOtherName(then: next, because: "\(error)")
            case .broken, .noWeights, .unnamed, .unwritable, .held, .unsynced:
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

    /// Reads the weights of the session; those of a file that is no session yet came with its document.
    func loadWeights() {
        weightsOnDisk = nil
        weightsData = nil
        carried = nil
        floatModelOnDisk = nil
        screen.hasHost = importedHost != nil
        defer { screen.forgetAnswers() }
        // Those of a document that was never saved came with it.
        guard let session = files.session else { return }
        screen.editor.setOrigin(nil)
        do {
            weightsOnDisk = try session.weightsIfAny
            if weightsOnDisk != nil { weightsData = try session.weightsData }
            floatModelOnDisk = try session.floatModel()
            screen.hasHost = try importedHost != nil || session.hasHostModel
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
}

extension Session {
    /// The trained weights, where there are any; a network file by itself has none.
    var weightsIfAny: Safetensors? {
        get throws { path == file ? nil : try weights(isRequired: false) }
    }
}
