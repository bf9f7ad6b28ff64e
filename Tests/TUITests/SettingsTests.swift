import Devices
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Settings", .limited)
struct SettingsTests {
    private func file(_ text: String) -> SettingsFile { SettingsFile(bytes: Array(text.utf8), path: "/c") }

    @Test("a file sets what it names, and the rest is the standard")
    func reading() {
        let file = file(
            """
            {"theme": "colour-blind-safe", "plots": "block", "mouse": false, "smoothing": 0.9,
             "notification": "osc9", "keys": {"undo": ["F7", "Ctrl-G"]}, "run": {"epochs": 20, "optimizer": "adam"}}
            """)
        #expect(file.problems.isEmpty)
        let settings = file.settings
        #expect(settings.theme == .colourBlindSafe && settings.plots == .block && !settings.hasMouse)
        #expect(settings.smoothing == 0.9 && settings.notifications == .osc9)
        #expect(settings.runOptions == ["--epochs": "20", "--optimizer": "adam"])
        #expect(settings.keyMap.command(for: .function(7), in: .list)?.name == "undo")
        #expect(settings.keyMap.command(for: .control("g"), in: .list)?.name == "undo")
        #expect(settings.keyMap.command(for: "u", in: .list) == nil)
        #expect(SettingsFile(bytes: Array("{}".utf8)).settings.theme == .auto)
    }

    @Test(
        "what is wrong is said with its place, and the rest holds",
        arguments: [
            (
                "{\"mouse\": false,\n  \"them\": \"dark\"}",
                "config.json: line 2, column 3: them: is no setting; did you mean 'theme'?"
            ),
            (
                "{\"mouse\": false, \"theme\": \"drak\"}",
                "config.json: line 1, column 18: theme: \"drak\" is none of auto, dark"
            ),
            ("{\"mouse\": false, \"smoothing\": 2}", "smoothing: 2 is none of auto, 0, 0.6, 0.9, 0.97, 0.99"),
            (
                "{\"mouse\": false, \"keys\": {\"fixx\": \"x\"}}",
                "keys.fixx: no command is named 'fixx'; did you mean 'fix'?"
            ),
            ("{\"mouse\": false, \"keys\": {\"fix\": \"Ctrl\"}}", "keys.fix: 'Ctrl' is no key"),
            ("{\"mouse\": false, \"keys\": {\"fix\": \"d\"}}", "keys.fix: d is already the key of delete"),
            (
                "{\"mouse\": false, \"keys\": {\"palette\": []}}",
                "keys.palette: the screen cannot be used without a key"
            ),
            ("{\"mouse\": false, \"keys\": 1}", "keys: is a number; it is an object"),
            (
                "{\"mouse\": false, \"run\": {\"epoch\": 1}}",
                "run.epoch: new runs have no option 'epoch'; did you mean 'epochs'?"
            ),
            (
                "{\"mouse\": false, \"run\": {\"schedule\": \"x\"}}",
                "run.schedule: 'x' is none of constant, step, cosine"
            ),
        ])
    func problems(text: String, expected: String) {
        let file = file(text)
        #expect(!file.settings.hasMouse)
        #expect(file.problems.count == 1)
        #expect(file.problems.first.map { "\($0)".contains(expected) } == true, "\(file.problems)")
    }

    @Test(
        "a file that is no JSON sets nothing, and line and column are said",
        arguments: ["", "[]", "{\"theme\": \"dark\",}"])
    func broken(text: String) {
        let file = file(text)
        #expect(file.problems.count == 1 && file.settings.theme == .auto)
        #expect(file.problems.first.map { "\($0)".contains("line 1, column") } == true)
    }

    @Test("two commands exchange their keys, and a key that is taken stays where it is")
    func exchange() {
        let map = KeyMap.with([("fix", ["F"]), ("fix-all", ["f"])])
        #expect(map.problems.isEmpty)
        #expect(map.map.command(for: "F", in: .list)?.name == "fix")
        #expect(map.map.command(for: "f", in: .list)?.name == "fix-all")
        let taken = KeyMap.with([("undo", ["d"])])
        #expect(taken.map.command(for: "d", in: .list)?.name == "delete")
        #expect(taken.map.command(for: "u", in: .list)?.name == "undo")
        #expect(taken.problems == ["undo": "d is already the key of delete"])
    }

