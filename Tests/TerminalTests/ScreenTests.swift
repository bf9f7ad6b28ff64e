import Foundation
import TestSupport
import TestTraits
import Testing

@testable import Terminal

/// The demonstration program on a terminal of ours.
private func child(
    _ size: Size = Size(rows: 24, columns: 80), _ environment: [String: String?] = [:]
) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
        try BuiltProgram.besideTests("ScreenChild").file.path, size: size, environment: environment)
    return terminal
}

private func started(_ environment: [String: String?] = [:]) throws -> PseudoTerminal {
    let terminal = try child(Size(rows: 24, columns: 80), environment)
    try terminal.wait(for: "size 24x80")
    return terminal
}

/// The text of a screen whose full rows go on in the next.
private func unwrapped(_ screen: VirtualScreen) -> String {
    (0..<screen.size.rows).reduce(into: "") { text, row in
        let line = screen.text(row: row)
        text += line.count >= screen.size.columns - 1 && line.count < screen.size.columns ? line + " " : line
    }
}

/// Whether the terminal is as a shell wants it.
private func isRestored(_ terminal: PseudoTerminal) -> Bool {
    let modes = terminal.screen.modes
    return modes.isDisjoint(with: [1049, 1000, 1002, 1006, 2004]) && modes.contains(25)
        && terminal.modes.echoes
        && terminal.modes.editsLines
}

@Suite("A program on a terminal", .limited, .serialized)
struct ScreenTests {
    @Test("what is drawn is what the terminal shows, to the last cell")
    func presents() throws {
        let terminal = try started()
        try terminal.wait("the last row") { $0.text(row: 23).hasSuffix("x") }
        #expect(terminal.screen.text(row: 22) == "网络 ─ ✗ ⣿ end")
        #expect(terminal.screen.text(row: 23).count == 80)
        #expect(terminal.screen.look(0, 0).isBold)
        #expect(terminal.screen.look(22, 0).colour == 161)
        #expect(terminal.screen.cursor == Position(row: 1, column: 2))
        #expect(terminal.screen.modes.isSuperset(of: [1049, 1002, 1006, 2004]))
        #expect(!terminal.screen.modes.contains(25))
        #expect(!terminal.modes.echoes)
        #expect(terminal.screen.unknown == [])
    }

    /// How a terminal says how many colours it has.
    enum Colours: String, CaseIterable {
        case all, many, few, none

        var environment: [String: String?] {
            switch self {
            case .all: ["COLORTERM": "truecolor", "NO_COLOR": nil]
            case .many: ["COLORTERM": nil, "NO_COLOR": nil]
            case .few: ["COLORTERM": "truecolor", "NO_COLOR": nil, "TERM": "xterm"]
            case .none: ["COLORTERM": "truecolor", "NO_COLOR": "1"]
            }
        }
    }

