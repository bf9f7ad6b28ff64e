import Devices
import Graph
import TestTraits
import Testing

/// Why a rule may offer a fix, or offers none.
enum FixReason {
    /// It offers one, which is safe because of this.
    case safe(String)
    /// It offers none, because only a person knows this.
    case open(String)

    var isSafe: Bool {
        switch self {
        case .safe: true
        case .open: false
        }
    }
}

/// What a fix promises: it settles its finding and adds none on that chip.
@Suite("Fixes", .limited)
struct FixTests {
    /// By a rule, why its fix is safe or what only a person knows: said where the cases of the rule are.
    static let reasons = [
        FixReason.advice, FixReason.bits, FixReason.combining, FixReason.convolution, FixReason.dense,
        FixReason.imports, FixReason.channel, FixReason.normalization, FixReason.pooling, FixReason.recurrent,
        FixReason.reshaping, FixReason.structure,
    ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    static let offered = reasons.filter(\.value.isSafe).keys.sorted()
    static let unoffered = reasons.filter { !$0.value.isSafe }.keys.sorted()

    @Test("each rule is known to offer a fix or to offer none")
    func complete() { #expect(Set(FixTests.reasons.keys) == Set(Rule.all.map(\.id))) }

    @Test("a rule that has a safe fix offers one on each of its chips", arguments: offered)
    func offers(id: String) throws {
        let rule = try #require(Rule.named(id))
        var devices: Set<Device> = []
        for example in RuleCase.all where example.rule == id {
            let network = try example.network(.broken)
            for device in example.devices {
                let findings = Checker.report(network, on: device).findings.filter { $0.rule == id }
                if findings.contains(where: { Checker.fix(for: $0, in: network) != nil }) {
                    devices.insert(device)
                }
            }
        }
        // T02 has no DepthwiseConv2D to turn a convolution into.
        let without: Set<Device> = id == "convolution-depthwise" ? [.t02] : []
        #expect(devices == Set(rule.devices).subtracting(without))
    }

    @Test("a rule that has no safe fix offers none", arguments: unoffered)
    func offersNone(id: String) throws {
        for example in RuleCase.all where example.rule == id {
            let network = try example.network(.broken)
            for device in example.devices {
                let findings = Checker.report(network, on: device).findings.filter { $0.rule == id }
                #expect(!findings.isEmpty && findings.allSatisfy { $0.proposal == nil })
            }
        }
    }

    @Test(
        "a proposal for a case's network is a fix just where it settles its finding and adds none",
        arguments: RuleCase.all)
    func ofCases(_ example: RuleCase) throws {
        for variant in Variant.allCases {
            let network = try example.network(variant)
            for device in Device.allCases { try expectSafeFixes(of: network, on: device) }
        }
    }

    @Test(
        "a proposal for a sample's network is a fix just where it settles its finding and adds none",
        arguments: Sample.distinct,
        Device.allCases)
    func ofSamples(name: String, device: Device) throws {
        try expectSafeFixes(of: try Sample(name).network, on: device)
    }

    @Test("a network that a fix does not fit any more gets none")
    func stale() throws {
        let network = try Network(lines: ["Maxpool2D stride=1"])
        let finding = try #require(
            Checker.report(network, on: .t02).findings.first { $0.rule == "maxpool-window" })
        #expect(Checker.fix(for: finding, in: network)?.title.isEmpty == false)
        #expect(Checker.fix(for: finding, in: try Network(lines: ["pool: Maxpool2D stride=1"])) == nil)
    }

    private func expectSafeFixes(of network: Network, on device: Device) throws {
        let before = Checker.broken(network, on: device)
        for finding in Checker.report(network, on: device).findings {
            guard let fix = finding.proposal else { continue }
            #expect(!fix.title.isEmpty)
            let after = Checker.broken(try network.applying(fix.edit), on: device)
            let isSafe = !after.contains(Broken(finding.rule, finding.layer)) && after.isSubset(of: before)
            #expect(
                (Checker.fix(for: finding, in: network) != nil) == isSafe,
                "'\(fix.title)' leaves \(after.intersection(before)), adds \(after.subtracting(before))")
        }
    }
}
