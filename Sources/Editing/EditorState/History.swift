import Graph

/// Every state of a document that a person went through, with the way back and forth between them.
///
/// A list of values: documents share what they have in common, so a step costs little more than what it changed.
public struct History: Sendable {
    /// Where a change was made, so that undo can lead there.
    public struct Focus: Hashable, Sendable {
        /// The layer or input, or nil where the change is about none.
        public var layer: String?
        /// Its field, or nil where the change is about none.
        public var field: String?

        /// A place of a change.
        public init(layer: String? = nil, field: String? = nil) { (self.layer, self.field) = (layer, field) }
    }

    /// One change that can be taken back.
    public struct Step: Hashable, Sendable {
        /// What it did, in words: "conv0 stride 1 to 2".
        public let title: String
        /// Where.
        public let focus: Focus
    }

    /// What layers and inputs were called when they came, by their names now; those that are still called so are left
    /// out.
    public typealias FirstNames = [String: String]

    private struct Entry {
        let before: Document
        var after: Document
        let namesBefore: FirstNames
        var namesAfter: FirstNames
        var step: Step
        var time: Double
        /// Whether it is a step also where the document stays as it is: numbers beside it change.
        var isForced = false
    }

    /// The document that was saved, and how far it is: steps from `position`, and steps that lie on a way not taken.
    private struct Saved {
        var document: Document
        var position: Int
        var names: FirstNames = [:]
        var aside = 0
    }

    /// The document now.
    public private(set) var current: Document
    /// The first names of its layers and inputs.
    public private(set) var firstNames: FirstNames = [:]
    /// Whether the document differs from the one that was saved.
    public private(set) var isChanged = false
    private var done: [Entry] = []
    /// Steps that are too far back to be taken back.
    private var forgotten = 0
    private var undone: [Entry] = []
    private var saved: Saved
    /// Whether the last step is still being made: nothing else has happened since.
    private var isOpen = false

    /// Repeats on the same field within so many seconds are one step.
    public static let repeatWindow = 1.0
    /// So many steps can be taken back.
    public static let limit = 1000

    /// Begins with a document as it was saved.
    public init(_ document: Document) {
        current = document
        saved = Saved(document: document, position: 0)
    }
}

extension History {
    /// Makes a document the current one; false, and no step, where it is the one that there is already.
    ///
    /// `time` is in seconds, of any clock: repeats on the same field within a second of each other become one step,
    /// with the last title, and none at all where they end where they began. `renames` has the names that layers and
    /// inputs had in the document before, by their new ones. With `isForced` it is a step in any case, for what lies beside
    /// the document has changed.
    @discardableResult
    public mutating func commit(
        _ document: Document, title: String, focus: Focus, renames: [String: String] = [:],
        isForced: Bool = false, at time: Double
    ) -> Bool {
        guard isForced || document != current else { return false }
        let names = History.followed(firstNames, renames)
        if !isForced, let last = done.last, continues(focus, at: time) {
            current = document
            if document == last.before {
                done.removeLast()
                isOpen = false
            } else {
                done[done.count - 1] = Entry(
                    before: last.before, after: document, namesBefore: last.namesBefore, namesAfter: names,
                    step: Step(title: title, focus: focus), time: time)
            }
        } else {
            forgetUndone()
            done.append(
                Entry(
                    before: current, after: document, namesBefore: firstNames, namesAfter: names,
                    step: Step(title: title, focus: focus), time: time, isForced: isForced))
            current = document
            isOpen = true
            if done.count > History.limit {
                done.removeFirst()
                forgotten += 1
                saved.position -= 1
            }
        }
        firstNames = names
        compare()
        return true
    }

    /// First names after layers and inputs got other names.
    private static func followed(_ names: FirstNames, _ renames: [String: String]) -> FirstNames {
        guard !renames.isEmpty else { return names }
        let gone = Set(renames.values)
        var followed = names.filter { !gone.contains($0.key) }
        for (new, old) in renames {
            let first = names[old] ?? old
            followed[new] = first == new ? nil : first
        }
        return followed
    }

    /// The first names of the layers and inputs of the document that was saved last.
    public var savedFirstNames: FirstNames { saved.names }

    /// The names that layers and inputs of the current document had when these were the first names of another one, by
    /// their names now; those that have the same are left out.
    public func formerNames(since earlier: FirstNames) -> [String: String] {
        if firstNames == earlier { return [:] }
        let then = Dictionary(earlier.map { ($1, $0) }) { first, _ in first }
        var names: [String: String] = [:]
        for name in current.network.names {
            let first = firstNames[name] ?? name
            let former = then[first] ?? first
            if former != name { names[name] = former }
        }
        return names
    }

    /// The document before the step that a change at that place and time would continue, or the current one: what the
    /// title of the change is about.
    public func base(for focus: Focus, at time: Double) -> Document {
        continues(focus, at: time) ? done.last?.before ?? current : current
    }

    /// Takes the last step back and says which it was; nil where there is none.
    public mutating func undo() -> Step? {
        guard let entry = done.popLast() else { return nil }
        undone.append(entry)
        arrive(at: entry.before, entry.namesBefore)
        return entry.step
    }

    /// Makes the step again that was taken back last and says which it was; nil where there is none.
    public mutating func redo() -> Step? {
        guard let entry = undone.popLast() else { return nil }
        done.append(entry)
        arrive(at: entry.after, entry.namesAfter)
        return entry.step
    }

    /// The step that undo would take back, or nil.
    public var nextUndo: Step? { done.last?.step }

    /// The step that redo would make, or nil.
    public var nextRedo: Step? { undone.last?.step }

    /// How many steps lead to the current document.
    public var position: Int { forgotten + done.count }

    /// The steps that can be taken back, the first one first.
    public var steps: [Step] { done.map(\.step) }

    /// The document now is the one that is on disk.
    public mutating func markSaved() {
        saved = Saved(document: current, position: done.count, names: firstNames)
        isOpen = false
        compare()
    }

    /// How many steps lie between the saved document and this one, on the way that a person went; 0 where they are equal.
    public var changesSinceSaved: Int {
        isChanged ? max(1, saved.aside + abs(done.count - saved.position)) : 0
    }

    private func continues(_ focus: Focus, at time: Double) -> Bool {
        guard isOpen, focus.field != nil, let last = done.last, last.step.focus == focus else { return false }
        return (0...History.repeatWindow).contains(time - last.time)
    }

    private mutating func arrive(at document: Document, _ names: FirstNames) {
        current = document
        firstNames = names
        isOpen = false
        compare()
    }

    /// A new step leaves the way to those that were taken back; the saved document may be on it.
    private mutating func forgetUndone() {
        undone = []
        guard saved.position > done.count else { return }
        saved.aside += saved.position - done.count
        saved.position = done.count
    }

    private mutating func compare() { isChanged = current != saved.document || hasForcedStepSinceSaved }

    private var hasForcedStepSinceSaved: Bool {
        if done.count > saved.position { return done[max(0, saved.position)...].contains(where: \.isForced) }
        return undone.suffix(saved.position - done.count).contains(where: \.isForced)
    }
}
