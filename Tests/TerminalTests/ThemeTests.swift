import Foundation
import TestSupport
import TestTraits
import Testing

@testable import Terminal

@Suite("Themes", .limited)
struct ThemeTests {
    /// Relative luminance of a colour, as WCAG 2 defines it: 0 for black, 1 for white.
    private func luminance(_ colour: Int) -> Double {
        let parts = ThemeColours.parts(of: colour).map { part in
            let value = Double(part) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    private func contrast(_ first: Int, _ second: Int) -> Double {
        let (a, b) = (luminance(first), luminance(second))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    @Test("black on white has a contrast of 21, and the cube's corners are where they should be")
    func formula() {
        #expect(abs(contrast(16, 231) - 21) < 1e-9)
        #expect(ThemeColours.parts(of: 166) == [215, 95, 0] && ThemeColours.parts(of: 233) == [18, 18, 18])
    }

    @Test("all text has a contrast of 4.5 at least, also in the selected row", arguments: Theme.allCases)
    func text(theme: Theme) {
        guard let colours = theme.colours else { return }
        for ink in Ink.allCases where ink != .guide {
            #expect(contrast(colours[ink], colours.ground) >= 4.5, "\(ink)")
            #expect(contrast(colours[ink], colours.selectedGround) >= 4.5, "\(ink) in the selected row")
        }
        #expect(contrast(colours[.guide], colours.ground) >= 1.5)
        #expect(colours.ground != colours.selectedGround)
    }

    @Test("high contrast is 7:1 at least")
    func highContrast() throws {
        let colours = try #require(Theme.highContrast.colours)
        for ink in Ink.allCases where ink != .guide {
            #expect(contrast(colours[ink], colours.ground) >= 7, "\(ink)")
        }
    }

    @Test("the colours for the colour-blind are those of Okabe and Ito, as near as 256 colours come")
    func okabeIto() throws {
        let colours = try #require(Theme.colourBlindSafe.colours)
        let published: [(Ink, [Int])] = [
            (.accent, [86, 180, 233]), (.error, [213, 94, 0]), (.advice, [240, 228, 66]),
            (.pass, [0, 158, 115]),
            (.seriesA, [86, 180, 233]), (.seriesB, [230, 159, 0]), (.seriesC, [204, 121, 167]),
        ]
        for (ink, wanted) in published {
            let nearest = (16...255).map { distance($0, wanted) }.min()
            #expect(distance(colours[ink], wanted) == nearest, "\(ink)")
        }
    }

    private func distance(_ colour: Int, _ wanted: [Int]) -> Int {
        zip(ThemeColours.parts(of: colour), wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    @Test("inks that are side by side in a plot are of different colours", arguments: Theme.allCases)
    func series(theme: Theme) {
        guard let colours = theme.colours else { return }
        #expect(Set([Ink.seriesA, .seriesB, .seriesC].map { colours[$0] }).count == 3)
        #expect(Set([Ink.error, .advice, .pass, .accent].map { colours[$0] }).count == 4)
    }

    @Test("a row is set apart with what is in it, and what covers it is not")
    func selection() {
        var frame = Frame(Size(rows: 2, columns: 6))
        frame.put("abc", 0, 0)
        frame.select(0, 0..<4)
        #expect(frame.selectionMap == "====\n")
        frame.fill(Rect(row: 0, column: 1, rows: 1, columns: 2))
        #expect(frame.selectionMap == "=  =\n")
        frame.select(5, 0..<100)
        frame.select(1, -3..<2)
        #expect(frame.selectionMap == "=  =\n==")
    }
}
