import Graph
import TestTraits
import Testing

/// Numbers from outside become whole numbers without ending the program.
@Suite("Numbers held to a type", .limited)
struct HeldNumberTests {
    @Test(
        "what is beyond the range becomes its end, and what is no number becomes 0",
        arguments: [
            (1.9, 1), (-1.9, -1), (0, 0), (.infinity, Int.max), (-.infinity, Int.min), (.nan, 0),
            (9.3e18, Int.max), (-9.3e18, Int.min), (1e300, Int.max), (1e-300, 0),
        ] as [(Double, Int)])
    func held(number: Double, whole: Int) { #expect(Int(held: number) == whole) }

    @Test("smaller types have their own ends")
    func types() {
        #expect(Int32(held: 3e9) == .max && UInt8(held: -1) == 0 && UInt64(held: Float.infinity) == .max)
    }
}
