import Graph
import TestTraits
import Testing

@Suite(.limited)
struct GlobTests {
    @Test(
        "a pattern stands for the whole of a name",
        arguments: [
            ("conv*", "conv0", true), ("conv*", "conv", true), ("conv*", "preconv", false), ("*", "", true),
            ("*conv*", "b1.conv.2", true), ("conv?", "conv1", true), ("conv?", "conv", false),
            ("conv?", "conv12", false), ("b[12].dw", "b2.dw", true), ("b[12].dw", "b3.dw", false),
            ("b[1-3].dw", "b3.dw", true), ("b[!1].dw", "b1.dw", false), ("b[!1].dw", "b4.dw", true),
            ("b[-]x", "b-x", true), ("a*b*c", "a.b.b.c", true), ("a*b*c", "a.c.b", false),
            ("卷积?", "卷积层", true),
            ("conv0", "conv0", true), ("conv0", "conv1", false), ("c[", "c[", true), ("[]]", "]", true),
        ])
    func matches(pattern: String, name: String, expected: Bool) {
        #expect(Glob(pattern).matches(name) == expected)
    }

    @Test(
        "a name by itself is no pattern",
        arguments: [("conv0", false), ("conv*", true), ("c[1]", true), ("c[", false)])
    func isPattern(text: String, expected: Bool) {
        #expect(Glob(text).isPattern == expected)
    }

    @Test("many stars take no time to fail")
    func stars() {
        #expect(!Glob(String(repeating: "*a", count: 30)).matches(String(repeating: "a", count: 29) + "b"))
    }
}
