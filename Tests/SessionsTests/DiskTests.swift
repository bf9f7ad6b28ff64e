import Devices
import Editing
import Foundation
import Graph
import Platform
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct DiskTests {
    private let document: Document

    init() throws { document = try Samples.document(named: "mnist-cnn") }

    private func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func contents(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    private func attribute<Value>(_ key: FileAttributeKey, of path: String) throws -> Value? {
        try FileManager.default.attributesOfItem(atPath: path)[key] as? Value
    }

    private static let old = Array("the old bytes".utf8)
    private static let new = Array("the new bytes, of which there are more".utf8)

    private func withOldFile(_ body: (_ folder: String, _ file: String) throws -> Void) throws {
        try withTemporaryFolder { (folder) throws in
            let file = folder + "/network.json"
            try Data(Self.old).write(to: URL(filePath: file))
            try body(folder, file)
        }
    }

    @Test("the disk of a path and the room on it are known, and of nothing they are not")
    func room() throws {
        try withTemporaryFolder { folder in
            let room = try #require(Disk.room(at: folder))
            let whole = try #require(Disk.absolute(folder))
            #expect(room > 0 && whole.hasPrefix(Disk.disk(of: folder)))
            #expect(Disk.room(at: folder + "/nothing") == nil)
        }
    }

    @Test("a file is made, and replaced")
    func replace() throws {
        try withTemporaryFolder { (folder) throws in
            try Disk.replace(folder + "/new", with: Self.old)
            #expect(try contents(folder + "/new") == Self.old)
            try Disk.replace(folder + "/new", with: Self.new)
            #expect(try contents(folder + "/new") == Self.new)
            try Disk.replace(folder + "/new", with: [])
            #expect(try contents(folder + "/new").isEmpty)
            #expect(try names(in: folder) == ["new"])
        }
    }

    @Test("a write that takes a few bytes at a time, or is interrupted, goes on", arguments: [1, 7, 1000])
    func shortWrites(size: Int) throws {
        try withOldFile { (folder, file) throws in
            var calls = 0
            try Disk.replace(file, with: Self.new) { descriptor, bytes in
                calls += 1
                if calls.isMultiple(of: 3) {
                    errno = EINTR
                    return -1
                }
                return Disk.writeOut(descriptor, bytes.prefix(size))
            }
            #expect(try contents(file) == Self.new)
            #expect(try names(in: folder) == ["network.json"])
        }
    }

    @Test(
        "a disk that is full after so many bytes leaves the old file and nothing beside it",
        arguments: [0, 1, 20])
    func full(space: Int) throws {
        try withOldFile { (folder, file) throws in
            var left = space
            let error = #expect(throws: DiskError.self) {
                try Disk.replace(file, with: Self.new) { descriptor, bytes in
                    let count = Disk.writeOut(descriptor, bytes.prefix(left))
                    left -= count
                    if count > 0 { return count }
                    errno = ENOSPC
                    return -1
                }
            }
            guard case .full(let disk)? = error else {
                Issue.record("a full disk is named: \(String(describing: error))")
                return
            }
            #expect(file.hasPrefix(disk))
            #expect(try contents(file) == Self.old)
            #expect(try names(in: folder) == ["network.json"])
        }
    }

    @Test("a disk that takes nothing and says nothing does not hold up the program")
    func silent() throws {
        try withOldFile { (folder, file) throws in
            #expect(throws: DiskError.system(EIO)) { try Disk.replace(file, with: Self.new) { _, _ in 0 } }
            #expect(try contents(file) == Self.old)
            #expect(try names(in: folder) == ["network.json"])
        }
    }

    @Test("the old file is whole until the new one is")
    func beside() throws {
        try withOldFile { (folder, file) throws in
            try Disk.replace(file, with: Self.new) { descriptor, bytes in
                #expect(FileManager.default.contents(atPath: file).map(Array.init) == Self.old)
                return Disk.writeOut(descriptor, bytes.prefix(5))
            }
            #expect(try contents(file) == Self.new)
        }
    }

    @Test("a folder in place of the file is refused, and nothing is left beside it")
    func folderInPlace() throws {
        try withTemporaryFolder { (folder) throws in
            let session = try Session.create(folder + "/net", document)
            try FileManager.default.removeItem(atPath: session.file)
            try FileManager.default.createDirectory(
                atPath: session.file + "/full", withIntermediateDirectories: true)
            let reason = "it is a folder, and a plain file is needed"
            #expect(throws: SessionError.unwritable(session.file, reason: reason)) { try session.save() }
            #expect(try names(in: session.path) == ["network.json"])
        }
    }

    @Test("a folder that is gone is an error, and is not made again")
    func folderGone() throws {
        try withTemporaryFolder { (folder) throws in
            let session = try Session.create(folder + "/net", document)
            try FileManager.default.removeItem(atPath: session.path)
            #expect(throws: SessionError.unwritable(session.file, reason: "No such file or directory")) {
                try session.save()
            }
            #expect(try names(in: folder).isEmpty)
        }
    }

    @Test("a name too long for a file beside it is an error, and the file stays as it is")
    func longName() throws {
        try withTemporaryFolder { (folder) throws in
            let file = folder + "/" + String(repeating: "n", count: 250) + ".json"
            try document.text.write(toFile: file, atomically: false, encoding: .utf8)
            var session = try Session.open(file)
            session.document.device = .xs1
            #expect(throws: SessionError.unwritable(file, reason: "File name too long")) {
                try session.save()
            }
            #expect(try Session.open(file).document == document)
        }
    }

    @Test("files that a crash left beside are neither used nor removed")
    func leftovers() throws {
        try withOldFile { (folder, file) throws in
            let left = "\(file).tmp-\(getpid())"
            try Data(Self.old).write(to: URL(filePath: left))
            try FileManager.default.createDirectory(atPath: left + "-1", withIntermediateDirectories: true)
            try Disk.replace(file, with: Self.new)
            #expect(try contents(file) == Self.new && contents(left) == Self.old)
            #expect(try names(in: folder).count == 3)
        }
    }

    @Test("the permissions stay", arguments: [0o600, 0o644, 0o664, 0o640, 0o400])
    func permissions(mode: Int) throws {
        try withOldFile { (folder, file) throws in
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            try Disk.replace(file, with: Self.new)
            #expect(try attribute(.posixPermissions, of: file) == mode)
            #expect(try contents(file) == Self.new)
        }
    }

    @Test(
        "a link stays a link, and what it leads to is replaced",
        arguments: ["target.json", "deep/target.json"])
    func links(target: String) throws {
        try withTemporaryFolder { (folder) throws in
            try FileManager.default.createDirectory(
                atPath: folder + "/deep", withIntermediateDirectories: true)
            try Data(Self.old).write(to: URL(filePath: folder + "/" + target))
            try FileManager.default.createSymbolicLink(atPath: folder + "/one", withDestinationPath: target)
            try FileManager.default.createSymbolicLink(atPath: folder + "/two", withDestinationPath: "one")
            try Disk.replace(folder + "/two", with: Self.new)
            #expect(try contents(folder + "/" + target) == Self.new)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/two") == "one")
            #expect(try names(in: folder + "/deep").count <= 1)
        }
    }

    @Test(
        "a link to nothing, or to itself, is an error and stays",
        arguments: [("nowhere", ENOENT), ("link", ELOOP)])
    func danglingLinks(target: String, code: Int32) throws {
        try withTemporaryFolder { (folder) throws in
            try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: target)
            #expect(throws: DiskError.system(code)) { try Disk.replace(folder + "/link", with: Self.new) }
            #expect(try names(in: folder) == ["link"])
        }
    }

    @Test("who reads while others save finds one of the documents, whole")
    func concurrency() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "magikbench-\(UUID().uuidString)")
            .path(percentEncoded: false)
        let session = try Session.create(folder, document)
        let documents =
            try [document] + ["sms-text", "persondet", "network-t40", "facedet"].map(Samples.document)
        try await withThrowingTaskGroup { group in
            for document in documents {
                group.addTask {
                    var writer = session
                    writer.document = document
                    for _ in 0..<20 {
                        try writer.save()
                        #expect(documents.contains(try Session.open(session.path).document))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try names(in: session.path) == ["network.json"])
        try FileManager.default.removeItem(atPath: session.path)
    }
}
