import Devices
import Editing
import Graph
import QAT
import Terminal

// What a session remembers of the screen: where one was, not what was measured.
extension ScreenState {
    /// The state of the screen as the session's file keeps it.
    var memory: JSON {
        var members: [JSON.Member] = [.init("view", .integer(view.number))]
        if let name = list.selected { members.append(.init("layer", .string(name))) }
        if !list.folded.isEmpty {
            members.append(.init("folded", .array(list.folded.sorted().map(JSON.string))))
        }
        if !recentCommands.isEmpty {
            members.append(.init("commands", .array(recentCommands.map(JSON.string))))
        }
        if !training.settings.isEmpty {
            members.append(
                .init(
                    "run",
                    .object(
                        training.settings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
                ))
        }
        return .object(members)
    }

    mutating func restore(_ memory: JSON?) {
        guard case .object(let members)? = memory else { return }
        for member in members {
            switch (member.key, member.value) {
            case ("view", .integer(let number)):
                view = View.all.first(where: { $0.number == number }) ?? .network
            case ("layer", .string(let name)) where editor.network.place(of: name) != nil:
                list.selected = name
            case ("folded", .array(let names)):
                for case .string(let name) in names where editor.network.index(of: name) != nil {
                    list.folded.insert(name)
                }
            case ("commands", .array(let names)):
                for case .string(let name) in names.prefix(ScreenState.recentLimit)
                where Command.named(name) != nil {
                    if !recentCommands.contains(name) { recentCommands.append(name) }
                }
            case ("run", .object(let settings)):
                for setting in settings {
                    if case .string(let value) = setting.value { training.settings[setting.key] = value }
                }
            default: break
            }
        }
    }
}
