import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("The network as boxes", .limited)
struct BoxLayoutTests {
    private static func layout(_ count: Int, _ wires: [(Int, Int)]) -> BoxLayout {
        BoxLayout(count, wires: wires.map { (source: $0.0, reader: $0.1) })
    }

    private static func chain(_ items: Range<Int>) -> [(Int, Int)] { items.dropFirst().map { ($0 - 1, $0) } }

    @Test("a straight network is one column of boxes, a line between two of them")
    func straight() {
        let layout = Self.layout(5, Self.chain(0..<5))
        #expect(layout.levelOf == [0, 1, 2, 3, 4])
        #expect(layout.columns == BoxLayout.boxWidth && layout.rows == 5 * 3 + 4)
        #expect(layout.levels.map(\.top) == [0, 4, 8, 12, 16])
        #expect(layout.levels.allSatisfy { $0.boxes.map(\.column) == [0] && $0.passes.isEmpty })
    }

    @Test("a Shortcut's wire passes at the right of the layers that it goes around")
    func residual() throws {
        let layout = Self.layout(4, Self.chain(0..<4) + [(0, 3)])
        #expect(layout.levels.map { $0.boxes.map(\.column) } == [[0], [0], [0], [0]])
        #expect(layout.levels.map { $0.passes.map(\.column) } == [[], [29], [29], []])
        #expect(layout.columns == 30)
        let first = try #require(layout.levels[0].bundles.first)
        #expect(first.source == 0 && first.column == 14 && first.ends.map(\.column) == [14, 29])
        #expect(first.ends.map(\.readers) == [[1], [3]])
    }

