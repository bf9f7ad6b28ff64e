import TestTraits
import Testing

@testable import Terminal

@Suite("Colours of pictures", .limited)
struct PixelPaletteTests {
    @Test("colours that 256 have are shown as they are, at every place")
    func exact() {
        let known: [(Pixel, Int32)] = [
            (Pixel(0, 0, 0), 16), (Pixel(255, 255, 255), 231), (Pixel(255, 0, 0), 196),
            (Pixel(0, 0, 255), 21), (Pixel(95, 135, 175), 67), (Pixel(128, 128, 128), 244),
            (Pixel(8, 8, 8), 232), (Pixel(238, 238, 238), 255),
        ]
        for (pixel, colour) in known {
            for place in 0..<16 {
                #expect(
                    PixelPalette.cube.colour(of: pixel, row: place / 4, column: place % 4) == colour,
                    "\(pixel)")
            }
        }
    }

    @Test("a colour between two of 256 is the right share of each")
    func dithered() {
        // 115 lies half way between 95 and 135.
        let found = (0..<16).map {
            PixelPalette.cube.colour(of: Pixel(255, 115, 0), row: $0 / 4, column: $0 % 4)
        }
        #expect(Set(found) == [202, 208])
        #expect((7...9).contains(found.filter { $0 == 202 }.count))
    }

    @Test("16 and 8 colours take the nearest, and mix where none is near")
    func few() {
        for palette in [PixelPalette.sixteen, .eight] {
            let most: Int32 = palette == .sixteen ? 15 : 7
            for red in stride(from: 0, through: 255, by: 51) {
                for place in 0..<16 {
                    let colour = palette.colour(
                        of: Pixel(UInt8(red), 100, 30), row: place / 4, column: place % 4)
                    #expect((0...most).contains(colour))
                }
            }
            #expect(palette.colour(of: Pixel(0, 0, 0), row: 0, column: 0) == 0)
        }
        let greys = Set(
            (0..<16).map { PixelPalette.eight.colour(of: Pixel(115, 115, 115), row: $0 / 4, column: $0 % 4) })
        #expect(greys == [0, 7])
    }

    @Test("a cell has its smaller colour in front, in the upper or the lower half")
    func halves() {
        let (red, blue) = (Pixel(255, 0, 0), Pixel(0, 0, 255))
        let one = PaletteCell(PixelPair(red, blue), .cube, row: 0, column: 0)
        let other = PaletteCell(PixelPair(blue, red), .cube, row: 0, column: 0)
        #expect(one.scalar == "▄" && other.scalar == "▀")
        #expect(one.foreground == 21 && one.background == 196)
        #expect(other.foreground == 21 && other.background == 196)
    }

    @Test("true colours are written for the cells of pictures alone")
    func trueColour() {
        var frame = Frame(Size(rows: 2, columns: 4))
        let pair = PixelPair(Pixel(1, 2, 3), Pixel(4, 5, 6))
        frame[1, 1] = Cell("#", pair)
        frame[1, 2] = Cell("#", pair)
        #expect(TrueColour.paint(frame, rows: [0]).isEmpty)
        #expect(
            TrueColour.paint(frame, rows: [0, 1])
                == "\u{1B}[2;2H\u{1B}[38;2;1;2;3m\u{1B}[48;2;4;5;6m▀▀\u{1B}[0m")
    }

    @Test("a terminal has true colours where it says so, and GNU screen has none")
    func says() {
        #expect(TerminalOptions.hasTrueColour("truecolor", term: "xterm-256color", inTmux: false))
        #expect(TerminalOptions.hasTrueColour("24bit", term: "screen-256color", inTmux: true))
        #expect(!TerminalOptions.hasTrueColour("truecolor", term: "screen.xterm-256color", inTmux: false))
        #expect(!TerminalOptions.hasTrueColour(nil, term: "xterm-256color", inTmux: false))
        #expect(!TerminalOptions.hasTrueColour("yes", term: "xterm-256color", inTmux: false))
    }
}
