import Devices
import Graph
import TestSupport
import TestTraits
import Testing

@Suite("Topics of rules", .limited)
struct RuleTopicTests {
    @Test("every topic has a rule, and no rule's id is that of another")
    func topics() {
        #expect(Set(Rule.all.map(\.topic)) == Set(RuleTopic.allCases))
        #expect(Set(Rule.all.map(\.id)).count == Rule.all.count)
    }

    @Test("what the families ask alike under different names has one topic")
    func families() throws {
        for (ids, topic) in [
            (["channels-32", "channels-16"], .channelBlocks),
            (["npu-weight-bits", "t41-weight-bits", "simd-weight-bits"], .weightBits),
            (["npu-feature-bits", "t41-feature-bits", "simd-feature-bits"], .featureBits),
        ] as [([String], RuleTopic)] {
            #expect(Rule.all.filter { $0.topic == topic }.map(\.id).sorted() == ids.sorted())
        }
    }

    @Test("findings of other chips are about the same matter, findings of other settings are not")
    func matters() throws {
        let lines = ["a: Conv2D outChannels=5", "b: Conv2D outChannels=32 weightBits=3"]
        let network = try Network(lines: lines)
        func finding(_ rule: String, on device: Device) throws -> Finding {
            let report = Checker.reports(on: network, for: [device])[0]
            return try #require(report.findings.first { $0.rule == rule && $0.layer == "b" })
        }
        let channels = try (finding("channels-32", on: .t40), finding("channels-16", on: .txx))
        #expect(channels.0.isAboutSame(as: channels.1) && channels.1.isAboutSame(as: channels.0))
        #expect(channels.0.topic == Rule.named("channels-32")?.topic)
        let bits = try finding("npu-weight-bits", on: .t40)
        #expect(bits.isAboutSame(as: bits) && !bits.isAboutSame(as: channels.0))
    }
}
