import Devices
import Graph
import Testing

/// The table of operators and chips, written down once more from the manual.
@Suite("Operators and chips")
struct SupportTests {
    /// Name, and a letter for each of T40, T41, T02, Txx, Xs1, Xs2.
    static let table = [
        ("Preprocess", "YYkYYY"), ("Conv2D", "YYYYYY"), ("ConvTranspose2D", "YYkYYY"),
        ("DepthwiseConv2D", "YYXYYY"), ("FullConnected", "YYYYYY"), ("BatchNorm", "YYkYYY"),
        ("Flatten", "YYYYYY"), ("Route", "YYYYYY"), ("Shortcut", "YonYYY"), ("Maxpool2D", "YYYYYY"),
        ("Avgpool2D", "YYXYYY"), ("AdaptiveAvgpool2D", "YYYYYY"), ("Unpool2D", "YYYYYY"),
        ("Se_Block", "YYnYYY"), ("Mul", "YYnYYY"), ("Channel_Split", "oonYYY"),
        ("Pixel_Shuffle", "YY" + "XX" + "XX"), ("LSTM", "YYYYYY"), ("Embedding", "YYnYYY"),
        ("Focus", "YYnYYY"),
        ("Max", "YYnooo"),
    ]

    @Test("the table has these rows in this order")
    func rows() {
        #expect(SupportRow.all.map(\.name) == SupportTests.table.map(\.0))
        #expect(Device.allCases.map(\.rawValue) == ["T40", "T41", "T02", "Txx", "Xs1", "Xs2"])
    }

    @Test("every operator has a row, and Focus has one of its own")
    func operators() {
        #expect(
            Set(SupportTests.table.map(\.0)) == Set(OperatorKind.allCases.map(\.rawValue)).union(["Focus"]))
    }

    @Test("a layer is taken, disputed or refused by each chip as its cell says", arguments: table)
    func cells(name: String, letters: String) throws {
        let row = try #require(SupportRow.all.first { $0.name == name })
        let network = try Network(
            inputs: [Input("image", .map(channels: 3, height: 32, width: 32))],
            nodes: [Node("layer", try layer(name), inputs: ["image"])])
        for (device, letter) in zip(Device.allCases, letters) {
            let findings = Checker.report(network, on: device).findings.filter {
                $0.rule.hasPrefix("operator-")
            }
            #expect(row[device].letter == letter, "on \(device)")
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
        let used = Set(SupportTests.table.flatMap { Array($0.1) })
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
