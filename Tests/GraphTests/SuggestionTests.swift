import Graph
import TestTraits
import Testing

@Suite(.limited)
struct SuggestionTests {
    private static let words = ["stride", "kernelHeight", "kernelWidth", "clip", "Conv2D", "T40", "T41", "a"]

    @Test(
        "a word that is nearly right leads to the right one",
        arguments: [
            ("strid", "stride"), ("strides", "stride"), ("srtide", "stride"), ("STRIDE", "stride"),
            ("kernelheigth", "kernelHeight"),
            ("kernel_width", "kernelWidth"), ("conv2d", "Conv2D"), ("T4O", "T40"), ("T411", "T41"),
            ("clap", "clip"),
        ])
    func near(typed: String, meant: String) {
        #expect(nearest(to: typed, among: Self.words) == meant)
        #expect(didYouMean(typed, among: Self.words) == "; did you mean '\(meant)'?")
    }

    @Test(
        "a word that is nothing like any leads nowhere",
        arguments: ["", "b", "x9", "softmax", "9", "40", "stripes and stars"])
    func far(typed: String) {
        #expect(nearest(to: typed, among: Self.words) == nil)
        #expect(didYouMean(typed, among: Self.words).isEmpty)
    }

    @Test("numbers do not mean each other")
    func numbers() {
        #expect(nearest(to: "16", among: ["12", "8", "32"]) == nil)
    }

    @Test("very long words are compared by their beginning")
    func long() {
        let word = String(repeating: "ab", count: 100_000)
        #expect(
            nearest(to: word, among: [String(repeating: "ab", count: 40), "short"])
                == String(repeating: "ab", count: 40))
    }

    @Test(
        "a number stands before its noun in the right form",
        arguments: [(0, "0 layers"), (1, "1 layer"), (2, "2 layers")])
    func counting(count: Int, text: String) {
        #expect(counted(count, "layer") == text)
    }
}
