import ArgumentParser
import Datasets
import Devices
import Editing
import Graph
import Platform
import Sessions

// What shells offer where an argument is typed. A list that cannot be made is empty: a shell has nowhere to say why.
extension CompletionKind {
    /// Sessions, network files, and folders on the way to them.
    static let sessions = CompletionKind.custom { _, _, typed in
        offered(
            PathCompletion.paths(typed) { name, kind in
                kind == .folder || name.hasSuffix(".json") || name.hasSuffix(".onnx")
            })
    }

    /// The chips.
    static let chips = CompletionKind.list(Device.allCases.map(\.rawValue))

    /// Data sets by name; behind the colon the paths that they are read from.
    static let data = CompletionKind.custom { _, _, typed in
        guard let colon = typed.firstIndex(of: ":") else {
            return offered(DataName.allCases.map { $0.isGenerated ? $0.rawValue : $0.rawValue + ":" })
        }
        let head = typed[...colon]
        return offered(
            PathCompletion.paths(String(typed[typed.index(after: colon)...])) { _, _ in true }.map {
                head + $0
            })
    }

    /// What is done with the runs of a session.
    static let runActions = CompletionKind.list(["show", "compare", "note", "delete", "export"])

    /// The assignments of `set`: LAYER.FIELD= of the session that was typed before.
    static let assignments = CompletionKind.custom { words, _, typed in
        guard let place = words.firstIndex(of: "set"), words.indices.contains(place + 1) else { return [] }
        do {
            return offered(
                AssignmentCompletion.words(typed, in: try Session.open(words[place + 1]).document))
        } catch {
            return []
        }
    }

    /// Words as the shell that asks reads them: for zsh what follows a colon is a description unless it is escaped.
    private static func offered(_ words: [String]) -> [String] {
        CompletionShell.requesting == .zsh ? words.map { $0.replacing(":", with: "\\:") } : words
    }
}

/// Paths that begin as what was typed.
enum PathCompletion {
    /// The names in the folder of a path that begin as its last name does, each with the folder as it was typed. Names that
    /// begin with a dot are offered where one was typed.
    static func paths(_ typed: String, where isMeant: (String, FileKind?) -> Bool) -> [String] {
        let slash = typed.lastIndex(of: "/")
        let folder = slash.map { String(typed[...$0]) } ?? ""
        let start = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
        do {
            return try Disk.names(in: folder.isEmpty ? "." : folder).filter {
                $0.hasPrefix(start) && (start.hasPrefix(".") || !$0.hasPrefix("."))
            }.sorted().compactMap { name in
                isMeant(name, try Disk.kind(of: folder + name)) ? folder + name : nil
            }
        } catch {
            return []
        }
    }
}

/// The assignments that a network takes.
enum AssignmentCompletion {
    /// "conv0." for each layer until one is typed whole, then its fields: "conv0.stride=".
    static func words(_ typed: String, in document: Document) -> [String] {
        guard let dot = typed.lastIndex(of: "."),
            let index = document.network.index(of: String(typed[..<dot]))
        else {
            return (document.network.nodes.map { $0.name + "." } + ["device=", "task="]).filter {
                $0.hasPrefix(typed)
            }
        }
        let node = document.network.nodes[index]
        let fields = node.kind.fields.map(\.name) + ["name", "note", "inputs"]
        return fields.map { "\(node.name).\($0)=" }.filter { $0.hasPrefix(typed) }
    }
}
