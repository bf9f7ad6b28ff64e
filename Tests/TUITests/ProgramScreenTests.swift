import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import Terminal

/// A session in a folder of its own, with what the program remembers beside it.
private final class Place {
    let folder: URL
    var session: String { folder.path + "/mine.magik" }
    var file: String { session + "/network.json" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "magikbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try Session.create(session, try Samples.document(named: "network-t40"))
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            print("a folder of a test stays behind: \(error)")
        }
    }

    /// The program on the session, with its layers on the screen.
    func open() throws -> PseudoTerminal {
        let terminal = try start()
        try terminal.wait(for: "conv0")
        return terminal
    }

    /// The program on the session; `wrapper` is a command that runs it.
    func start(
        through wrapper: [String] = [], _ variables: [String: String] = [:]
    ) throws -> PseudoTerminal {
        let words = wrapper + [try BuiltProgram.besideTests().file.path, session]
        return try PseudoTerminal(
            words[0], Array(words.dropFirst()), size: Size(rows: 36, columns: 120),
            environment: [
                "XDG_STATE_HOME": folder.path + "/state", "XDG_CONFIG_HOME": folder.path + "/config",
                "SWIFT_BACKTRACE": "enable=no",
            ]
            .merging(variables) { $1 })
    }

    /// Limits how many bytes a file may have that a process writes.
    func limitFiles(of process: pid_t, to bytes: String) throws {
        let limit = try Process.run(
            URL(filePath: "/usr/bin/prlimit"), arguments: ["--fsize=\(bytes):", "--pid", "\(process)"])
        limit.waitUntilExit()
        #expect(limit.terminationStatus == 0)
    }

    /// What is saved.
    var saved: Document { get throws { try Session.open(session).document } }

    /// Whether a program may write the session and keeps others from it.
    var isLocked: Bool {
        switch SessionLock.take(session: session, at: 0) {
        case .held: false
        case .taken, .unwritable: true
        }
    }

    /// Whether unsaved changes were kept.
    var hasRecoveryCopy: Bool { FileManager.default.fileExists(atPath: session + "/recovery.json") }
}

extension PseudoTerminal {
    /// Lowers the bits of the first convolution and waits for the star that says so.
    fileprivate func edit() throws {
        type("jjj[")
        try wait(for: "mine*")
    }

    /// Whether it is as a shell wants it.
    fileprivate var isSane: Bool {
        screen.modes.isDisjoint(with: [1049, 1000, 1002, 1006, 2004]) && screen.modes.contains(25)
            && modes.echoes && modes.editsLines
    }
}

@Suite("The program on a terminal", .limited, .serialized)
struct ProgramScreenTests {
    @Test("it opens a session, shows its layers, and ends at once where nothing changed")
    func opens() throws {
        let place = try Place()
        let terminal = try place.open()
        terminal.type("\u{1B}[F")
        try terminal.wait(for: "fc2")
        #expect(terminal.screen.text(row: 0).contains("mine"))
        #expect(terminal.screen.unknown == [])
        terminal.type("q")
        #expect(try terminal.end() == 0)
        #expect(terminal.isSane)
    }

    @Test("every view opens, view 3 with what the probe saw, and a clip moves there")
    func views() throws {
        let place = try Place()
        let terminal = try place.open()
        for (key, words) in [
            ("2", "PASSING"), ("4", "no runs yet"), ("5", "no runs yet"), ("3", "32 samples"),
        ] {
            terminal.type(key)
            try terminal.wait(for: words)
        }
        terminal.type("\u{1B}[B\u{1B}[B")
        try terminal.wait(for: "conv0 output")
        try terminal.wait(for: "against the float network")
        terminal.type("\u{1B}[D")
        try terminal.wait(for: "conv0 clip 6.0 to 5.75")
        terminal.type("u")
        try terminal.wait(for: "undone: conv0 clip")
        #expect(terminal.screen.unknown == [])
        terminal.type("q")
        #expect(try terminal.end() == 0)
        #expect(terminal.isSane)
    }