    @Test("branches stand beside each other, and what joins them below the first one")
    func branches() {
        let layout = Self.layout(5, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)])
        #expect(layout.levelOf == [0, 1, 1, 1, 2])
        #expect(layout.levels[1].boxes.map(\.item) == [1, 2, 3])
        #expect(layout.levels[1].boxes.map(\.column) == [0, 30, 60])
        #expect(layout.levels[2].boxes.map(\.column) == [0])
    }

    @Test("an input that is read late stands right above the layer that reads it")
    func lateInput() {
        #expect(Self.layout(5, [(0, 2), (2, 3), (3, 4), (1, 4)]).levelOf == [0, 2, 1, 2, 3])
    }

    @Test("a cycle and a layer that reads itself have places, and each wire is drawn once")
    func cycle() {
        let layout = Self.layout(4, [(0, 1), (1, 2), (2, 1), (3, 3)])
        #expect(Set(layout.levelOf) == [0, 1, 2] && layout.levels.flatMap(\.boxes).count == 4)
        #expect(layout.levels.flatMap(\.bundles).count == 2)
    }

    @Test("wires over very many levels are names, and not lines, where there are too many")
    func far() {
        let count = 400
        let layout = Self.layout(count, Self.chain(0..<count) + [(0, count - 1)])
        #expect(layout.farReads[count - 1] == [0] && layout.levels.allSatisfy { $0.passes.isEmpty })
        #expect(Self.layout(40, Self.chain(0..<40) + [(0, 39)]).farReads.joined().isEmpty)
    }

    @Test("boxes of a level do not touch, wires lead down, and none lies on another", arguments: 0..<30)
    func random(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = 1 + random.below(30)
        var wires: [(source: Int, reader: Int)] = []
        for reader in 1..<max(2, count) where reader < count {
            for _ in 0...random.below(3) { wires.append((random.below(reader), reader)) }
        }
        let layout = BoxLayout(count, wires: wires)
        #expect(wires.allSatisfy { layout.levelOf[$0.source] < layout.levelOf[$0.reader] })
        #expect(layout.levels.flatMap(\.boxes).map(\.item).sorted() == Array(0..<count))
        for level in layout.levels {
            var taken: Set<Int> = []
            for columns in level.boxes.map({ $0.column..<$0.column + BoxLayout.boxWidth })
                + level.passes.map({ $0.column..<$0.column + 1 })
            {
                #expect(
                    taken.isDisjoint(with: columns) && columns.lowerBound >= 0
                        && columns.upperBound <= layout.columns)
                taken.formUnion(columns)
            }
            for track in 0..<level.tracks {
                var flat: [Int: Int] = [:]
                for (number, bundle) in level.bundles.enumerated() where bundle.track == track {
                    let ends = bundle.ends.map(\.column) + [bundle.column]
                    guard let first = ends.min(), let last = ends.max(), first < last else { continue }
                    for column in first...last {
                        let isEnd = bundle.ends.contains { $0.column == column }
                        let isShared = flat[column].map { other in
                            isEnd && level.bundles[other].ends.contains { $0.column == column }
                        }
                        #expect(isShared ?? true, "\(seed)")
                        flat[column] = number
                    }
                }
            }
        }
        // Followed from level to level, the wires lead from each item to those that read it.
        var drawn: Set<[Int]> = []
        for level in layout.levels {
            for bundle in level.bundles {
                for end in bundle.ends {
                    for reader in end.readers { drawn.insert([bundle.source, reader]) }
                }
            }
        }
        #expect(drawn == Set(wires.map { [$0.source, $0.reader] }))
    }

    /// The screen as boxes, on a layer.
    private static func driver(_ name: String, _ size: Size = .standard) throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: size)
        while driver.state.selectedName != name { driver.press(.down) }
        driver.press("v")
        return driver
    }

    @Test("up and down follow wires, left and right lead to branches beside, Enter and v to the list")
    func moving() throws {
        var driver = try Self.driver("maxpool")
        #expect(
            driver.state.pane.scope == .boxes && driver.screen.contains("reads conv0; read by conv1, route"))
        driver.press(.down)
        #expect(driver.state.selectedName == "conv1")
        driver.press(.down)
        #expect(driver.state.selectedName == "route")
        driver.press(.up, .up)
        #expect(driver.state.selectedName == "conv0" || driver.state.selectedName == "maxpool")
        driver.press(.left)
        #expect(driver.screen.contains("no layer is left of"))
        driver.press(.end)
        #expect(driver.state.selectedName == "fc2")
        driver.press(.down)
        #expect(driver.screen.contains("nothing reads fc2"))
        driver.press(.enter)
        #expect(driver.state.pane.scope == .list && driver.state.selectedName == "fc2")
        driver.press("v", .home)
        #expect(driver.state.selectedName == "image")
        driver.press(.up)
        #expect(driver.screen.contains("image reads nothing"))
        driver.press(.escape)
        #expect(driver.state.pane.scope == .list)
    }

    @Test("left and right lead from one branch to the other")
    func beside() throws {
        var document = try Samples.document(named: "network-t40")
        try document.apply(.insert(Node("side", Maxpool2D().layer, inputs: ["conv0"]), at: 5))
        var driver = Driver(document)
        driver.state.select("maxpool")
        driver.press("v", .right)
        #expect(driver.state.selectedName == "side")
        driver.press(.left)
        #expect(driver.state.selectedName == "maxpool")
    }

    @Test("what changes layers works on the selected box, and undo too")
    func editing() throws {
        var driver = try Self.driver("conv1", .wide)
        let before = driver.state.editor.network
        driver.press("[")
        #expect(driver.screen.contains("w6 a8"))
        driver.press("u", "Q", "u", " ")
        #expect(driver.state.list.marked == ["conv1"] && driver.state.selectedName == "conv1")
        driver.press(.down, "d")
        #expect(driver.screen.contains("which is not marked"))
        driver.press("o")
        #expect(driver.state.editor.network["route"] == nil)
        driver.press("u")
        #expect(driver.state.editor.network == before && driver.state.pane.scope == .boxes)
    }

    @Test("a box beyond a filter or in a folded block is reached, and the list then has it")
    func hidden() throws {
        var driver = try Driver(sample: "network-t40")
        driver.command("filter pool")
        driver.press("v", .down)
        #expect(driver.state.selectedName == "conv1" || driver.state.list.filter.isEmpty)
        driver.press("v")
        #expect(driver.screen.contains("▌") && driver.state.list.selected == driver.state.selectedName)
    }

    @Test("Tab leads from the boxes to the fields and back", arguments: [Size.wide, .standard, .least])
    func tabs(size: Size) throws {
        var driver = try Self.driver("conv1", size)
        driver.press(.tab)
        #expect(driver.state.pane.scope == .inspector)
        driver.press(.tab)
        #expect(driver.state.pane.scope == .boxes)
    }

    @Test("an empty network has no boxes and says how to begin")
    func empty() {
        var driver = Driver(Document(network: Network(), device: .t40))
        driver.press("v")
        #expect(driver.screen.contains("This network is empty."))
        driver.press(.down, .left, .end, .enter)
        #expect(driver.screen.contains("This network is empty."))
    }

    @Test("every line has a beginning and an end: no sign's arm leads to a blank")
    func arms() throws {
        for sample in ["network-t40", "resnet20-cifar", "mobilenetv2-cifar"] {
            var driver = try Driver(sample: sample, size: Size(rows: 60, columns: 99))
            driver.press("v")
            for _ in 0..<6 {
                driver.press(.pageDown)
                expectClosed(driver.state.picture.frame, rows: 4..<55)
            }
        }
    }

    private func expectClosed(_ frame: Frame, rows: Range<Int>) {
        for row in rows {
            for column in 1..<97 where frame[row, column].scalar == "│" && frame[row, column].style != .guides
            {
                let (up, down) = (frame[row - 1, column].scalar, frame[row + 1, column].scalar)
                #expect(up != " " && down != " ", "row \(row), column \(column)\n\(frame)")
            }
        }
    }
}
