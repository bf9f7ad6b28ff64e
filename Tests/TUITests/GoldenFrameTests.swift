import Devices
import Editing
import Graph
import Probing
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

/// A state of the screen that has a picture of its own.
enum Scene: String, CaseIterable, CustomTestStringConvertible {
    case network, inspector, marked, filtered, rules, preview, ranges, channels, predicted, overTime, train,
        log,
        findings, curve, others, rateTest, hairline, compare, sweep, sweeping, clips
    case data, enlarged, augmented, worst, confusion, boxes
    case graph, grouped, opened
    case empty, start
    case add, palette, recent, device, value, form, question, help, export, completing, files, settings

    var testDescription: String { rawValue }

    /// The network that is open.
    private var sample: String {
        switch self {
        case .rules: "broken-t40"
        case .grouped, .opened: "yolov5s-person"
        default: "network-t40"
        }
    }

    /// A folder that dialogs complete paths in.
    static let listing = FolderListing(
        folder: "data/",
        items: [
            .init(name: "cells", isFolder: true, bytes: nil),
            .init(name: "mine.magik", isFolder: true, bytes: nil),
            .init(name: "mnist", isFolder: true, bytes: nil),
            .init(name: "model.onnx", isFolder: false, bytes: 3_456_789),
            .init(name: "notes.txt", isFolder: false, bytes: 512),
        ])

    /// Leads a screen there.
    func driver(_ size: Size, _ appearance: Appearance) throws -> Driver {
        var document = try Samples.document(named: sample)
        if self == .preview {
            try document.apply(.set(layer: "conv9", field: "outChannels", to: .integer(80)))
        }
        var driver =
            self == .empty || self == .start
            ? Driver(.empty, name: "untitled", path: nil, size: size, appearance: appearance)
            : Driver(
                document, name: sample, size: size, appearance: appearance)
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        switch self {
        case .network: driver.press(.down, .down, .down)
        case .inspector: driver.press(.down, .down, .down, .tab, .down, .left, .left)
        case .marked:
            driver.press("/")
            driver.type("conv")
            driver.press(.enter, "*", "[", "[")
        case .filtered:
            driver.press("/")
            driver.type("pool")
            driver.press(.enter)
        case .rules: driver.press("2", .down)
        case .preview:
            driver.press("2", .tab)
            driver.state.rules.gains = [0: 0.14, 1: -1.26]
        case .ranges: driver.press("3", .down, .down)
        case .channels: driver.press("3", .down, .down, .tab, .tab, "p", "z")
        case .predicted: driver.press("3", .down, .down, .tab, .tab, .left, .left)
        case .overTime:
            driver.state.take(Synthetic.runs(of: driver.state), at: 0)
            driver.press("3", .down, .down, "p", "p")
        case .train, .hairline:
            driver.state.take(Synthetic.runs(of: driver.state), at: 0)
            driver.press("4", .down, .down)
            if self == .hairline { driver.press("i", .left, .left, "l") }
        case .log:
            driver.state.take(Synthetic.runs(of: driver.state), at: 0)
            driver.press("4", .backTab, .down)
        case .findings:
            driver.state.take(Synthetic.troubled(of: driver.state), at: 0)
            driver.press("4")
        case .curve:
            driver.state.take(Synthetic.runs(of: driver.state), at: 0)
            driver.press("4", "m")
        case .others:
            driver.state.take(Synthetic.overlaid(of: driver.state), at: 0)
            driver.press("4", "o")
        case .rateTest:
            driver.state.take(Synthetic.runs(of: driver.state), at: 0)
            driver.press("4", "L")
            driver.testRates()
        case .compare:
            driver.state.take(Synthetic.compared(of: driver.state), at: 0)
            driver.press("5", .down)
        case .sweep, .sweeping, .clips:
            driver.press("S")
            let setting: SweepRequest.Setting = self == .clips ? .clip : .bits
            if setting == .clip { driver.press(.tab) }
            let found = try Synthetic.sweep(
                of: driver.state, over: setting, looks: self == .sweeping ? 20 : nil)
            driver.state.take(.success(found), ofSweep: driver.state.sweep.number)
        case .data:
            driver.press("6")
            try driver.readPictures()
            driver.press(.right, .right)
        case .enlarged:
            driver.press("6", .down)
            try driver.readPictures()
            driver.press(.right, .enter)
            try driver.readPictures()
        case .worst, .confusion:
            driver = try Driver.answering("glyphs,limit=100", size: size, appearance: appearance)
            driver.answer(0..<100)
            driver.press(self == .worst ? "w" : "m", .down)
            try driver.readPictures()
        case .boxes:
            // A detector of cells, asked about three kinds of glyphs.
            let text = try Samples.document(named: "celldet").text
                .replacing("RBC", with: "disc").replacing("WBC", with: "ring")
                .replacing("Platelets", with: "square")
            driver = Driver(try Document(bytes: text.utf8), size: size, appearance: appearance)
            driver.command("data scenes")
            try driver.readPictures()
            driver.press(.enter)
            try driver.readPictures()
        case .augmented:
            driver.command("data glyphs,augment=flip+crop")
            try driver.readPictures()
            driver.press("a", "a", "c")
            driver.type("ring")
            driver.press(.enter)
            try driver.readPictures()
        case .graph: driver.press(.down, .down, .down, .down, "v")
        case .grouped, .opened:
            driver.press("2")
            if self == .opened { driver.press(" ", .down, .down) }
        case .empty: break
        case .start: driver.state.openStart()
        case .add: driver.press("a", .down, .down)
        case .palette:
            driver.press(":")
            driver.type("qu")
        case .recent:
            driver.command("rename")
            driver.press(.escape)
            driver.command("note")
            driver.press(.escape, ":")
        case .completing, .files:
            driver.command("save-as")
            driver.press(.control("u"))
            driver.type("data/")
            driver.press(self == .files ? .control("o") : .tab)
            driver.state.take(Scene.listing)
            if self == .completing {
                driver.press(.tab)
                driver.state.take(Scene.listing)
            }
        case .settings: driver.command("settings")
        case .device: driver.press("2", "t", .down, .down)
        case .value:
            driver.press(.down, .down, .down)
            driver.state.inspector.field = "clip"
            driver.press(.enter, .control("u"))
            driver.type("-1")
        case .form: driver.press("4", "n", .down, .right)
        case .question: driver.press(.down, .down, .down, "[", "q")
        case .help: driver.press("?")
        case .export: driver.press("E")
        }
        driver.tryAdvice()
        return driver
    }
}

