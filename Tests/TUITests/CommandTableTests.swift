import Graph
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("The table of commands", .limited)
struct CommandTableTests {
    @Test("no two commands have a name")
    func names() {
        let names = Command.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("no two panes and popups have a scope, and panes have bits of views")
    func scopes() {
        for (index, (scope, name)) in Scope.names.enumerated() {
            for (other, _) in Scope.names.dropFirst(index + 1) {
                #expect(scope.isDisjoint(with: other), "\(name)")
            }
        }
        for view in View.all { #expect(Scope.views.isSuperset(of: view.scope), "\(view.title)") }
        #expect(Scope.views.isDisjoint(with: .popups))
        #expect(View.all.map(\.number) == Array(1...View.all.count))
    }

    @Test("no key means two things in a place", arguments: Scope.names.map(\.1))
    func keys(place: String) throws {
        let scope = try #require(Scope.names.first { $0.1 == place }?.0)
        var taken: [Key: String] = [:]
        for command in Command.all where command.scopes.contains(scope) {
            for key in command.keys(in: scope) {
                #expect(taken[key] == nil, "\(key.name()) is \(taken[key] ?? "") and \(command.name)")
                taken[key] = command.name
            }
        }
    }

    @Test("h, j and k only ever go about, and l does outside of plots")
    func reserved() {
        let reserved: [(Key, Set<String>)] = [
            ("h", ["step-down", "earlier", "previous-picture", "close-group", "box-left"]), ("j", ["down"]),
            ("k", ["up"]),
            ("l", ["fields", "step-up", "log", "next-picture", "open-group", "box-right"]),
        ]
        for (key, names) in reserved {
            for command in Command.all where command.keys.contains(key) {
                #expect(names.contains(command.name))
            }
        }
    }

    @Test("every command with keys has a place where they work, and every one a line of help")
    func places() {
        for command in Command.all {
            #expect(!command.scopes.isEmpty)
            #expect(command.help.count > 8 && command.help.count < 90, "\(command.name)")
            #expect(command.keys.isEmpty || Scope.names.contains { command.scopes.contains($0.0) })
            #expect(!command.needsText || command.parameter != nil, "\(command.name)")
        }
    }

    @Test("no command of one pane hides one of every view")
    func shadows() {
        let common = Command.all.filter { $0.scopes.isSuperset(of: .views) }.flatMap(\.keys)
        for command in Command.all
        where !command.scopes.isSuperset(of: .views) && !command.scopes.isDisjoint(with: .views) {
            #expect(Set(command.keys).isDisjoint(with: common), "\(command.name)")
        }
    }
}