    @Test("a copied text goes to tmux and to the program of the desktop, and the screen says so")
    func copies() throws {
        let place = try Place()
        let path = place.folder.path
        // tmux of an old version: it has no -w.
        for (name, script) in [
            ("tmux", "case $* in *-w*) exit 1;; esac; cat >\(path)/tmux.txt"),
            ("wl-copy", "exit 1"), ("xclip", "cat >\(path)/xclip.txt"),
        ] {
            let file = path + "/" + name
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        let paths = path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let terminal = try place.start(
            through: [],
            ["PATH": paths, "TMUX": "/tmp/none,1,0", "WAYLAND_DISPLAY": "none", "DISPLAY": ":none"])
        try terminal.wait(for: "conv0")
        terminal.type("jjjy")
        try terminal.wait(for: "copied the layer conv0 to tmux's buffer, xclip, the terminal (OSC 52)")
        for file in ["tmux.txt", "xclip.txt"] {
            #expect(try String(contentsOfFile: path + "/" + file, encoding: .utf8).contains("conv0"))
        }
        terminal.type("q")
        #expect(try terminal.end() == 0)
    }

    @Test("an edit is saved with Ctrl-S")
    func saves() throws {
        let place = try Place()
        let before = try place.saved
        let terminal = try place.open()
        try terminal.edit()
        #expect(try place.saved == before)
        terminal.type("\u{13}")
        try terminal.wait("the star to go") { !$0.text(row: 0).contains("mine*") }
        #expect(try place.saved.network != before.network)
        terminal.type("q")
        #expect(try terminal.end() == 0)
    }

    @Test("a session whose folder was deleted is saved under another name")
    func deletedFolder() throws {
        let place = try Place()
        let terminal = try place.open()
        try terminal.edit()
        try FileManager.default.removeItem(atPath: place.session)
        terminal.type("\u{13}")
        try terminal.wait(for: "n save under another name")
        terminal.type("n")
        try terminal.wait(for: "save as")
        let other = place.folder.path + "/other.magik"
        terminal.type("\u{15}\(other)\r")
        try terminal.wait("the star to go") { !$0.text(row: 0).contains("*") }
        #expect(try Session.open(other).document.network["conv0"] != nil)
        terminal.type("q")
        #expect(try terminal.end() == 0)
    }

    @Test("quitting with changes asks, and d discards them")
    func discards() throws {
        let place = try Place()
        let before = try place.saved
        let terminal = try place.open()
        try terminal.edit()
        terminal.type("q")
        try terminal.wait(for: "unsaved change")
        terminal.type("d")
        #expect(try terminal.end() == 0)
        #expect(terminal.isSane)
        #expect(try place.saved.network == before.network)
        #expect(!place.hasRecoveryCopy)
    }

    @Test("a killed screen leaves a sane terminal, and the next one recovers the changes")
    func killed() throws {
        let place = try Place()
        let terminal = try place.open()
        try terminal.edit()
        try terminal.wait("the copy for recovery") { _ in place.hasRecoveryCopy }
        kill(try terminal.guarded(), SIGKILL)
        #expect(try terminal.end() == 128 + SIGKILL)
        #expect(terminal.isSane)
        #expect(terminal.screen.text.contains("the terminal is restored"))
        try recover(in: place)
    }

    @Test("a terminal that goes away keeps the changes", arguments: [true, false])
    func hangsUp(isClosed: Bool) throws {
        let place = try Place()
        let terminal = try place.open()
        try terminal.edit()
        if isClosed { terminal.hangUp() } else { terminal.signal(SIGHUP) }
        #expect(try terminal.end() == 128 + SIGHUP)
        #expect(isClosed || terminal.isSane)
        #expect(place.hasRecoveryCopy)
        try recover(in: place)
    }

    /// How a terminal goes away.
    enum Ending: CaseIterable {
        case closed, signal, closedWithoutSignal, closedWhileSuspended
    }

    @Test(
        "the first program and a second one end where their terminal closes, and let others write the session",
        arguments: [false, true], Ending.allCases)
    func closes(isSecond: Bool, ending: Ending) throws {
        let place = try Place()
        // In a session of its own the terminal is not its controlling one, which is what sends the signal.
        let alone = ["/bin/sh", "-c", #"trap '' HUP; exec setsid --wait "$0" "$@""#]
        let wrapper = ending == .closedWithoutSignal ? alone : []
        let first = try place.start(through: isSecond ? [] : wrapper)
        try first.wait(for: "conv0")
        let second = try isSecond ? place.start(through: wrapper) : first
        try second.wait(for: isSecond ? "read-only: open in" : "conv0")
        #expect(place.isLocked)
        switch ending {
        case .closed, .closedWithoutSignal: second.hangUp()
        case .signal: second.signal(SIGHUP)
        case .closedWhileSuspended:
            second.type("\u{1A}")
            try second.waitUntilStopped()
            second.hangUp()
        }
        // A guardian that has to kill the screen ends with 137.
        #expect(try second.end() == 128 + SIGHUP)
        guard isSecond else { return #expect(!place.isLocked) }
        #expect(place.isLocked)
        first.type("q")
        #expect(try first.end() == 0)
        #expect(!place.isLocked)
    }

    private func recover(in place: Place) throws {
        let next = try place.start()
        try next.wait(for: "unsaved changes of an earlier")
        next.type("r")
        try next.wait(for: "mine*")
        try next.wait(for: "recovered the changes")
    }

    @Test("a second program opens the session read-only and says so")
    func second() throws {
        let place = try Place()
        let first = try place.open()
        let second = try place.open()
        try second.wait(for: "read-only: open in")
        second.type("jjj[")
        try second.wait(for: "the session is read-only")
        second.type("q")
        #expect(try second.end() == 0)
        first.type("q")
        #expect(try first.end() == 0)
    }

    @Test(
        "a disk without room refuses a save in a line; the old file stays, and the change is there to be saved later"
    )
    func fullDisk() throws {
        let place = try Place()
        let before = try place.saved
        let terminal = try place.start(through: ["/bin/sh", "-c", #"trap '' XFSZ; exec "$0" "$@""#])
        try terminal.wait(for: "conv0")
        try terminal.edit()
        try terminal.wait("the copy for recovery") { _ in place.hasRecoveryCopy }
        // From here on no file of the program grows: what a write meets on a full disk, without anybody's rights.
        try place.limitFiles(of: terminal.guarded(), to: "0")
        terminal.type("\u{13}")
        try terminal.wait(for: "cannot be saved")
        #expect(try place.saved == before)
        try place.limitFiles(of: terminal.guarded(), to: "unlimited")
        terminal.type("\u{13}")
        try terminal.wait("the star to go") { !$0.text(row: 0).contains("mine*") }
        #expect(try place.saved.network != before.network)
        terminal.type("q")
        #expect(try terminal.end() == 0)
        #expect(terminal.isSane)
    }

    @Test("without a terminal --plain prints every layer and finding as sentences")
    func plain() throws {
        let place = try Place()
        let run = try BuiltProgram.besideTests().run(["--plain", place.session])
        #expect(run.code == 0, "\(run.errors)")
        #expect(
            run.output.contains("layer conv0, Conv2D 3x3, reads bn, output 32x32x32\nweights 8 bit, step "))
        #expect(run.output.contains("rules of T40: 0 error"))
        #expect(run.output.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test("without a terminal it says so in a line")
    func noTerminal() throws {
        let place = try Place()
        let run = try BuiltProgram.besideTests().run([place.session])
        #expect(run.code == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("magikbench: the screen needs a terminal"))
        #expect(run.errors.split(separator: "\n").count == 1)
    }
}
