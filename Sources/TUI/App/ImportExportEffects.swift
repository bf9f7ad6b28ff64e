import Editing
import Foundation
import Interchange
import Platform
import QAT
import Sessions
import Terminal

/// Why a file could not be read or written, as a sentence.
public struct ImportExportError: Error, Hashable, Sendable {
    /// What is wrong, and what to do.
    public let text: String
    /// Sizes of the file's inputs that may be typed, where it leaves them open; nil where it does not.
    var sizes: String?
}

extension ImportExportError: CustomStringConvertible {
    /// The sentence.
    public var description: String { text }
}

// Networks of other programs: read and written on a thread of their own, so that keys go on.
extension ScreenProgram {
    func read(_ path: String, _ typed: String) {
        let inbox = inbox
        let isStarted = Worker.start("import") {
            let found = Result { try ImportedFile(path, typed: typed) }
                .mapError { $0 as? ImportExportError ?? ImportExportError(text: "\($0)") }
            inbox.send(.imported(path, found))
        }
        if !isStarted { screen.failedImportOrExport(Worker.refusal) }
    }

    func take(_ found: Result<ImportedFile, ImportExportError>, from path: String) {
        switch found {
        case .failure(let error):
            guard let sizes = error.sizes else { return screen.failedImportOrExport(error.text) }
            screen.askForSizes(of: path, error.text, proposal: sizes)
        case .success(let imported):
            guard let document = imported.document else {
                return screen.refusedImport(
                    of: path, imported.lines, typed: imported.typed, cut: imported.cut)
            }
            guard screen.canReplaceSilently else {
                return screen.failedImportOrExport(
                    "\(path) was read, and the network has changed meanwhile: save it and open the file again"
                )
            }
            files.close(screen.editor)
            let file = URL(filePath: path).deletingPathExtension().lastPathComponent
            let opened = OpenSession.new(document, weights: imported.weights, name: file, state: state)
            files = opened.0
            importedHost = imported.host
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

    func export(as format: ExportFormat, to path: String, withHost: Bool) {
        let inbox = inbox
        let document = screen.editor.document
        let name = screen.editor.name
        let weights = self.weights(of: document)
        let (importedHost, session) = (importedHost, files.session)
        let isStarted = Worker.start("export") {
            let written = Result {
                var options = ExportFormat.Options()
                if withHost { options.host = try importedHost ?? session?.hostModel() }
                let bytes = try format.bytes(of: document, weights, name: name, options)
                let file = try ScreenProgram.write(bytes, to: path)
                return "wrote \(file), \(Figures.grouped(bytes.count)) bytes"
            }.mapError { ImportExportError(text: "\($0)") }
            inbox.send(.exported(written))
        }
        if !isStarted { screen.failedImportOrExport(Worker.refusal) }
    }

    /// Puts bytes in the place of the file that a path leads to; gives its path, from the root on where that is known.
    static func write(_ bytes: [UInt8], to path: String) throws(ImportExportError) -> String {
        do {
            try Disk.replace(path, with: bytes)
        } catch .unsynced {
            // It is there, and a power cut may take it.
        } catch {
            throw ImportExportError(text: "\(path.printable): cannot be written: \(error)")
        }
        return Disk.absolute(path) ?? path
    }
}
