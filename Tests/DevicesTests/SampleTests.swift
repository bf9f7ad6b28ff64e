import Devices
import Graph
import TestTraits
import Testing

/// The shipped networks on their own chips, and the manual's on T02.
@Suite("Samples on their chips", .limited)
struct SampleTests {
    @Test("there are samples, and one broken for each chip")
    func names() throws {
        #expect(Sample.whole.count >= 12)
        #expect(try Set(Sample.broken.map { try Sample($0).device }) == Set(Device.allCases))
        #expect(Sample.broken.count == Device.allCases.count)
    }

    @Test(
        "the broken samples for T41 and Xs2 are those for T40 and Xs1", arguments: Sample.twins.keys.sorted())
    func twins(name: String) throws {
        let twin = try #require(Sample.twins[name])
        #expect(try Sample(name).network == Sample(twin).network)
    }

    @Test("the manual's network as written has exactly three slips")
    func literal() throws {
        let report = try Sample("network-t40-literal").report
        let expected = [
            Broken("batch-norm-linear", "bn"), Broken("batch-norm-negative", "bn1"),
            Broken("lstm-producer", "conv10"),
        ]
        #expect(report.device == .t40)
        #expect(report.findings.map { Broken($0.rule, $0.layer) } == expected)
        #expect(report.findings.allSatisfy { $0.severity == .warning && $0.waived == nil })
    }

    @Test(
        "the manual's network corrected has one warning, waived",
        arguments: ["network-t40", "network-t40-mnist"])
    func corrected(name: String) throws {
        let report = try Sample(name).report
        #expect(report.findings.map { Broken($0.rule, $0.layer) } == [Broken("batch-norm-negative", "bn1")])
        #expect(report.findings.allSatisfy { $0.severity == .warning && $0.waived?.isEmpty == false })
        #expect(report.accepts && report.count(.warning) == 0)
    }

    @Test("t02-mnist has the one warning that no T02 network is without")
    func disputed() throws {
        let report = try Sample("t02-mnist").report
        #expect(report.device == .t02)
        #expect(
            report.findings.map { Broken($0.rule, $0.layer) } == [Broken("operator-disputed", "preprocess")])
    }

    @Test(
        "every other whole sample has nothing but advice",
        arguments: Sample.whole.filter { !["t02-mnist", "network-t40-literal"].contains($0) })
    func whole(name: String) throws {
        let report = try Sample(name).report
        #expect(report.accepts)
        #expect(report.count(.error) == 0 && report.count(.warning) == 0)
    }

    @Test("a broken sample breaks every rule of its chip", arguments: Sample.broken)
    func broken(name: String) throws {
        let sample = try Sample(name)
        let rules = Rule.all.filter { $0.devices.contains(sample.device) }
        let broken = Set(sample.report.findings.map(\.rule))
        // T40 and T41 have every operator: no X and no n in their columns of the table. A network that breaks rules of
        // quantizers has some.
        let cannot =
            ([.t40, .t41].contains(sample.device) ? ["operator-unsupported"] : []) + ["quantize-none"]
        #expect(rules.map(\.id).filter { !broken.contains($0) } == cannot)
        #expect(!sample.report.accepts)
    }

    @Test("the manual's network on T02 has these reasons against it, each with its place in the manual")
    func manualOnT02() throws {
        let network = try Sample("network-t40").network
        let report = Checker.report(network, on: .t02)
        let expected: [(Severity, Broken, String)] = [
            (.warning, Broken("operator-disputed", "preprocess"), "Preprocess, target_device"),
            (.warning, Broken("operator-disputed", "bn"), "BatchNorm, target_device"),
            (.error, Broken("operator-unsupported", "shortcut"), "Shortcut, target_device"),
            (.warning, Broken("operator-disputed", "bn1"), "BatchNorm, target_device"),
            (.warning, Broken("batch-norm-negative", "bn1"), "BatchNorm"),
        ]
        #expect(report.findings.map { Broken($0.rule, $0.layer) } == expected.map(\.1))
        #expect(report.findings.map(\.severity) == expected.map(\.0))
        #expect(report.findings.map(\.citation) == expected.map(\.2))
        #expect(!report.accepts)
        for finding in report.findings {
            let kind = try #require(finding.layer.flatMap { network[$0]?.kind })
            #expect(finding.citation.hasPrefix(kind.section))
            #expect(finding.message.contains("T02") || finding.rule == "batch-norm-negative")
        }
    }

    @Test("a sample in float is asked nothing about bits", arguments: Sample.whole)
    func float(name: String) throws {
        let sample = try Sample(name)
        let nodes = try sample.network.nodes.map { node in
            var node = node
            if node.layer.value(of: "quantize") != nil { try node.layer.set("quantize", to: .flag(false)) }
            return node
        }
        let report = Checker.report(
            try Network(inputs: sample.network.inputs, nodes: nodes), on: sample.device)
        let unquantized: Set = ["operator-disputed", "batch-norm-linear", "lstm-producer", "quantize-none"]
        #expect(Set(report.findings.map(\.rule)).isSubset(of: unquantized))
    }
}