    @Test(
        "pictures are shown in the colours that the terminal has, and go without a trace",
        arguments: Colours.allCases)
    func pictures(colours: Colours) throws {
        let terminal = try started(colours.environment)
        terminal.type("i")
        try terminal.wait("the picture") { screen in
            let text = screen.text(row: 20).dropFirst(10)
            if colours == .none { return text == "########" }
            return text.count == 8 && text.allSatisfy { $0 == "▀" || $0 == "▄" }
                && (colours != .all || (screen.look(20, 17).ground ?? 0) > 255)
        }
        let look = terminal.screen.look(20, 17)
        switch colours {
        case .all:
            #expect(look.colour == VirtualScreen.colour(red: 210, green: 0, blue: 0))
            #expect(look.ground == VirtualScreen.colour(red: 0, green: 0, blue: 255))
        case .many: #expect(Set([look.colour, look.ground]) == [21, 160])
        case .few: #expect(Set([look.colour, look.ground]) == [1, 4])
        case .none: #expect(look.colour == nil && look.ground == nil)
        }
        terminal.type("I")
        try terminal.wait("the other picture") { screen in
            colours == .none || screen.look(20, 17) != look && screen.look(20, 17).ground != nil
        }
        if colours == .all {
            #expect(
                terminal.screen.look(20, 17).colour == VirtualScreen.colour(red: 210, green: 200, blue: 0))
        }
        terminal.type("i")
        try terminal.wait("the picture to go") { $0.text(row: 20).isEmpty }
        #expect((0..<80).allSatisfy { terminal.screen.look(20, $0).ground == nil })
        #expect(terminal.screen.cursor == Position(row: 1, column: 2))
        #expect(terminal.screen.unknown == [])
    }

    @Test("every key comes as what it is")
    func keys() throws {
        let terminal = try started()
        let keys: [(String, Key)] = [
            ("a", "a"), ("中", "中"), ("é", "é"), ("\u{1B}OA", .up), ("\u{1B}[B", .down), ("\u{1B}OC", .right),
            ("\u{1B}OD", .left), ("\u{1B}OH", .home), ("\u{1B}[F", .end), ("\u{1B}[5~", .pageUp),
            ("\u{1B}[6~", .pageDown), ("\u{1B}[3~", .delete), ("\u{1B}[2~", .insert), ("\u{1B}[Z", .backTab),
            ("\t", .tab), ("\r", .enter), ("\u{7F}", .backspace), ("\u{01}", .control("a")),
            ("\u{13}", .control("s")), ("\u{03}", .control("c")), ("\u{1B}OP", .function(1)),
            ("\u{1B}[15~", .function(5)), ("\u{1B}[24~", .function(12)), ("\u{1B}", .escape),
        ]
        for (index, (bytes, key)) in keys.enumerated() {
            terminal.type(bytes)
            try terminal.wait("key \(key)") { $0.text(row: 0).hasSuffix("events \(index + 1)") }
            try terminal.wait("key \(key)") { screen in
                screen.text(row: min(index + 1, 20)) == "key(Terminal.Key.\(key))"
            }
        }
    }

    @Test("clicks, wheel and pasted text arrive with their places and as one")
    func mouse() throws {
        let terminal = try started()
        terminal.type("\u{1B}[<0;11;6M\u{1B}[<0;11;6m")
        try terminal.wait(for: "events 1")
        try terminal.wait(for: "click at row 5, column 10")
        terminal.type("\u{1B}[<64;1;1M")
        try terminal.wait(for: "wheelUp")
        terminal.type("\u{1B}[<65;1;1M")
        try terminal.wait(for: "wheelDown")
        terminal.type("\u{1B}[200~two\rlines 中\u{1B}[201~")
        try terminal.wait(for: #"paste("two\nlines 中")"#)
        terminal.type("M")
        try terminal.wait("the mouse to be off") { $0.modes.isDisjoint(with: [1000, 1002, 1006]) }
    }

    @Test("a storm of sizes ends with the last one")
    func resizes() throws {
        let terminal = try started()
        var random = SeededGenerator(seed: 4)
        for _ in 0..<60 {
            terminal.resize(Size(rows: 1 + random.below(60), columns: 1 + random.below(200)))
            if random.below(3) == 0 { terminal.type("a") }
            terminal.settle(milliseconds: 1)
        }
        terminal.resize(Size(rows: 30, columns: 100))
        try terminal.wait(for: "size 30x100")
        terminal.type("\u{0C}")
        try terminal.wait("the last row") { $0.text(row: 29).hasSuffix("x") }
    }

    @Test("what others print does not reach the picture")
    func strayOutput() throws {
        let terminal = try started()
        terminal.type("P")
        try terminal.wait(for: "events 1")
        #expect(!terminal.screen.text.contains("a stray line"))
    }

    @Test("a copied text goes to the terminal's clipboard", arguments: [nil, "/tmp/tmux"] as [String?])
    func copies(tmux: String?) throws {
        let terminal = try started(["TMUX": tmux])
        terminal.type("y")
        let start = tmux == nil ? "52;c;Y29waWVkIHRleHQ=" : "tmux;"
        try terminal.wait("the sequence") { $0.commands.contains { $0.hasPrefix(start) } }
    }

    @Test("the program ends with its own status and leaves the terminal as it was")
    func quits() throws {
        let terminal = try started()
        terminal.type("q")
        #expect(try terminal.end() == 7)
        #expect(isRestored(terminal))
    }

    @Test(
        "signals end it with their status",
        arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129)] as [(Int32, Int32)])
    func signals(number: Int32, status: Int32) throws {
        let terminal = try started()
        terminal.signal(number)
        #expect(try terminal.end() == status)
        #expect(isRestored(terminal))
    }

    @Test("a fault restores the terminal before anything is said of it", arguments: ["A", "T", "S"])
    func faults(key: String) throws {
        let terminal = try started(["SWIFT_BACKTRACE": "enable=no"])
        terminal.type(key)
        #expect(try terminal.end() > 128)
        #expect(isRestored(terminal))
    }

    @Test("a fault that is sent from outside ends it too", arguments: [SIGSEGV, SIGABRT, SIGKILL])
    func outside(number: Int32) throws {
        let terminal = try started(["SWIFT_BACKTRACE": "enable=no"])
        kill(try terminal.guarded(), number)
        #expect(try terminal.end() == 128 + number)
        let words = "the screen was ended by signal \(number); the terminal is restored. Nothing was lost."
        try terminal.wait("what ended it") { unwrapped($0).contains(words) }
        #expect(isRestored(terminal))
    }

    @Test(
        "suspended, it gives the terminal back, and takes it again when it goes on", arguments: [true, false])
    func suspends(byKey: Bool) throws {
        let terminal = try started()
        if byKey { terminal.type("\u{1A}") } else { kill(try terminal.guarded(), SIGTSTP) }
        try terminal.wait("the shell's screen") { !$0.modes.contains(1049) }
        // Curses leaves its screen first, then sets the modes: both are done when the program is stopped.
        try terminal.waitUntilStopped()
        #expect(terminal.screen.modes.isDisjoint(with: [1002, 2004]))
        #expect(terminal.modes.echoes && terminal.modes.editsLines)
        kill(-terminal.process, SIGCONT)
        try terminal.wait("its own screen") {
            $0.modes.isSuperset(of: [1049, 1002, 2004]) && $0.text.contains("size 24x80")
        }
        terminal.type("a")
        try terminal.wait(for: "key(Terminal.Key.character(\"a\"))")
    }

    @Test(
        "suspended, it ends by itself where its terminal closes or it is told to", arguments: [true, false])
    func endsSuspended(isClosed: Bool) throws {
        let terminal = try started()
        terminal.type("\u{1A}")
        try terminal.waitUntilStopped()
        if isClosed {
            terminal.hangUp()
        } else {
            terminal.signal(SIGTERM)
            terminal.signal(SIGCONT)
        }
        // A guardian that has to kill its child ends with 137.
        #expect(try terminal.end() == 128 + (isClosed ? SIGHUP : SIGTERM))
        #expect(isClosed || isRestored(terminal))
    }

    @Test("a closed terminal ends it")
    func hangUp() throws {
        let terminal = try started()
        let inner = try terminal.guarded()
        terminal.hangUp()
        #expect(try terminal.end() == 129)
        #expect(kill(inner, 0) != 0)
    }

    @Test("nothing wakes it while nothing happens")
    func idle() throws {
        let terminal = try started()
        terminal.settle()
        let before = try terminal.wakeups()
        terminal.settle(milliseconds: 1500)
        #expect(try terminal.wakeups() == before)
    }

    @Test("messages of a worker are seen, all of them")
    func messages() throws {
        let terminal = try started()
        terminal.type("W")
        try terminal.wait(for: "ticks 20")
    }

    @Test("without colours nothing is coloured, and marks are set apart all the same")
    func noColour() throws {
        let terminal = try started(["NO_COLOR": "1"])
        try terminal.wait("the last row") { $0.text(row: 23).hasSuffix("x") }
        #expect(!terminal.screen.hasUsedColour)
        #expect(terminal.screen.look(22, 0).isReversed)
    }

    @Test(
        "a terminal that is not known here is taken for an xterm; the console of Linux works",
        arguments: ["xterm-kitty", "alacritty", "foot", "nonsense", "linux"])
    func fallsBack(term: String) throws {
        let terminal = try child(Size(rows: 24, columns: 80), ["TERM": term, "TERMINFO_DIRS": nil])
        try terminal.wait(for: "size 24x80")
        terminal.type("\u{1B}[A")
        try terminal.wait(for: "up")
        terminal.type("q")
        #expect(try terminal.end() == 7)
        #expect(isRestored(terminal))
    }

    @Test("a terminal without a screen is refused in a line", arguments: ["dumb", ""])
    func refuses(term: String) throws {
        let terminal = try child(Size(rows: 24, columns: 80), ["TERM": term])
        #expect(try terminal.end() == 2)
        #expect(unwrapped(terminal.screen).contains("xterm-256color"))
        #expect(isRestored(terminal))
    }

    @Test("a locale without Unicode gets ASCII alone")
    func ascii() throws {
        #expect(Glyphs.fine.allSatisfy { !$0.isASCII })
        let terminal = try started(["LC_ALL": "C"])
        #expect(!terminal.screen.text.contains("~"))
    }
}
