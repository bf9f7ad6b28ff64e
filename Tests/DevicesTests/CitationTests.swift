import Devices
import Graph
import TestTraits
import Testing

/// The places of the manual that rules name.
@Suite("Citations", .limited)
struct CitationTests {
    /// How the notes of a section are numbered.
    enum Notes {
        case none
        /// One note without a number.
        case single
        /// Notes from 1 to this one.
        case numbered(Int)
    }

    /// The sections of the manual with their notes, as its pages have them.
    static let sections: [String: Notes] = [
        "Preprocess": .numbered(2), "Conv2D": .numbered(3), "ConvTranspose2D": .single,
        "DepthwiseConv2D": .numbered(3), "FullConnected": .numbered(2), "BatchNorm": .numbered(2),
        "Flatten": .none, "Route": .single, "Shortcut": .numbered(2), "Maxpool2D": .single,
        "Avgpool2D": .numbered(1), "AdaptiveAvgpool2D": .numbered(2), "Unpool2D": .none, "Se_Block": .none,
        "Mul": .numbered(1), "Channel_Split": .numbered(2), "Pixel_Shuffle": .numbered(1), "LSTM": .single,
        "Embedding": .single, "Focus": .numbered(2), "Max": .none, "sample network": .none,
    ]

    @Test("every operator has its section")
    func operators() {
        for kind in OperatorKind.allCases { #expect(CitationTests.sections[kind.section] != nil) }
    }

    @Test("a rule of the manual names a section, and a note that the section has")
    func notes() throws {
        for rule in Rule.all where rule.source.sources.contains(.manual) {
            for kind in rule.operators ?? OperatorKind.allCases {
                let section = rule.source.section ?? kind.section
                let notes = try #require(CitationTests.sections[section], "\(rule.id) cites \(section)")
                #expect(
                    has(notes, rule.source.detail ?? ""), "\(rule.id) cites \(rule.source.text(for: kind))")
            }
        }
    }

    @Test("a rule about some operators names arguments that one of them has")
    func arguments() {
        let wiring = ImportedFlags.flags.map(\.argument) + ["in_channels", "target_device"]
        for rule in Rule.all where rule.source.section == nil {
            guard let kinds = rule.operators, let detail = rule.source.detail, !detail.contains("note"),
                // A table of its own in the inference framework's manual.
                detail != "bit widths"
            else { continue }
            let known = wiring + kinds.flatMap { $0.fields.map(\.argument) }
            #expect(known.contains(detail), "\(rule.id) cites \(detail)")
        }
    }

    @Test("a finding on an operator that a chip lacks cites the operator's own section")
    func support() throws {
        let network = try Network(lines: ["DepthwiseConv2D", "Avgpool2D", "Shortcut(b,b)"])
        let citations = Checker.report(network, on: .t02).findings
            .filter { $0.rule == "operator-unsupported" }.map(\.citation)
        #expect(
            citations == ["DepthwiseConv2D, note 3", "Avgpool2D, note 1", "Shortcut, target_device"])
    }

    private func has(_ notes: Notes, _ detail: String) -> Bool {
        guard detail.hasPrefix("note") else { return true }
        let numbers = detail.split { !$0.isNumber }.compactMap { Int($0) }
        switch notes {
        case .none: return false
        case .single: return detail == "note"
        case .numbered(let count): return !numbers.isEmpty && numbers.allSatisfy { (1...count).contains($0) }
        }
    }
}
