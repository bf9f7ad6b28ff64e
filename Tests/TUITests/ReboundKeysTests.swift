import Graph
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Messages with other keys", .limited(minutes: 20))
struct ReboundKeysTests {
    /// A map in which every command that has keys has one that no other text of the screen has.
    private static let rebound: KeyMap = {
        let commands = Command.all.filter { !$0.keys.isEmpty }
        let letters = (0x100..<0x180).compactMap { Unicode.Scalar($0) }.map { Character($0) }
        let keys = zip(commands, letters).map { (command: $0.name, keys: [Key.character($1)]) }
        return KeyMap.with(keys).map
    }()

    /// Keys by their words, which every command has lost.
    private static func named(in text: String) -> [Substring] {
        text.matches(of: /\b(Esc|Enter|Tab|Space|PgUp|PgDn|Ctrl-[A-Z])\b/).map(\.0)
    }

    /// Letters and signs by themselves that a sentence would name as keys.
    private static func letters(in text: String) -> [Substring] {
        let single =
            /(?:^|[ ;,(:])(?:[b-wyzB-HJ-Z+*\/?=\[\]]|[aA](?= (?:adds|adds|opens|shows?|and|the next)\b))(?=[ ;,.)]|$)/
        return text.matches(of: single).map(\.0)
    }

    @Test("every command that has a key has another one")
    func all() {
        for command in Command.all where !command.keys.isEmpty {
            let other = Self.rebound.commands.first { $0.name == command.name }
            #expect(other?.keys.isEmpty == false && other?.keys != command.keys, "\(command.name)")
        }
    }

    @Test("no picture names a key that was taken away", arguments: Scene.allCases)
    func pictures(scene: Scene) throws {
        // The keys in these were read when they opened.
        guard ![Scene.palette, .recent, .help].contains(scene) else { return }
        var driver = try scene.driver(.wide, Appearance())
        driver.state.message = nil
        driver.state.settings.keyMap = Self.rebound
        for line in driver.screen.split(separator: "\n") {
            #expect(Self.named(in: String(line)).isEmpty, "\(line)")
        }
    }

    @Test("no message of any command in any state names a key that was taken away", arguments: Scene.allCases)
    func messages(scene: Scene) throws {
        var driver = try scene.driver(.wide, Appearance())
        driver.state.settings.keyMap = Self.rebound
        driver.state.said = []
        // These show keys as such, or the network's own numbers and letters.
        let others = ["palette", "help", "lines", "preview"]
        for command in Self.rebound.commands where !others.contains(command.name) {
            var state = driver.state
            state.run(command)
            var texts = state.said.map(\.text)
            if let popup = state.popups.last, state.popups.count > driver.state.popups.count {
                texts += popup.lines(on: state).filter { !$0.contains("not now") }
            }
            for text in texts {
                #expect(
                    Self.named(in: text).isEmpty && Self.letters(in: text).isEmpty,
                    "\(command.name): \(text)")
            }
        }
    }
}
