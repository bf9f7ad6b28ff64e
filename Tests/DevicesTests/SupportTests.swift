import Devices
import Graph
import TestTraits
import Testing

/// The table of operators and chips, beside what the rules say of a layer.
@Suite("Operators and chips", .limited)
struct SupportTests {
    @Test("every operator has a row, and Focus has one of its own")
    func operators() {
        let names = SupportRow.all.map(\.name)
        #expect(names.sorted() == (OperatorKind.allCases.map(\.rawValue) + ["Focus"]).sorted())
    }

    @Test(
        "a layer is taken, disputed or refused by each chip as its cell says",
        arguments: SupportRow.all.map(\.name))
    func cells(name: String) throws {
        let row = try #require(SupportRow.all.first { $0.name == name })
        let network = try Network(
            inputs: [Input("image", .map(channels: 3, height: 32, width: 32))],
            nodes: [Node("layer", try layer(name), inputs: ["image"])])
        for device in Device.allCases {
            let letter = row[device].letter
            let findings = Checker.report(network, on: device).findings.filter {
                $0.rule.hasPrefix("operator-")
            }
            #expect(findings.map(\.severity) == severities(letter), "on \(device)")
            #expect(findings.map(\.rule) == rules(letter), "on \(device)")
            // A refusal of the manual's own needs no kit; where the two differ both are named.
            let sources: [Citation.Source] = letter == "X" ? [.manual] : [.manual, .kit]
            for finding in findings {
                #expect(finding.sources == sources, "on \(device)")
                #expect(finding.citation.hasPrefix(name + ", "), "on \(device)")
                #expect(finding.message.contains(name) && finding.message.contains(device.rawValue))
                #expect(finding.actual.contains(name))
            }
        }
    }

    @Test("the legend explains each letter once, worst as bad as the layer's finding")
    func legend() {
        let used = Set(SupportRow.all.flatMap { row in Device.allCases.map { row[$0].letter } })
        #expect(Set(Support.legend.map(\.letter)) == used)
        #expect(Support.legend.count == used.count)
    }

    @Test("a convolution with Focus needs both rows")
    func focus() throws {
        let layer = try Layer.quantized(.conv2D)
        #expect(SupportRow.rows(for: layer).map(\.name) == ["Conv2D"])
        #expect(
            SupportRow.rows(for: try layer.setting("focus", to: .flag(true))).map(\.name)
                == ["Conv2D", "Focus"])
    }

    @Test("ConvTranspose2D on T02 says that the manual names no make-up for it")
    func makeUp() throws {
        let network = try Network(lines: ["ConvTranspose2D"])
        let messages = Checker.report(network, on: .t02).findings.filter { $0.layer == "a" }.map(\.message)
        #expect(messages.contains { $0.contains("names no make-up") })
    }

    private func layer(_ name: String) throws -> Layer {
        if name == "Focus" { return try OperatorKind.conv2D.defaultLayer.setting("focus", to: .flag(true)) }
        return try #require(OperatorKind(rawValue: name)).defaultLayer
    }

    private func severities(_ letter: Character) -> [Severity] {
        switch letter {
        case "Y": []
        case "o", "k": [.warning]
        default: [.error]
        }
    }

    private func rules(_ letter: Character) -> [String] {
        severities(letter).map { $0 == .error ? "operator-unsupported" : "operator-disputed" }
    }
}
