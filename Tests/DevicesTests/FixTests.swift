import Devices
import Graph
import TestTraits
import Testing

/// What a fix promises: it settles its finding and adds none on that chip.
@Suite("Fixes", .limited)
struct FixTests {
    /// Rules that offer a fix, and why it is safe.
    static let offered = [
        "preprocess-first": "a Preprocess with the manual's defaults, or the one there is, comes in between",
        "batch-norm-linear": "Linear is the manual's own word for it",
        "convolution-depthwise": "a DepthwiseConv2D computes the same",
        "convolution-kernel": "a 3x3 kernel with zeros around its middle is a 1x1 kernel",
        "convolution-groups": "one group has all channels",
        "dense-input": "a Flatten of all elements comes in between",
        "channels-32": "the layer that makes the channels makes more",
        "channels-16": "the layer that makes the channels makes more",
        "last-activation": "none computes the same in float",
        "last-dense-feature": "the switch goes off",
        "last-dense-bits": "32 bits are float",
        "maxpool-window": "T02 has one window",
        "unpool-bilinear": "nearest has the same shape",
        "shortcut-bits": "the narrower producer gets the wider one's bits",
        "join-bits": "the narrower producer gets the wider one's bits",
        "kept-bits": "without bits of its own it keeps its input's",
        "flatten-cover": "a vector of all elements covers them",
        "split-sum": "the last part takes what is left",
        "split-parts": "the layers that make the parts make more",
        "pixel-shuffle-channels": "the layer in front makes more channels",
        "lstm-producer": "an export writes the flag as the wiring has it",
        "embedding-inputs": "an export writes the flag as the wiring has it",
        "input-bits": "an export writes the bits as the wiring has them",
        "imported-first": "an export writes the flag as the wiring has it",
        "imported-last": "an export writes the flag as the wiring has it",
        "imported-before-lstm": "an export writes the flag as the wiring has it",
        "quantize-all": "8 bits are what a quantized network starts with",
        "quantize-none": "8 bits are what a quantized network starts with",
        "npu-weight-bits": "the next wider bits lose nothing",
        "npu-feature-bits": "the next wider bits lose nothing",
        "t41-weight-bits": "the next wider bits lose nothing",
        "t41-feature-bits": "the next wider bits lose nothing",
        "npu-bit-pairs": "the next wider bits that go together lose nothing",
        "simd-weight-bits": "the nearest bits of the chip",
        "simd-feature-bits": "the nearest bits of the chip",
        "auto-channels": "the bits are as stated once the switch is off",
        "auto-idle": "the switch did nothing",
        "clip-recommended": "a number is recommended",
        "factor-recommended": "a number is recommended",
        "shortcut-clip": "2.0 acts the same",
    ]

    /// Rules that offer none, and what only a person knows.
    static let unoffered = [
        "cycle": "which wire is wrong", "unreachable": "what it should read",
        "input-count": "which wire is missing or too many", "shape": "which of the layers is wrong",
        "unread-output": "who should read it", "unread-input": "who should read it",
        "operator-unsupported": "what to do without the operator", "operator-disputed": "whom to believe",
        "preprocess-variance": "what the loader divides by",
        "batch-norm-negative": "whether the negatives matter",
        "batch-norm-relu": "whether the negatives matter",
        "convolution-activation": "what should take Hswish's place",
        "convolution-dilation": "how to see as far without", "convolution-stride": "where to lose the size",
        "focus-first": "where the size should go to depth",
        "adaptive-pool-last": "what else averages the map", "unpool-window": "which size is meant",
        "shortcut-inputs": "which input is meant", "mul-inputs": "which input is meant",
        "max-inputs": "which input is meant", "shortcut-shape": "which shape is meant",
        "max-shape": "which shape is meant", "join-sign": "which sign is meant",
        "route-fan-in": "which maps to join first",
        "pixel-shuffle-factor": "which size is meant", "lstm-layers": "what the second layer had learned",
        "lstm-batch-first": "what the axes mean", "accumulator": "whether bits or channels should go",
    ]

    @Test("each rule is known to offer a fix or to offer none")
    func complete() {
        let offered = Set(FixTests.offered.keys)
        let unoffered = Set(FixTests.unoffered.keys)
        #expect(offered.isDisjoint(with: unoffered))
        #expect(offered.union(unoffered) == Set(Rule.all.map(\.id)))
    }

    @Test("a rule that has a safe fix offers one on each of its chips", arguments: offered.keys.sorted())
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

    @Test("a rule that has no safe fix offers none", arguments: unoffered.keys.sorted())
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
