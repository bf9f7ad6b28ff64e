import Graph
import TestTraits
import Testing

@Suite("Widths of a network", .limited)
struct BitWidthsTests {
    @Test("are typed as one number, or as one for weights and one for activations")
    func text() {
        let allowed = [2, 4, 8]
        #expect(BitWidths("8", allowed: allowed) == BitWidths(8))
        #expect(BitWidths("w4a8", allowed: allowed) == BitWidths(weights: 4, activations: 8))
        #expect(BitWidths("w8a8", allowed: allowed)?.description == "8")
        #expect(BitWidths("w4a8", allowed: allowed)?.description == "w4a8")
        for text in ["", "3", "w4", "a8", "w4a", "wa8", "4a8", "w4a9", "w3a8", "W4A8", "w4a8a8", "-4"] {
            #expect(BitWidths(text, allowed: allowed) == nil, "\(text)")
        }
    }
}
