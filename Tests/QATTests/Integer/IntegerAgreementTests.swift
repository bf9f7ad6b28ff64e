import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

@Suite("The integer network against the training arithmetic", .limited)
struct IntegerAgreementTests {
    /// Every operator between quantized products.
    static let sandwiches = SandwichCase.all.filter(\.isQuantized)

    @Test("it is cancelled at any part, and not later")
    func cancelled() throws {
        let test = try IntegerCase(SmallNetwork.block(bits: 4, signed: false), on: .npu)
        func report(_ moment: Int) throws -> (isWhole: Bool, asked: Int) {
            var asked = 0
            let report = try IntegerAgreement.report(
                test.analysis, store: test.store, inputs: test.inputs, batch: test.batch
            ) {
                asked += 1
                return asked == moment
            }
            return (report != nil, asked)
        }
        let whole = try report(0)
        #expect(whole.isWhole && whole.asked > 2 * test.analysis.network.nodes.count)
        for moment in 1...whole.asked { #expect(try report(moment) == (false, moment)) }
    }

    @Test("a probe says where integers need more memory than it may take, and is cancelled in them too")
    func memory() throws {
        var look = try ProbeCase(try SmallNetwork.block(bits: 4, signed: false), on: .npu)
        look.request.comparesIntegers = true
        let probe = Probe()
        var asked = 0
        let whole = try #require(
            probe.report(look.request) {
                asked += 1
                return false
            })
        #expect(whole.integers != nil && whole.integerFailure == nil)
        for moment in 1...asked {
            var left = moment
            let report = probe.report(look.request) {
                left -= 1
                return left == 0
            }
            #expect(report == nil, "moment \(moment) of \(asked)")
        }
        // Half of the room that a look needs with integers is enough for it without them.
        let needed = try #require(
            (10...30).map { 1 << $0 }.first { limit in
                look.request.memoryLimit = limit
                let report = Probe().report(look.request)
                return report?.integers != nil && report?.gaps == [] && report?.samples == look.request.batch
            })
        let without = try #require(
            stride(from: needed, through: needed / 8, by: -needed / 32).lazy.compactMap { limit in
                look.request.memoryLimit = limit
                return Probe().report(look.request).flatMap { $0.integers == nil ? $0 : nil }
            }.first)
        #expect(without.integerFailure?.hasPrefix("in integers the batch needs ") == true)
        #expect(without.integerFailure?.hasSuffix("take fewer samples") == true && !without.parts.isEmpty)
    }

    @Test("every operator agrees to the code but at rounding boundaries", arguments: sandwiches)
    func operators(_ sandwich: SandwichCase) throws {
        let test = try IntegerCase(sandwich.network(), on: sandwich.family)
        for arithmetic in EngineCase.arithmetics {
            let report = try test.report(arithmetic)
            guard sandwich.sample.layer.settings.activation == .hswish else {
                report.expectAgreement()
                continue
            }
            report.expectAgreement(exceptFor: ["layer"])
            let layer = try #require(report.layer("layer"))
            #expect(layer.reason?.hasPrefix("Hswish has no quantized form") == true)
        }
    }
}
