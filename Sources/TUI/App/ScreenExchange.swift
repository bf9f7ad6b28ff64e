import Foundation
import Platform
import QAT
import Terminal
import Workbench

/// Why a file could not be read or written, as a sentence.
public struct ExchangeFailure: Error, Hashable, Sendable {
    /// What is wrong, and what to do.
    public let text: String
}

// Networks of other programs: read and written on a thread of their own, so that keys go on.
extension ScreenProgram {
    func read(_ path: String, _ typed: String) {
        let (exchange, inbox) = (exchange, inbox)
        let isStarted = Worker.start("import") {
            let found = Result { try exchange.read(path, typed) }.mapError { ExchangeFailure(text: "\($0)") }
            inbox.send(.imported(path, found))
        }
        if !isStarted { screen.failedExchange(Worker.refusal) }
    }

    func take(_ found: Result<Exchange.Imported, ExchangeFailure>, from path: String) {
        switch found {
        case .failure(let error): screen.failedExchange(error.text)
        case .success(let imported):
            guard let document = imported.document else {
                return screen.refusedImport(of: path, imported.lines)
            }
            guard screen.canReplaceSilently else {
                return screen.failedExchange(
                    "\(path) was read, and the network has changed meanwhile: save it and open the file again"
                )
            }
            files.close(screen.bench)
            let file = URL(filePath: path).deletingPathExtension().lastPathComponent
            let opened = OpenSession.new(document, name: file, state: state)
            files = opened.0
            screen.imported(opened.1, from: path, imported.lines)
            (importedWeights, importedHost) = (imported.weights, imported.host)
            listRecent()
            watchRuns()
            loadWeights()
            requestProbe()
        }
    }

    /// The host's part of an imported model goes into its session once there is one.
    func saveHost() {
        guard let host = importedHost, let session = files.session, session.path != session.file else {
            return
        }
        do {
            try session.save(host: host)
            importedHost = nil
        } catch {
            screen.failed("the network was saved without the host's part: \(error)")
        }
    }

    func export(as format: String, to path: String) {
        let (exchange, inbox) = (exchange, inbox)
        let (document, name) = (screen.bench.document, screen.bench.name)
        let weights = self.weights(of: document)
        let isStarted = Worker.start("export") {
            let written = Result { try exchange.write(format, document, weights, name, path) }
                .mapError { ExchangeFailure(text: "\($0)") }
            inbox.send(.exported(written))
        }
        if !isStarted { screen.failedExchange(Worker.refusal) }
    }
}
