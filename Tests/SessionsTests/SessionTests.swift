import Devices
import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct SessionTests {
    private let document: Document

    init() throws { document = try Samples.document(named: "mnist-cnn") }

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func contents(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test("a session is made, opened, changed, saved and opened again")
    func life() throws {
        try withTemporaryFolder { (folder) throws in
            var session = try Session.create("\(folder)/net.magik", document)
            #expect(
                session.path == "\(folder)/net.magik" && session.file == "\(folder)/net.magik/network.json")
            #expect(session.name == "net")
            #expect(try contents(session.file) == document.text)
            try session.document.apply(.rename("conv1", to: "stem"))
            try session.save()
            #expect(try Session.open(session.path).document == session.document)
            #expect(session.document != document)
            #expect(try names(in: session.path) == ["network.json"])
        }
    }

    @Test(
        "a session goes by its folder with or without ending and slash, or by its file",
        arguments: [
            "net.magik", "net.magik/", "net.magik//", "net", "net/", "net.magik/network.json", "./net",
            "../here/net.magik",
        ])
    func open(path: String) throws {
        try withTemporaryFolder { (folder) throws in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/here", withIntermediateDirectories: true)
            _ = try Session.create("\(folder)/here/net", document)
            let session = try Session.open("\(folder)/here/\(path)")
            #expect(session.document == document && session.name == "net")
            #expect(session.path.hasSuffix("net.magik") && session.file == session.path + "/network.json")
        }
    }

    @Test("a folder without the ending that is no session does not hide the one with it")
    func besides() throws {
        try withTemporaryFolder { (folder) throws in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/net", withIntermediateDirectories: true)
            _ = try Session.create("\(folder)/net.magik", document)
            #expect(try Session.open("\(folder)/net").path == "\(folder)/net.magik")
        }
    }

    @Test("a network file by itself is opened and saved under its own name")
    func bareFile() throws {
        try withTemporaryFolder { (folder) throws in
            try document.text.write(toFile: "\(folder)/mine.json", atomically: false, encoding: .utf8)
            var session = try Session.open("\(folder)/mine.json")
            #expect(
                session.path == "\(folder)/mine.json" && session.file == session.path
                    && session.name == "mine")
            session.document.device = .xs1
            try session.save()
            #expect(try Session.open("\(folder)/mine.json").document.device == .xs1)
            #expect(try names(in: folder) == ["mine.json"])
        }
    }

    @Test("a path in the working folder needs no slash")
    func relative() throws {
        #expect(throws: SessionError.missing("no-such-session-anywhere", nearest: nil)) {
            try Session.open("no-such-session-anywhere")
        }
    }

    // What cannot be opened.

    /// The message of an error without the temporary folder.
    private func message(_ folder: String, _ body: () throws -> Session) -> String {
        do {
            return "opened \(try body().path)"
        } catch {
            return "\(error)".replacingOccurrences(of: folder + "/", with: "")
        }
    }

    @Test(
        "a missing session is answered with the nearest one",
        arguments: [
            (
                "persondte",
                "persondte: there is no session or network file of that name; did you mean 'persondet.magik'?"
            ),
            (
                "facedet.magic",
                "facedet.magic: there is no session or network file of that name; 'magikbench new' makes one"
            ),
            (
                "facedt.magik/",
                "facedt.magik: there is no session or network file of that name; did you mean 'facedet.magik'?"
            ),
            (
                "yolo.json",
                "yolo.json: there is no session or network file of that name; 'magikbench new' makes one"
            ),
            (
                "nowhere/facedet",
                "nowhere/facedet: there is no session or network file of that name; 'magikbench new' makes one"
            ),
            (
                "facedet.magik/x/y",
                "facedet.magik/x/y: there is no session or network file of that name; 'magikbench new' makes one"
            ),
            (
                "a\nb",
                "a\\u{a}b: there is no session or network file of that name; 'magikbench new' makes one"
            ),
        ])
    func missing(path: String, expected: String) throws {
        try withTemporaryFolder { (folder) throws in
            for name in ["persondet", "facedet", "mine"] {
                _ = try Session.create("\(folder)/\(name)", document)
            }
            #expect(message(folder) { try Session.open("\(folder)/\(path)") } == expected)
        }
    }

    @Test("an empty path names nothing")
    func emptyPath() {
        #expect(throws: SessionError.missing("", nearest: nil)) { try Session.open("") }
        #expect(SessionError.missing("", nearest: nil).description.hasPrefix("'': there is no session"))
    }

    @Test("a folder without network.json is no session")
    func noDocument() throws {
        try withTemporaryFolder { (folder) throws in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/empty.magik", withIntermediateDirectories: true)
            #expect(
                message(folder) { try Session.open("\(folder)/empty") }
                    == "empty.magik: the folder has no network.json, so it is no session; 'magikbench new' makes one"
            )
        }
    }

    @Test("a broken file says where it is broken, and is left as it is")
    func broken() throws {
        try withTemporaryFolder { (folder) throws in
            let session = try Session.create("\(folder)/net", document)
            let cut = String(document.text.prefix(300))
            try cut.write(toFile: session.file, atomically: false, encoding: .utf8)
            let found = message(folder) { try Session.open(session.path) }
            #expect(found.hasPrefix("net.magik/network.json: line 9, column "))
            #expect(found.hasSuffix("is it cut short?") || found.contains("never ends"))
            #expect(try contents(session.file) == cut)
        }
    }

    @Test("a file from a newer version is refused by name of the version")
    func newer() throws {
        try withTemporaryFolder { (folder) throws in
            let session = try Session.create("\(folder)/net", document)
            try #"{"format": 2, "shiny": []}"#.write(toFile: session.file, atomically: false, encoding: .utf8)
            #expect(
                message(folder) { try Session.open(session.path) }
                    == "net.magik/network.json: format: 2 is newer than 1, the newest that this magikbench reads; "
                    + "update magikbench")
        }
    }

    @Test("a folder in the file's place cannot be read")
    func folderAsFile() throws {
        try withTemporaryFolder { (folder) throws in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/net.magik/network.json", withIntermediateDirectories: true)
            #expect(
                message(folder) { try Session.open("\(folder)/net") }
                    == "net.magik/network.json: cannot be read: it is a folder, and a plain file is needed")
        }
    }

    @Test("a file without end is not read at all")
    func endless() {
        #expect(
            message("/dev") { try Session.open("/dev/zero") }
                == "zero: cannot be read: it is a device, and a plain file is needed")
    }

    // What cannot be made.

    @Test("a session is not made over another")
    func exists() throws {
        try withTemporaryFolder { (folder) throws in
            let session = try Session.create("\(folder)/net", document)
            var other = document
            other.device = .xs2
            for path in ["net", "net.magik", "net.magik/"] {
                #expect(
                    message(folder) { try Session.create("\(folder)/\(path)", other) }
                        == "net.magik: exists already; open it, or choose another name")
            }
            #expect(try contents(session.file) == document.text)
        }
    }

    @Test("a session is not made over a file, but in an empty folder")
    func places() throws {
        try withTemporaryFolder { (folder) throws in
            try "mine".write(toFile: "\(folder)/file.magik", atomically: false, encoding: .utf8)
            #expect(throws: SessionError.exists("\(folder)/file.magik")) {
                try Session.create("\(folder)/file", document)
            }
            #expect(try contents("\(folder)/file.magik") == "mine")
            try FileManager.default.createDirectory(
                atPath: "\(folder)/empty.magik", withIntermediateDirectories: true)
            #expect(try Session.create("\(folder)/empty", document).document == document)
        }
    }

    @Test("a session needs a name", arguments: ["", ".magik", "/", ".", "..", "/x/.magik"])
    func unnamed(path: String) {
        #expect(throws: SessionError.unnamed(path)) { try Session.create(path, document) }
    }

    @Test("a session is not made in a folder that is not there, and leaves nothing")
    func noParent() throws {
        try withTemporaryFolder { (folder) throws in
            #expect(
                message(folder) { try Session.create("\(folder)/a/b", document) }
                    == "a/b.magik: cannot be saved: No such file or directory; nothing was changed on disk")
            #expect(try names(in: folder).isEmpty)
        }
    }

    @Test("a session is made and opened where the paths of its files are longer than the system takes")
    func deep() throws {
        try withTemporaryFolder { (folder) throws in
            var parent = folder
            while case let left = 4068 - parent.utf8.count, left > 0 {
                parent += "/" + String(repeating: "d", count: left <= 201 ? left - 1 : min(200, left - 3))
            }
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            _ = try Session.create(parent + "/net", document)
            #expect(try Session.open(parent + "/net").document == document)
        }
    }
}
