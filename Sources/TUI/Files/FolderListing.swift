import Platform
import Sessions
import Terminal

/// The names in a folder, for dialogs that ask for a path.
public struct FolderListing: Sendable {
    /// One name.
    struct Item: Hashable, Sendable {
        let name: String
        let isFolder: Bool
        /// The bytes of a file; nil where they are not known.
        let bytes: Int?

        /// Whether it is a session, which is opened as a whole.
        var isSession: Bool { isFolder && name.hasSuffix(Session.suffix) }
    }

    /// The folder as it was asked for: empty for the current one, else with a slash at its end.
    let folder: String
    /// Folders first, then files, each in order; names with a dot in front are left out unless asked for.
    let items: [Item]
    /// Why it cannot be read; nil where it can.
    let problem: String?
    /// How many names are left out of `items`.
    let left: Int

    /// The most names that are listed.
    static let limit = 2000

    init(folder: String, items: [Item], problem: String? = nil, left: Int = 0) {
        self.folder = folder
        self.items = items
        self.problem = problem
        self.left = left
    }

    /// Reads a folder.
    static func reading(_ folder: String, hidden: Bool) -> FolderListing {
        do {
            let names = try Disk.names(in: folder.isEmpty ? "." : folder)
                .filter { hidden || !$0.hasPrefix(".") }.sorted()
            let items = names.prefix(limit).map { name in
                let found = Disk.entry(folder + name)
                return Item(name: name, isFolder: found.isFolder, bytes: found.bytes)
            }
            let ordered = items.filter(\.isFolder) + items.filter { !$0.isFolder }
            return FolderListing(folder: folder, items: ordered, left: max(0, names.count - limit))
        } catch {
            return FolderListing(folder: folder, items: [], problem: "\(error)")
        }
    }
}

/// Paths as they are typed.
enum TypedPath {
    /// The folder, with its slash, and what is typed of the name.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }

    /// The folder above a folder, both with a slash at their ends.
    static func parent(of folder: String) -> String {
        if folder == "/" { return "/" }
        if folder.isEmpty || folder == "./" { return "../" }
        if folder.hasSuffix("../") { return folder + "../" }
        return split(String(folder.dropLast())).folder
    }

    /// A path with the names of its folder: as far as they agree, and the names where that is no further; or why it cannot be
    /// completed.
    static func completed(
        _ path: String, with listing: FolderListing
    ) -> (text: String?, candidates: [String], problem: String?) {
        let (folder, start) = split(path)
        let found = listing.items.filter { $0.name.hasPrefix(start) }
        guard let first = found.first else {
            let reason = listing.problem ?? "nothing there begins with '\(start)'"
            return (nil, [], "\(folder.isEmpty ? "this folder" : folder): \(reason)")
        }
        var name = common(found.map(\.name))
        if found.count == 1, first.isFolder { name += "/" }
        let names = name == start ? found.map { $0.name + ($0.isFolder ? "/" : "") } : []
        return (folder + name, names, nil)
    }

    /// The longest beginning that all names have.
    static func common(_ names: [String]) -> String {
        guard var common = names.first else { return "" }
        for name in names.dropFirst() {
            common = String(zip(common, name).prefix { $0 == $1 }.map(\.0))
        }
        return common
    }
}

/// Where the path is in the text of a dialog, and what it is for.
enum PathUse: Hashable, Sendable {
    /// All of the text: a file or folder to write.
    case written
    /// What is behind the colon of a data set, up to its options: a file or folder to read.
    case data

    /// The text before the path, the path, and the text behind it.
    func parts(of text: String) -> (head: String, path: String, tail: String) {
        switch self {
        case .written: return ("", text, "")
        case .data:
            guard let colon = text.firstIndex(of: ":") else { return (text, "", "") }
            let rest = text[text.index(after: colon)...]
            let comma = rest.firstIndex(of: ",") ?? rest.endIndex
            return (String(text[...colon]), String(rest[..<comma]), String(rest[comma...]))
        }
    }
}
