import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

/// A user who presses keys at random.
@Suite(.limited)
struct EditingFuzzTests {
    @Test(
        "whatever is asked for, every document keeps its promises, and undo leads back to the first",
        arguments: Samples.names, 0..<2)
    func anything(name: String, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed * 100 + UInt64(name.utf8.count))
        let first = try Samples.document(named: name)
        var editor = EditorState(first, name: name)
        var refusals = 0
        for step in 0..<30 {
            let asked = Result { () throws(EditingError) in try edit(editor.editing, &random) }
            switch asked {
            case .success(let edit?):
                #expect(!editor.network.title(of: edit).isEmpty)
                // A minute apart: nothing is a repeat of anything.
                try editor.edit(edit, at: Double(step) * 60)
            case .success(nil): break
            case .failure(let error):
                refusals += 1
                #expect(!"\(error)".isEmpty && !"\(error)".contains("\n"))
            }
            if random.below(10) == 0 {
                editor.setDevice(Device.allCases[random.below(6)], at: Double(step) * 60 + 30)
            }
        }
        #expect(refusals < 30)
        try DocumentPromises(editor.document).check(&random)
        while editor.undo() != nil {}
        #expect(editor.document == first && !editor.history.isChanged)
    }

    private func edit(_ editing: EditBuilder, _ random: inout SeededGenerator) throws(EditingError) -> Edit? {
        let names = editing.network.names
        let name = names[random.below(names.count)]
        let others = [name, names[random.below(names.count)], names[random.below(names.count)]]
        let place = InsertionPlace.allCases[random.below(3)]
        let fields = editing.network[name]?.kind.fields.map(\.name) ?? []
        let field = fields.isEmpty ? "clip" : fields[random.below(fields.count)]
        switch random.below(12) {
        case 0, 1:
            return try editing.insertion(of: AddEntry.all[random.below(AddEntry.all.count)], place, name)
        case 2: return try editing.deletion(of: others)
        case 3: return try editing.duplication(of: others)
        case 4, 5: return try editing.move(name, isUp: random.below(2) == 0)
        case 6:
            guard let slot = try editing.slots(of: name).last, !slot.candidates.isEmpty else { return nil }
            let candidate = slot.candidates[random.below(slot.candidates.count)]
            return try editing.rewiring(name, wire: slot.position, to: candidate.source)
        case 7: return try editing.resetting(field, on: others)
        case 8: return try editing.typing("\(random.below(70))", into: field, on: [name])
        case 9: return try editing.bits([2, 4, 8][random.below(3)])
        case 10:
            return try editing.quantizing(random.below(2) == 0, layers: random.below(2) == 0 ? [name] : nil)
        default:
            return try editing.stepping(
                field, isUp: random.below(2) == 0, on: others.filter { editing.network[$0] != nil })
        }
    }
}
