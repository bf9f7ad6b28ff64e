import Graph
import Terminal

/// A list to pick from, with a text that narrows it.
struct Picker: TextPopup {
    /// What can be picked.
    struct Entry: Sendable {
        /// What it is called.
        var title: String
        /// A remark on it.
        var detail = ""
        /// What stands at the right: a key, a shape.
        var note = ""
        /// A heading above it, where it is the first of its group.
        var group = ""
        /// Why it cannot be picked; nil where it can.
        var whyNot: String?
        /// Whether it stands behind all others that answer a text.
        var isLast = false
        /// What Tab puts into the text.
        var completion = ""
        /// What picking it does.
        var pick: Handler
    }

    /// Whether a path may be typed too, and files be picked.
    var hasPaths = false
    var scope: Scope { hasPaths ? .path : .picker }
    let keys: [KeyLabel] = [
        .upDown("pick"), .enter("OK"), .command("complete", "complete"), .escape("close"),
    ]
    var title: String
    var entries: [Entry]
    var field = TextField()
    /// Position in `shown`.
    var selected: Int
    /// What cannot be done, said under the list.
    var problem: String?
    /// Columns that it takes where there is room.
    var width: Int
    /// Whether only the first word of the text is searched for: the rest is a parameter.
    var searchesFirstWord = false
    /// The completion of the entry that a text names exactly, which then stands first; nil where it names none.
    var named: @Sendable (String) -> String? = { _ in nil }
    /// Names that a typed path may go on with.
    private(set) var candidates: [String] = []
    /// What Enter does with the text itself; nil where the entry under the cursor counts.
    var pickText: @Sendable (Picker) -> Handler? = { _ in nil }

    init(_ title: String, _ entries: [Entry], width: Int = 78, selected: Int = 0) {
        self.title = title
        self.entries = entries
        self.width = width
        self.selected = selected
    }

    /// Positions of the entries that answer the text, the best first; all in their order while there is none.
    var shown: [Int] {
        let typed = field.string
        guard typed.contains(where: { $0 != " " }) else { return Array(entries.indices) }
        let word = searchesFirstWord ? String(typed.prefix { $0 != " " }) : typed
        let exact = named(word)
        return entries.indices.compactMap { index -> (Int, Int)? in
            let entry = entries[index]
            if let exact, entry.completion == exact { return (index, .max) }
            let scores = [
                Matching.score(word, in: entry.title).map { $0 + 40 },
                Matching.score(word, in: entry.completion).map { $0 + 60 },
                entry.note == word ? 200 : nil, Matching.score(word, in: entry.detail),
            ]
            return scores.compactMap { $0 }.max().map { (index, entry.isLast ? $0 - 1000 : $0) }
        }.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }.map(\.0)
    }

    /// The entry under the cursor.
    var current: Entry? {
        let shown = shown
        return shown.indices.contains(selected) ? entries[shown[selected]] : nil
    }
}

// Keys.
extension Picker {
    func press(_ key: Key, on screen: inout ScreenState) -> Bool { type(key, on: &screen) }

    func edit(_ field: TextField, on screen: inout ScreenState) {
        change(on: &screen) { $0.narrow(by: field) }
    }

    private mutating func narrow(by text: TextField) {
        candidates = []
        field = text
        selected = 0
        problem = nil
    }

    func move(_ movement: Movement, on screen: inout ScreenState) {
        select(screen.moved(selected, by: movement, of: shown.count), on: &screen)
    }

    func click(_ row: Int, on screen: inout ScreenState) {
        select(row, on: &screen)
        if row == selected { open(on: &screen) }
    }

    private func select(_ row: Int, on screen: inout ScreenState) {
        change(on: &screen) { picker in
            picker.selected = row
            picker.problem = nil
        }
    }

    func open(on screen: inout ScreenState) {
        if let handler = pickText(self) {
            screen.popups.removeLast()
            return handler(&screen)
        }
        guard let entry = current else { return }
        if let reason = entry.whyNot {
            return change(on: &screen) { $0.problem = "\(entry.title): \(reason)" }
        }
        screen.popups.removeLast()
        entry.pick(&screen)
    }

    /// Completes what is picked, or the path that is typed.
    func tab(_ count: Int, on screen: inout ScreenState) {
        if hasPaths, current == nil || field.string.contains("/") {
            let (folder, name) = TypedPath.split(field.string)
            return screen.list(folder, hidden: name.hasPrefix("."), for: .completing)
        }
        guard let entry = current else { return }
        change(on: &screen) { picker in
            picker.field = TextField(entry.completion.isEmpty ? entry.title : entry.completion + " ")
            picker.selected = 0
        }
    }

    /// Completes the typed path with the names of its folder.
    func complete(with listing: FolderListing, on screen: inout ScreenState) {
        guard hasPaths else { return }
        let completion = TypedPath.completed(field.string, with: listing)
        change(on: &screen) { picker in
            if let text = completion.text { picker.narrow(by: TextField(text)) }
            picker.candidates = completion.candidates
            picker.problem = completion.problem
        }
    }
}

// In lines.
extension Picker {
    func heading(on screen: ScreenState) -> String {
        field.text.isEmpty ? title : "\(title), with '\(field.string)'"
    }

    func lines(on screen: ScreenState) -> [String] {
        let shown = shown
        let hasHeadings = field.text.isEmpty
        let rows = shown.enumerated().map { place, index in
            let entry = entries[index]
            let group = hasHeadings && !entry.group.isEmpty ? "\(entry.group): " : ""
            return group + line(of: entry, number: place + 1)
        }
        return (rows.isEmpty ? ["nothing matches"] : rows) + [
            "type a number or a name; \(screen.key("back")) closes"
        ]
    }

    func row(on screen: ScreenState) -> [String] {
        if let problem { return ["cannot be: \(problem)"] }
        return current.map { ["selected: \(line(of: $0, number: selected + 1))"] } ?? ["nothing matches"]
    }

    private func line(of entry: Entry, number: Int) -> String {
        let words = [entry.detail, entry.note, entry.whyNot.map { "not now, \($0)" } ?? ""]
        return (["\(number) \(entry.title)"] + words.filter { !$0.isEmpty }).joined(separator: ", ")
    }

    /// A line is the name or the number of an entry, or a text that narrows the list. An empty one takes the selected entry.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        let typed = line.trimmed
        guard PlainInput.keys(amongText: typed) == nil else { return false }
        let shown = shown
        if typed.isEmpty {
            open(on: &screen)
            return true
        }
        let named = shown.firstIndex { [entries[$0].title, entries[$0].completion].contains(typed) }
        let numbered = Int(typed).flatMap { (1...max(1, shown.count)).contains($0) ? $0 - 1 : nil }
        if let place = named ?? numbered, place < shown.count {
            select(place, on: &screen)
            (screen.popups.last as? Picker)?.open(on: &screen)
            return true
        }
        change(on: &screen) { $0.narrow(by: TextField(typed)) }
        guard let narrowed = screen.popups.last as? Picker else { return true }
        if narrowed.shown.count == 1 || narrowed.pickText(narrowed) != nil { narrowed.open(on: &screen) }
        return true
    }
}