    @Test("footer, help and palette show the keys that hold, and a key does what it is set to")
    func shown() throws {
        let file = file("{\"keys\": {\"undo\": \"Ctrl-G\", \"help\": \"H\"}}")
        #expect(file.problems.isEmpty, "\(file.problems)")
        var driver = Driver(try Samples.document(named: "network-t40"), settings: file)
        #expect(driver.screen.contains("Ctrl-G undo") && driver.screen.contains("H help"))
        driver.press(.function(9))
        #expect(driver.screen.contains("F9 does nothing here; H shows the keys"))
        driver.press("H")
        #expect(driver.screen.contains("KEYS OF THIS PANE"))
        driver.press("q", ":")
        driver.type("undo")
        #expect(driver.screen.contains("Ctrl-G"))
    }

    @Test("every key of the table has a name that is read back", arguments: Glyphs.Kind.allCases)
    func names(kind: Glyphs.Kind) {
        for command in Command.all {
            for key in command.keys { #expect(Key(name: key.name(Glyphs(kind))) == key) }
        }
        for word in ["", "Ctrl-", "Ctrl-é", "F0", "F13", "page", "ab"] { #expect(Key(name: word) == nil) }
    }

    @Test("problems are one line on the screen, and whole behind M")
    func told() throws {
        let file = file("{\"them\": 1, \"mice\": 2}")
        var driver = Driver(try Samples.document(named: "network-t40"), settings: file)
        driver.state.tell(file.problems)
        #expect(driver.screen.contains("config.json: line 1, column 2: them: is no setting"))
        driver.press("M")
        #expect(driver.screen.contains("and 1 more: M"))
        #expect(driver.screen.contains("mice: is no setting"))
    }

    @Test("a new run begins with the options of the file, and smoothing with its weight")
    func forms() throws {
        let file = file("{\"smoothing\": 0.6, \"run\": {\"epochs\": 17}}")
        var driver = Driver(try Samples.document(named: "network-t40"), settings: file)
        #expect(driver.state.training.smoothing == 1)
        driver.press("4", "n")
        #expect(driver.screen.contains("17"))
    }

    @Test("a change is written into the file and taken out of it again")
    func edits() throws {
        var bytes = Array("{\"theme\": \"dark\", \"x\": 1}".utf8)
        for change in ["theme=light", "mouse=false", "smoothing=0.6", "keys.undo=F7 Ctrl-G", "run.epochs=20"]
        {
            bytes = try SettingsEdit(change).applied(to: bytes)
        }
        let file = SettingsFile(bytes: bytes)
        #expect(file.problems.map(\.name) == ["x"])
        #expect(file.settings.theme == .light && !file.settings.hasMouse && file.settings.smoothing == 0.6)
        #expect(file.settings.keys == ["undo": [.function(7), .control("g")]])
        for change in ["theme=", "x=", "mouse=", "smoothing=", "keys.undo=", "run.epochs="] {
            bytes = try SettingsEdit(change).applied(to: bytes)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "{}\n")
        for wrong in ["theme", "=x", "theme=drak", "nothing=1", "keys.undo=d", "run.seed", "keys.nothing=x"] {
            #expect(throws: SettingsEditError.self) { try SettingsEdit(wrong).applied(to: bytes) }
        }
    }

    @Test("the table names where each value comes from, and what holds in its place")
    func table() {
        let file = file("{\n\"theme\": \"dark\", \"keys\": {\"undo\": \"F7\"}}")
        let lines = SettingsTable(file, hasColour: false, plots: .ascii).lines
        #expect(lines.contains { $0.contains("theme") && $0.contains("line 2") && $0.contains("NO_COLOR") })
        #expect(
            lines.contains { $0.contains("plots") && $0.contains("standard") && $0.contains("ascii here") })
        #expect(lines.contains { $0.contains("keys.undo") && $0.contains("line 2") })
        #expect(lines.allSatisfy { $0.displayWidth <= 80 })
        guard case .array(let rows)? = SettingsTable(file, hasColour: true, plots: .braille).json["settings"]
        else {
            Issue.record("no settings")
            return
        }
        #expect(rows.count == Setting.all.count + 1)
    }

    @Test("a theme is tried on the screen")
    func theme() throws {
        var driver = Driver(try Samples.document(named: "network-t40"))
        driver.command("theme light")
        #expect(driver.state.settings.theme == .light)
        #expect(driver.effects.contains { if case .theme(.light) = $0 { true } else { false } })
        driver.command("theme nothing")
        #expect(driver.screen.contains("does not take 'nothing'"))
        driver.command("settings")
        #expect(driver.screen.contains("light"))
    }
}
