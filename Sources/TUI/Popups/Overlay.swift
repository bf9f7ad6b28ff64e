import Terminal

/// What lies on top of a view and has the keys while it does.
enum Overlay: Hashable, Sendable {
    /// A list to pick from, with a text that narrows it.
    case picker(Picker)
    /// A line of text.
    case prompt(Prompt)
    /// A text to read.
    case page(Page)
    /// Settings of a run.
    case form(RunForm)
    /// A question with a key for each answer.
    case question(Question)
    /// What a sweep has found; `Interface.sweep` has it.
    case sweep
    /// How a calibration goes, and what it has made; `Interface.calibration` has it.
    case calibration

    /// Which keys it takes.
    var scope: Scope {
        switch self {
        case .picker: .picker
        case .prompt: .prompt
        case .page: .page
        case .form: .form
        case .question: .question
        case .sweep: .sweep
        case .calibration: .calibration
        }
    }
}

/// A list to pick from.
struct Picker: Hashable, Sendable {
    /// What can be picked.
    struct Entry: Hashable, Sendable {
        /// What it is called.
        var title: String
        /// What there is to say of it.
        var detail = ""
        /// What stands at the right: a key, a shape.
        var note = ""
        /// A heading above it, where it is the first of its group.
        var group = ""
        /// Why it cannot be picked; nil where it can.
        var whyNot: String?
        /// What picking it does.
        var action: Action
        /// What Tab puts into the text.
        var completion = ""
    }

    /// What is being picked.
    enum Purpose: Hashable, Sendable {
        case palette, add, source, device, open, runs, fields, export
    }

    var purpose: Purpose
    var title: String
    var entries: [Entry]
    var field = TextField()
    /// Position in `shown`.
    var selected = 0
    var top = 0
    /// What cannot be done, said under the list.
    var problem: String?

    init(_ purpose: Purpose, _ title: String, _ entries: [Entry], selected: Int = 0) {
        (self.purpose, self.title, self.entries, self.selected) = (purpose, title, entries, selected)
    }

    /// Columns that it takes where there is room.
    var width: Int {
        switch purpose {
        case .palette, .add: 96
        case .device: 50
        case .source, .open, .runs, .fields, .export: 78
        }
    }

    /// Positions of the entries that answer the text, the best first; all in their order while there is none.
    var shown: [Int] {
        let typed = field.string
        guard typed.contains(where: { $0 != " " }) else { return Array(entries.indices) }
        let word = purpose == .palette ? String(typed.prefix { $0 != " " }) : typed
        return entries.indices.compactMap { index -> (Int, Int)? in
            let entry = entries[index]
            let scores = [
                Matching.score(word, in: entry.title).map { $0 + 40 },
                Matching.score(word, in: entry.completion).map { $0 + 60 },
                entry.note == word ? 200 : nil, Matching.score(word, in: entry.detail),
            ]
            return scores.compactMap { $0 }.max().map { (index, $0) }
        }.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }.map(\.0)
    }

    /// The entry under the cursor.
    var current: Entry? {
        let shown = shown
        return shown.indices.contains(selected) ? entries[shown[selected]] : nil
    }

    mutating func move(_ count: Int) {
        let last = shown.count - 1
        selected = max(0, min(last, selected + count))
    }
}

/// A line of text that is asked for.
struct Prompt: Hashable, Sendable {
    /// What the text is for.
    enum Purpose: Hashable, Sendable {
        /// The value of a field of the selected or marked layers.
        case value(field: String)
        /// A name for a layer or input.
        case rename(String)
        /// A remark on a layer.
        case annotate(String)
        /// What the list is narrowed to.
        case filter
        /// Why a finding does not matter.
        case waive(rule: String, layer: String)
        /// The path of a session; quits afterwards where it should.
        case saveAs(thenQuits: Bool)
        /// A remark on the selected run.
        case runNote
        /// The path of a session to open.
        case openPath
        /// A setting of a run.
        case runSetting(Int)
        /// Where an export goes.
        case exportPath(format: String)
        /// What a program of another's is run with to be read.
        case runProgram(String)
    }

    var purpose: Purpose
    var title: String
    /// What the text may be.
    var help: String
    var field: TextField
    /// Why the text is not taken.
    var problem: String?
}

/// A text to read.
struct Page: Hashable, Sendable {
    var title: String
    var lines: [String]
    var top = 0
    /// Lines that fit, as they were drawn last.
    var isHelp = false
    /// The model that could not be opened, and may be with approximations.
    var model: String?
}

/// A question with a key for each answer.
struct Question: Hashable, Sendable {
    /// One answer.
    struct Answer: Hashable, Sendable {
        let key: Character
        let title: String
        let action: Action
    }

    var title: String
    var lines: [String]
    var answers: [Answer]
}