@Suite("Pictures of every view and state", .limited)
struct GoldenFrameTests {
    private static let sizes: [(String, Size)] = [
        ("120x36", .wide), ("80x24", .standard), ("60x16", .least),
    ]

    @Test("each state looks as it did", arguments: Scene.allCases)
    func frames(scene: Scene) throws {
        for (name, size) in Self.sizes {
            let driver = try scene.driver(size, Appearance())
            // All sizes are compared, so that one run writes them all.
            do {
                try expectGolden(driver.screen + "\n", "frames/\(scene)-\(name).txt")
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test(
        "the main views look as they did in blocks and in ASCII",
        arguments: [
            Scene.network, .rules, .ranges, .train, .compare, .data, .enlarged, .confusion, .boxes, .graph,
            .opened,
        ])
    func glyphs(scene: Scene) throws {
        for kind in [Glyphs.Kind.block, .ascii] {
            let driver = try scene.driver(.standard, Appearance(glyphs: Glyphs(kind)))
            try expectGolden(driver.screen + "\n", "frames/\(scene)-80x24-\(kind).txt")
            if kind == .ascii { #expect(driver.screen.utf8.allSatisfy { $0 < 0x80 }) }
        }
    }

    @Test(
        "the main views are coloured as they were",
        arguments: [Scene.network, .rules, .ranges, .train, .compare])
    func styles(scene: Scene) throws {
        let driver = try scene.driver(.wide, Appearance())
        try expectGolden(driver.state.picture.frame.styleMap + "\n", "frames/\(scene)-styles.txt")
    }

    @Test(
        "a screen of 200x60 has more in its lists",
        arguments: [Scene.network, .ranges, .rules, .train, .graph, .help])
    func large(scene: Scene) throws {
        let driver = try scene.driver(Size(rows: 60, columns: 200), Appearance())
        try expectGolden(driver.screen + "\n", "frames/\(scene)-200x60.txt")
    }

    @Test("pictures have the colours that they had")
    func pixels() throws {
        let driver = try Scene.data.driver(.standard, Appearance())
        try expectGolden(driver.state.picture.frame.pixelMap + "\n", "frames/data-pixels.txt")
    }

    @Test("as text every view is sentences")
    func plain() throws {
        var driver = try Scene.network.driver(.wide, .plain)
        driver.state.take(Synthetic.runs(of: driver.state), at: 0)
        try expectGolden(driver.state.plainText, "frames/plain.txt")
    }
}

@Suite("Any size", .limited)
struct LayoutTests {
    @Test(
        "every view fits every size, with the cursor inside and no click outside", arguments: Scene.allCases)
    func sizes(scene: Scene) throws {
        var driver = try scene.driver(.wide, Appearance())
        var random = SeededGenerator(seed: 11)
        for index in 0..<40 {
            let size =
                index < 6
                ? Size(rows: 14 + index, columns: 58 + index)
                : Size(rows: 1 + random.below(100), columns: 1 + random.below(300))
            driver.state.handle(.resize(size), at: 0, on: nil)
            let picture = driver.state.picture
            #expect(picture.frame.size == size)
            #expect(picture.frame.bounds.contains(picture.frame.cursor), "\(size)")
            for target in picture.targets {
                #expect(
                    target.rect.clipped(to: picture.frame.bounds) == target.rect && !target.rect.isEmpty,
                    "\(size) \(target.rect)")
            }
            let isSmall = size.rows < 16 || size.columns < 60
            if isSmall, size.columns >= 45 { #expect(driver.screen.contains("needs")) }
        }
    }
}
