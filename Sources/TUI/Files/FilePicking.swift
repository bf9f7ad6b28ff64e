import Editing
import Graph
import Terminal

/// What a folder's names were asked for.
enum ListingUse: Sendable {
    /// Completes the path of the text field on top.
    case completing
    /// Shows the names to pick from; what is done with the path of the one that is picked.
    case picking(@Sendable (inout ScreenState, String) -> Void)
}

// Paths in dialogs: completed with Tab, or picked from the list of a folder.
extension ScreenState {
    /// Has the names of a folder read; those that begin with a dot where one was typed.
    mutating func list(_ folder: String, hidden: Bool = false, for use: ListingUse) {
        listingUse = use
        effects.append(.list(folder: folder, hidden: hidden))
    }

    /// The names of a folder.
    public mutating func take(_ listing: FolderListing) {
        guard let use = listingUse else { return }
        listingUse = nil
        switch use {
        case .completing:
            (popups.last as? Prompt)?.complete(with: listing, on: &self)
            (popups.last as? Picker)?.complete(with: listing, on: &self)
        case .picking(let pick):
            if let problem = listing.problem {
                return refuse(
                    "\(listing.folder.isEmpty ? "this folder" : listing.folder.oneLine(upTo: 60)): \(problem)"
                )
            }
            popups.append(filePicker(listing, pick))
        }
    }

    /// Opens the list of the folder that the dialog on top has a path of.
    mutating func browse() {
        if let prompt = popups.last as? Prompt, let use = prompt.paths {
            let folder = TypedPath.split(use.parts(of: prompt.field.string).path).folder
            return list(
                folder,
                for: .picking { screen, path in (screen.popups.last as? Prompt)?.take(path, on: &screen) })
        }
        guard let picker = popups.last as? Picker else { return }
        list(
            TypedPath.split(picker.field.string).folder,
            for: .picking { screen, path in
                // The dialog below is what asked.
                if screen.popups.last is Picker { screen.popups.removeLast() }
                screen.open(path: path)
            })
    }

    private func filePicker(
        _ listing: FolderListing, _ pick: @escaping @Sendable (inout ScreenState, String) -> Void
    ) -> Picker {
        let folder = listing.folder
        var entries = [
            Picker.Entry(title: "..", detail: "the folder above", completion: "..") { screen in
                screen.list(TypedPath.parent(of: folder), for: .picking(pick))
            }
        ]
        if (popups.last as? Prompt)?.paths != nil {
            entries.append(
                Picker.Entry(title: ".", detail: "this folder", completion: ".") {
                    pick(&$0, folder.isEmpty ? "./" : folder)
                })
        }
        for item in listing.items {
            let path = folder + item.name
            guard item.isFolder else {
                entries.append(
                    Picker.Entry(
                        title: item.name, note: item.bytes.map(Figures.bytes) ?? "", completion: item.name
                    ) { pick(&$0, path) })
                continue
            }
            if item.isSession {
                entries.append(
                    Picker.Entry(title: item.name, detail: "session", completion: item.name) {
                        pick(&$0, path)
                    })
            } else {
                entries.append(
                    Picker.Entry(title: item.name + "/", detail: "folder", completion: item.name) { screen in
                        screen.list(path + "/", for: .picking(pick))
                    })
            }
        }
        let left = listing.left > 0 ? ", \(listing.left) more are not listed" : ""
        return Picker((folder.isEmpty ? "./" : folder).shortened(to: 48) + left, entries)
    }
}

extension Figures {
    /// Bytes in three digits with their unit.
    static func bytes(_ count: Int) -> String {
        count < 1024 ? "\(count) B" : count < 1 << 20 ? "\(count >> 10) KiB" : "\(count >> 20) MiB"
    }
}
