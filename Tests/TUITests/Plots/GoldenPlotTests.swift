import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Pictures of plots", .limited)
struct GoldenPlotTests {
    @Test(
        "every plot looks as it was last looked at", arguments: PlotSample.all, Glyphs.Kind.allCases)
    func golden(sample: PlotSample, kind: Glyphs.Kind) throws {
        let pictures = sample.sizes.map { size in
            let frame = sample.canvas(size, kind).frame
            // Inks are the same in every set: one map is enough.
            let inks = kind == .braille ? "\n\ninks\n\(frame.styleMap)" : ""
            return "\(size.columns)x\(size.rows)\n\(frame.description)\(inks)\n"
        }
        try expectGolden(
            pictures.joined(separator: "\n"), "plots/\(sample.name)-\(kind.rawValue).txt")
    }
}
