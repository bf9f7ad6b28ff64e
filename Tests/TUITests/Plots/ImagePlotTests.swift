import Datasets
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Pictures in cells", .limited)
struct ImagePlotTests {
    private static let red: [UInt8] = [255, 0, 0]
    private static let blue: [UInt8] = [0, 0, 255]
    private static let white: [UInt8] = [255, 255, 255]
    private static let black: [UInt8] = [0, 0, 0]

    private func drawn(
        _ plot: ImagePlot, rows: Int, columns: Int, _ kind: Glyphs.Kind = .braille
    ) -> Frame {
        var canvas = Canvas(Size(rows: rows, columns: columns), Glyphs(kind))
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        return canvas.frame
    }

    private func picture(_ height: Int, _ width: Int, _ pixels: [[UInt8]]) -> ImagePlot {
        ImagePlot(image: PixelImage(height: height, width: width, bytes: pixels.flatMap { $0 }))
    }

    @Test("two pixels make a cell: the upper one and the lower one")
    func halves() {
        let plot = picture(2, 2, [Self.red, Self.white, Self.blue, Self.black])
        let frame = drawn(plot, rows: 1, columns: 2)
        #expect(frame[0, 0].pixels == PixelPair(Pixel(255, 0, 0), Pixel(0, 0, 255)))
        #expect(frame[0, 1].pixels == PixelPair(Pixel(255, 255, 255), Pixel(0, 0, 0)))
        #expect(frame.pixelMap == "RW\nBk")
    }

    @Test("a small picture is shown twice as large where there is room, and never larger")
    func grows() {
        let plot = picture(2, 2, [Self.red, Self.white, Self.blue, Self.black])
        #expect(drawn(plot, rows: 2, columns: 4).pixelMap == "RRWW\nRRWW\nBBkk\nBBkk")
        let frame = drawn(plot, rows: 10, columns: 20)
        #expect(frame.cells.filter { $0.pixels != nil }.count == 8)
    }

    @Test("a large picture is made smaller by the means of areas, with its proportions")
    func shrinks() {
        let pixels = (0..<8).flatMap { row in
            (0..<8).map { $0 < 4 ? Self.white : row < 4 ? Self.red : Self.black }
        }
        let frame = drawn(picture(8, 8, pixels), rows: 1, columns: 8)
        #expect(frame[0, 3].pixels == PixelPair(Pixel(255, 255, 255), Pixel(255, 255, 255)))
        #expect(frame[0, 4].pixels == PixelPair(Pixel(255, 0, 0), Pixel(0, 0, 0)))
        #expect(frame[0, 2].pixels == nil && frame[0, 5].pixels == nil)
        let mean = picture(2, 2, [Self.black, Self.white, Self.white, Self.black]).image
        #expect(mean.reduced(height: 1, width: 1).bytes == [128, 128, 128])
        let thirds = PixelImage(height: 1, width: 3, bytes: [0, 0, 0, 90, 90, 90, 180, 180, 180])
        #expect(thirds.reduced(height: 1, width: 2).bytes == [30, 30, 30, 150, 150, 150])
    }

    @Test("in ASCII letters stand for brightness, and cells have no colours")
    func ascii() {
        let pixels = (0..<10).map { [UInt8](repeating: UInt8(min(255, $0 * 26)), count: 3) }
        let frame = drawn(picture(2, 10, pixels + pixels), rows: 1, columns: 10, .ascii)
        #expect(frame.description == " .:-=+*#%@")
        #expect(frame.cells.allSatisfy { $0.pixels == nil })
        #expect(drawn(picture(2, 10, pixels + pixels), rows: 1, columns: 10).description == "  ░░▒▒▓▓██")
    }

    @Test("boxes are painted into the pixels, each origin in its own way, and are lines without colours")
    func boxes() {
        var plot = picture(8, 8, [[UInt8]](repeating: Self.black, count: 64))
        let green = Pixel(0, 255, 0)
        plot.outlines = [.init(left: 0, top: 0, right: 1, bottom: 1, colour: green)]
        #expect(drawn(plot, rows: 4, columns: 8).description == "┌──────┐\n│      │\n│      │\n└──────┘")
        #expect(
            drawn(plot, rows: 4, columns: 8).pixelMap
                == """
                GGGGGGGG
                GkkkkkkG
                GkkkkkkG
                GkkkkkkG
                GkkkkkkG
                GkkkkkkG
                GkkkkkkG
                GGGGGGGG
                """)
        #expect(
            drawn(plot, rows: 4, columns: 8, .ascii).description == "+------+\n|      |\n|      |\n+------+")
        plot.outlines[0].origin = .float
        #expect(drawn(plot, rows: 4, columns: 8).pixelMap.hasPrefix("GGkkGGkG\nGkkkkkkG\nkkkkkkkk\n"))
        plot.outlines[0].origin = .quantized
        #expect(drawn(plot, rows: 4, columns: 8).description.hasPrefix("┌┈┈┈┈┈┈┐\n┊"))
    }

    @Test("a box beyond the picture, or without area, stays inside")
    func outside() {
        var plot = picture(4, 4, [[UInt8]](repeating: Self.black, count: 16))
        for (low, high) in [(-3.0, 7.0), (0.5, 0.5), (2.0, 3.0), (.nan, .infinity)] {
            plot.outlines = [
                .init(
                    left: low, top: low, right: high, bottom: high, colour: Pixel(255, 0, 0), label: "a name")
            ]
            let frame = drawn(plot, rows: 2, columns: 4)
            #expect(frame.cells.count == 8)
        }
    }

    @Test("a label stands above its box, as far as the picture goes")
    func labels() {
        var plot = picture(16, 16, [[UInt8]](repeating: Self.black, count: 256))
        plot.outlines = [
            .init(left: 0.5, top: 0.5, right: 1, bottom: 1, colour: Pixel(255, 0, 0), label: "platelets")
        ]
        let rows = drawn(plot, rows: 8, columns: 16).description.split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(rows[3] == "        pla…lets" || rows[3] == "        plat…ets")
        #expect(rows[4] == "        ┌──────┐")
    }
}
