import Graph
import TestSupport
import Testing

@testable import QAT

@Suite("The integer network against the training arithmetic")
struct IntegerAgreementTests {
    /// Every operator between quantized products.
    static let sandwiches = SandwichCase.all.filter(\.isQuantized)

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
