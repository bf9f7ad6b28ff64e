import Devices
import Editing

/// Groups of findings about the same rule on the same chips, which share its sentence.
struct FindingBlock {
    /// The groups, in the order of the layers.
    private(set) var groups: [FindingGroup]

    /// What the rule asks for.
    var message: String { groups[0].message }

    /// Why the user accepts them; nil if they are not waived.
    var waived: String? { groups[0].first.waived }

    /// The blocks of some groups, in the order of their first ones.
    static func blocks(of groups: [FindingGroup]) -> [FindingBlock] {
        var blocks: [FindingBlock] = []
        var places: [Key: Int] = [:]
        for group in groups {
            let key = Key(rule: group.first.rule, message: group.message, waived: group.first.waived)
            if let place = places[key] {
                blocks[place].groups.append(group)
            } else {
                places[key] = blocks.count
                blocks.append(FindingBlock(groups: [group]))
            }
        }
        return blocks
    }

    /// The places in the manual: "Conv2D and Mul, in_channels"; places with different notes stand apart.
    var citation: String {
        var notes: [(note: Substring, sections: [String])] = []
        for finding in groups.flatMap({ $0.findings.joined() }) {
            let parts = finding.citation.split(separator: ", ", maxSplits: 1)
            let section = String(parts.first ?? "")
            let note = parts.dropFirst().first ?? ""
            if let place = notes.firstIndex(where: { $0.note == note }) {
                if !notes[place].sections.contains(section) { notes[place].sections.append(section) }
            } else {
                notes.append((note, [section]))
            }
        }
        return notes.map { Figures.listed($0.sections) + ($0.note.isEmpty ? "" : ", \($0.note)") }
            .joined(separator: "; ")
    }

    private struct Key: Hashable {
        let rule: String
        let message: String
        let waived: String?
    }
}
