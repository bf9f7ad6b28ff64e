import Editing
import Foundation
import Interchange
import Platform
import QAT
import Sessions
import Terminal

/// Why a file could not be read or written, as a sentence.
public struct ExchangeFailure: Error, Hashable, Sendable {
    /// What is wrong, and what to do.
    public let text: String
}

extension ExchangeFailure: CustomStringConvertible {
    /// The sentence.
    public var description: String { text }
}

// Networks of other programs: read and written on a thread of their own, so that keys go on.
extension ScreenProgram {
    func read(_ path: String, _ typed: String) {
        let inbox = inbox
        let isStarted = Worker.start("import") {
            let found = Result { try ImportedFile(path, typed: typed) }
                .mapError { ExchangeFailure(text: "\($0)") }
            inbox.send(.imported(path, found))
        }
        if !isStarted { screen.failedExchange(Worker.refusal) }
    }

    func take(_ found: Result<ImportedFile, ExchangeFailure>, from path: String) {
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
            let opened = OpenSession.new(document, weights: imported.weights, name: file, state: state)
            (files, importedHost) = (opened.0, imported.host)
            screen.imported(opened.1, from: path, imported.lines)
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

    func export(as format: ExportFormat, to path: String) {
        let inbox = inbox
        let (document, name) = (screen.bench.document, screen.bench.name)
        let weights = self.weights(of: document)
        let isStarted = Worker.start("export") {
            let written = Result {
                let bytes = try format.bytes(of: document, weights, name: name)
                let file = try ScreenProgram.write(bytes, to: path)
                return "wrote \(file), \(Figures.grouped(bytes.count)) bytes"
            }.mapError { ExchangeFailure(text: "\($0)") }
            inbox.send(.exported(written))
        }
        if !isStarted { screen.failedExchange(Worker.refusal) }
    }

    /// Puts bytes in the place of the file that a path leads to; gives its path, from the root on where that is known.
    private static func write(_ bytes: [UInt8], to path: String) throws(ExchangeFailure) -> String {
        do {
            try Disk.replace(path, with: bytes)
        } catch .unsynced {
            // It is there, and a power cut may take it.
        } catch {
            throw ExchangeFailure(text: "\(path.printable): cannot be written: \(error)")
        }
        return Disk.absolute(path) ?? path
    }
}
