import Graph
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Lanes beside the list of layers", .limited)
struct RailsTests {
    /// The lanes of a list, a line for each row.
    private static func drawn(
        _ count: Int, _ wires: [(Int, Int)], kind: Glyphs.Kind = .braille, columns: Int = 80
    ) -> [String] {
        let rails = Rails(rows: count, wires: wires.map { (source: $0.0, reader: $0.1) })
        let shown = RailsColumns(rails, in: columns, selected: nil)
        var canvas = Canvas(Size(rows: count, columns: 20), Glyphs(kind))
        for row in 0..<count { shown.draw(row, row: row, column: 0, on: &canvas) }
        return (0..<count).map { canvas.frame.text(row: $0) }
    }

    private static func chain(_ rows: Range<Int>) -> [(Int, Int)] { rows.dropFirst().map { ($0 - 1, $0) } }

    @Test("a straight network has no lanes")
    func straight() {
        let rails = Rails(rows: 9, wires: Self.chain(0..<9).map { (source: $0.0, reader: $0.1) })
        #expect(rails.lanes == 0 && rails.rows.isEmpty)
        #expect(RailsColumns(rails, in: 200, selected: 3).width == 0)
    }

    @Test("a Shortcut has a lane from its source to the sum")
    func residual() {
        #expect(
            Self.drawn(6, Self.chain(0..<6) + [(1, 4)]) == [
                "│",
                "●┐",
                "●│",
                "●│",
                "●┘",
                "│",
            ])
    }

    @Test("blocks that follow each other are told apart, although one begins where the other ends")
    func residuals() {
        #expect(
            Self.drawn(7, Self.chain(0..<7) + [(0, 2), (2, 4), (4, 6)]) == [
                "●┐",
                "●│",
                "●┴┐",
                "● │",
                "●┬┘",
                "●│",
                "●┘",
            ])
    }

    @Test("layers beside each other stand on lanes of their own, up to the Route that joins them")
    func route() {
        #expect(
            Self.drawn(5, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]) == [
                "●┐",
                "●│",
                "│├●",
                "│●│",
                "●┴┘",
            ])
    }

    @Test("blocks inside of blocks have lanes beside theirs")
    func nested() {
        #expect(
            Self.drawn(7, Self.chain(0..<7) + [(0, 6), (1, 5), (2, 4)]) == [
                "●┐",
                "●┼┐",
                "●┼┼┐",
                "●│││",
                "●┼┼┘",
                "●┼┘",
                "●┘",
            ])
    }

    @Test("a second input keeps its lane until it is read, and a wire that leads upwards is a wire")
    func inputs() {
        #expect(
            Self.drawn(4, [(0, 2), (1, 3), (2, 3)]) == [
                "│",
                "│●",
                "●│",
                "●┘",
            ])
        #expect(Self.drawn(3, [(2, 0), (0, 1), (1, 2)]) == ["●┐", "●│", "●┘"])
        #expect(Self.drawn(2, [(0, 0), (0, 1)]) == ["", ""])
    }

    @Test("more lanes than there is room for are one sign")
    func folded() {
        let many = Self.chain(0..<14) + (0..<6).map { ($0, 13 - $0) }
        let narrow = Self.drawn(14, many)
        #expect(narrow[0] == "●┐" && narrow[6] == "●│││…" && narrow[13] == "●┘")
        #expect(narrow.allSatisfy { $0.count <= 5 })
        #expect(Self.drawn(14, many, columns: 60).allSatisfy { $0 == "" })
        // More than can be told apart, in the widest list.
        let crowd = Self.chain(0..<24) + (0..<11).map { ($0, 23 - $0) }
        let wide = Self.drawn(24, crowd, columns: 200)
        #expect(wide[11] == "● │ │ │ │ │ │ │ …" && wide[23] == "●─┘")
    }

    @Test("a wide list has a gap between the lanes, and ASCII has signs of its own")
    func signs() {
        let wires = Self.chain(0..<4) + [(0, 3)]
        #expect(Self.drawn(4, wires, columns: 100) == ["●─┐", "● │", "● │", "●─┘"])
        #expect(Self.drawn(4, wires, kind: .ascii) == ["*+", "*|", "*|", "*+"])
    }

    @Test(
        "every wire begins at its source and ends at its last reader, on one lane, alone there",
        arguments: 0..<20)
    func random(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = 2 + random.below(40)
        let wires = (0..<2 * count).map { _ in (source: random.below(count), reader: random.below(count)) }
        let rails = Rails(rows: count, wires: wires)
        for (row, shown) in rails.rows.enumerated() {
            let passing = rails.wires.filter { $0.source < row && $0.readers.last ?? 0 >= row }
            let lanes = passing.compactMap(\.lane)
            #expect(Set(lanes).count == lanes.count)
            #expect(shown.above == lanes.reduce(0) { $0 | 1 << UInt8($1) })
            #expect(passing.count - lanes.count <= shown.uncounted)
            for wire in passing where wire.readers.contains(row) {
                if let lane = wire.lane { #expect(shown.joined & 1 << lane != 0) }
            }
        }
        let drawn = Set(rails.wires.flatMap { wire in wire.readers.map { [wire.source, $0] } })
        let wanted = Set(
            wires.filter { $0.source != $0.reader }.map {
                [min($0.source, $0.reader), max($0.source, $0.reader)]
            })
        #expect(rails.rows.isEmpty || drawn == wanted)
    }

    @Test("the list marks what the selected layer reads and what reads it, and names them")
    func marks() throws {
        var driver = try Driver(sample: "network-t40")
        while driver.state.selectedName != "maxpool" { driver.press(.down) }
        #expect(
            driver.screen.contains("→conv0") && driver.screen.contains("←conv1")
                && driver.screen.contains("←route"))
        #expect(driver.screen.contains("reads conv0; read by conv1, route"))
        var narrow = try Driver(sample: "network-t40", size: .standard)
        while narrow.state.selectedName != "maxpool" { narrow.press(.down) }
        #expect(narrow.screen.contains("── reads conv0; read by conv1, route ──"))
    }

    @Test("w lists all wires of a layer, and leads to the other end of one")
    func wires() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        while driver.state.selectedName != "maxpool" { driver.press(.down) }
        driver.press("w")
        #expect(driver.screen.contains("maxpool READS") && driver.screen.contains("maxpool IS READ BY"))
        driver.press(.down, .down, .enter)
        #expect(driver.state.selectedName == "route")
    }

    @Test("filter and order take the lanes away, and a folded block keeps those around it")
    func narrowed() throws {
        var driver = try Driver(sample: "network-t40")
        #expect(driver.screen.contains("●┐"))
        driver.press("o")
        #expect(!driver.screen.contains("●┐"))
        driver.press("o", "o", "o")
        #expect(driver.screen.contains("●┐"))
        driver.command("filter conv")
        #expect(!driver.screen.contains("●┐"))
        driver.press(.escape)
        while driver.state.selectedName != "conv5" { driver.press(.down) }
        driver.press("b")
        #expect(driver.screen.contains("layers folded"))
        let before = driver.state.wiring.rails
        driver.press("b")
        #expect(driver.state.wiring.rails.rows.count > before.rows.count)
    }

    @Test("what is cut in the chosen row stands whole above the footer", arguments: [Size.standard, .least])
    func whole(size: Size) throws {
        var driver = try Driver(sample: "resnet20-cifar", size: size)
        while driver.state.selectedName != "s1b2.add" { driver.press(.down) }
        #expect(driver.screen.contains("── s1b2.add   Shortcut ← s1b1.add   16x32x32 ──"))
        driver.press("u")
        #expect(driver.screen.contains("nothing was changed yet"))
        driver.press("2", "1", .home)
        #expect(!driver.screen.contains("Shortcut ← s1b1.add   16x32x32"))
    }

    @Test("a finding that is cut in the list stands whole above the footer")
    func wholeFinding() throws {
        var driver = try Driver(sample: "broken-t40", size: .wide)
        driver.press("2")
        #expect(driver.screen.contains("── network   a head reads 'nothing', which is no layer"))
    }
}
