import Devices
import Graph

/// Assignments made one after the other on a copy of a document; all of them, or the copy is thrown away.
package struct AssignmentRun {
    /// The document after the assignments so far.
    package private(set) var document: Document
    /// What changed, in the words of undo.
    package private(set) var titles: [String] = []
    /// What renamed layers and inputs were called before, by their names now.
    package private(set) var formerNames: [String: String] = [:]

    /// Makes all assignments on a copy of a document.
    package init(_ assignments: [Assignment], on document: Document) throws(AssignmentError) {
        self.document = document
        for assignment in assignments {
            do throws(AssignmentError.Reason) {
                switch assignment.target {
                case .device: try setDevice(assignment.value)
                case .task: try setTask(assignment.value)
                case .field(let field, let pattern): try set(field, of: pattern, to: assignment.value)
                }
            } catch {
                throw AssignmentError(text: assignment.text, reason: error)
            }
        }
    }

    /// Makes the changes without which weights would lose numbers, such as a bias where batch norm goes.
    package mutating func complete(from before: Document) {
        let (completed, edits) = WeightOrigin.completed(document, from: before, formerNames: formerNames)
        titles += edits.map { document.network.title(of: $0) }
        document = completed
    }

    private mutating func setDevice(_ name: String) throws(AssignmentError.Reason) {
        guard let device = Device(name: name) else { throw .noSuchDevice(name) }
        guard device != document.device else { return }
        titles.append("device \(document.device) to \(device)")
        document.device = device
    }

    /// A task as `network.json` has it, or one word for a task that has nothing else to say.
    private mutating func setTask(_ text: String) throws(AssignmentError.Reason) {
        let task: NetworkTask
        do throws(FileError) {
            task = try NetworkTask(text: text)
        } catch {
            throw .noTask(error)
        }
        guard task != document.network.task else { return }
        try make(.setTask(task))
    }

    private mutating func set(
        _ field: String, of pattern: String, to value: String
    ) throws(AssignmentError.Reason) {
        let glob = Glob(pattern)
        let names = glob.isPattern ? document.network.names.filter(glob.matches) : [pattern]
        guard !names.isEmpty else { throw .noMatch(pattern) }
        let places = try names.map { (name) throws(AssignmentError.Reason) in try place(of: name) }
        let having = places.filter { $0.fieldNames.contains(field) }
        if having.isEmpty {
            guard glob.isPattern else { throw .place(places[0].noSuchField(field)) }
            let known = places.flatMap(\.fieldNames)
            throw .noFieldInMatches(pattern, field: field, nearest: nearest(to: field, among: known))
        }
        for place in having {
            let edit: Edit?
            do {
                edit = try place.edit(field, to: value)
            } catch {
                throw .place(error)
            }
            if let edit { try make(edit) }
        }
    }

    private func place(of name: String) throws(AssignmentError.Reason) -> EditablePlace {
        switch document.network.place(of: name) {
        case .node(let index): return .layer(document.network.nodes[index])
        case .input(let index): return .input(document.network.inputs[index])
        case nil: throw .edit(.noSuchLayer(name, nearest: nearest(to: name, among: document.network.names)))
        }
    }

    private mutating func make(_ edit: Edit) throws(AssignmentError.Reason) {
        let title = document.network.title(of: edit)
        do {
            try document.apply(edit)
        } catch {
            throw .edit(error)
        }
        titles.append(title)
        if case .rename(let name, let newName) = edit {
            formerNames[newName] = formerNames.removeValue(forKey: name) ?? name
        }
    }
}
