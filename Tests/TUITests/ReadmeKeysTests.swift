import Devices
import Editing
import Foundation
import Graph
import Probing
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

/// The numbered lists of README are pressed on the screen, and what their sentences say is looked for.
///
/// Each item is here under its number with the keys that its text has; another text has other keys, and fails.
@Suite("The keys of README", .limited(minutes: 30))
struct ReadmeKeysTests {
    /// The items of a list of README, each on one line.
    static func items(of heading: String) throws -> [String] {
        let text = try Fixtures.text("README.md")
        let parts = text.components(separatedBy: "\n## ")
        let part = try #require(parts.first { $0.hasPrefix(heading) })
        var items: [String] = []
        for line in part.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.first?.isNumber == true, let point = line.firstIndex(of: ".") {
                items.append(String(line[line.index(point, offsetBy: 2)...]))
            } else if line.hasPrefix("   "), !items.isEmpty {
                items[items.count - 1] += " " + line.drop { $0 == " " }
            }
        }
        return items
    }

    /// The words in code of an item: keys, and names.
    static func keys(_ item: String) -> [String] {
        item.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// Looks at the network as the program does, and tries what is advised.
    static func look(_ driver: inout Driver, with probe: Probe, samples: Int = 32) throws {
        func report(_ document: Document) throws -> ProbeReport {
            var request = ProbeRequest(document.network, on: document.device.family)
            request.batch = samples
            return try #require(probe.report(request))
        }
        let editor = driver.state.editor
        let seen = try report(editor.document)
        driver.state.take(seen, isNewest: true, at: driver.time)
        driver.state.take(Inspection(seen, of: editor.analysis, on: editor.device).diagnoses)
        while let next = driver.state.untriedAdvice {
            driver.state.take(try report(next.document), of: next.trial)
        }
    }

    static func bits(_ driver: Driver, _ layer: String) -> Int? {
        driver.state.editor.network[layer]?.layer.settings.quantization?.weightBits
    }

    private static func clip(_ driver: Driver, _ layer: String) -> Double? {
        driver.state.editor.network[layer]?.layer.settings.quantization?.clip
    }

    @Test("the first screen is what opens, measured")
    func firstScreen() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press(.down, .down, .down)
        try Self.look(&driver, with: Probe())
        let readme = try Fixtures.text("README.md")
        // A picture that is added needs its state here.
        let pictures = readme.components(separatedBy: "```text\n").dropFirst().count {
            $0.prefix(upTo: $0.range(of: "\n```")?.lowerBound ?? $0.endIndex).contains("─")
        }
        #expect(pictures == 1)
        #expect(!readme.components(separatedBy: "```text\n")[0].contains("─"))
        let start = try #require(readme.range(of: "```text\n"))
        let end = try #require(readme.range(of: "\n```", range: start.upperBound..<readme.endIndex))
        let shown = readme[start.upperBound..<end.lowerBound].split(
            separator: "\n", omittingEmptySubsequences: false)
        let drawn = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(shown.count == drawn.count)
        for (expected, found) in zip(shown, drawn) {
            #expect(Self.areClose(String(expected), String(found)), "shown:\n\(expected)\ndrawn:\n\(found)")
        }
    }

    /// Whether two lines of a screen are the same but for numbers within 3 % and bars within two eighths of a cell: sums
    /// in another order give other last digits on another processor.
    private static func areClose(_ one: String, _ other: String) -> Bool {
        func parts(_ line: String) -> (words: String, numbers: [Double], heights: [Int]) {
            var (words, numbers, heights, digits) = ("", [Double](), [Int](), "")
            for letter in line + " " {
                if letter.isNumber || letter == "." && !digits.isEmpty {
                    digits.append(letter)
                    continue
                }
                if let number = Double(digits) { numbers.append(number) }
                words += digits.isEmpty ? "" : "#"
                digits = ""
                let height =
                    Array(" ▁▂▃▄▅▆▇█").firstIndex(of: letter) ?? Array(" ▏▎▍▌▋▊▉█").firstIndex(of: letter)
                if let height { heights.append(height) } else { words.append(letter) }
            }
            return (words, numbers, heights)
        }
        let (first, second) = (parts(one), parts(other))
        return first.words == second.words && first.heights.count == second.heights.count
            && zip(first.numbers, second.numbers).allSatisfy { abs($0 - $1) <= 0.03 * abs($0) }
            && zip(first.heights, second.heights).allSatisfy { abs($0 - $1) <= 2 }
    }

    @Test("five minutes: marks, chips, fixes, layers, runs")
    func fiveMinutes() throws {
        let items = try Self.items(of: "Five minutes")
        try #require(items.count == 6)
        #expect(Self.keys(items[0]) == ["magikbench", "network-t40", "?", ":"])
        var driver = try Driver(sample: "network-t40")
        driver.press("?")
        #expect(driver.screen.contains("mark"))
        driver.press(.escape, ":")
        #expect(driver.state.popups.count == 1)
        driver.press(.escape)

        #expect(Self.keys(items[1]) == ["↓", "conv0", "[", "[", "u"] && items[1].contains("16 levels"))
        while driver.state.list.selected != "conv0" { driver.press(.down) }
        driver.press("[", "[")
        #expect(Self.bits(driver, "conv0") == 4)
        let probe = Probe()
        try Self.look(&driver, with: probe)
        #expect(driver.screen.contains("of 16 levels") && driver.screen.contains("SQNR"))
        driver.press("u", "u")
        #expect(Self.bits(driver, "conv0") == 8)

        #expect(Self.keys(items[2]) == ["/", "conv", "Enter", "*", "Esc"])
        driver.press("/")
        driver.type("conv")
        driver.press(.enter, "*", "[")
        let products = driver.state.editor.network.nodes.filter { $0.kind == .conv2D }.map(\.name)
        #expect(products.count == 11 && products.allSatisfy { Self.bits(driver, $0) == 6 })
        driver.press(.escape)
        #expect(driver.state.list.marked.isEmpty && driver.state.list.filter.isEmpty)
        driver.press("u")

        #expect(Self.keys(items[3]) == ["t", "Enter", "2", "Enter", "u", "w"])
        driver.press("t")
        var shown: Set<String> = []
        for _ in Device.allCases {
            shown.insert(driver.screen.split(separator: "\n").prefix(2).joined())
            driver.press(.down)
        }
        #expect(shown.count > 2, "the findings follow the cursor")
        driver.press(.escape)
        driver.command("target T02")
        driver.press("2")
        #expect(driver.state.editor.device == .t02 && driver.screen.contains("FIXES"))
        // The first finding that an edit settles: the fix is reached with Tab and the arrows.
        let isEdit = { (remedy: Remedy) in if case .edit = remedy.kind { true } else { false } }
        for _ in driver.state.shownFindings where !driver.state.rules.remedies.contains(where: isEdit) {
            driver.press(.down)
        }
        let chosen = try #require(driver.state.rules.remedies.firstIndex(where: isEdit))
        driver.press(.tab)
        for _ in 0..<chosen { driver.press(.down) }
        let network = driver.state.editor.network
        driver.press(.enter)
        #expect(driver.state.editor.network != network)
        driver.press("u")
        #expect(driver.state.editor.network == network)
        driver.press("w")
        driver.type("it does not matter here")
        driver.press(.enter)
        #expect(driver.state.editor.document.waivers.contains { $0.reason == "it does not matter here" })

        #expect(Self.keys(items[4]) == ["a", "d", "c", "r", "J", "K", "v"])
        driver = try Driver(sample: "network-t40")
        while driver.state.list.selected != "conv3" { driver.press(.down) }
        driver.press("a")
        driver.type("maxp")
        driver.press(.enter)
        #expect(driver.state.editor.network.nodes.count == network.nodes.count + 1)
        driver.press("d")
        #expect(driver.state.editor.network.nodes.count == network.nodes.count)
        driver.press("c")
        #expect(driver.state.editor.network.nodes.count == network.nodes.count + 1)
        let place = driver.state.editor.network.index(of: driver.state.list.selected ?? "")
        driver.press("K")
        #expect(
            driver.state.editor.network.index(of: driver.state.list.selected ?? "")
                == place.map { $0 - 1 })
        driver.press("J", "r")
        #expect(driver.state.editor.network.index(of: driver.state.list.selected ?? "") == place)
        #expect(driver.state.popups.count == 1)
        driver.press(.escape, "v")
        #expect(driver.state.pane.scope == .boxes)
        driver.press("v")

        #expect(Self.keys(items[5]) == ["Ctrl-S", "4", "n", "s", "q", "p", "x"])
        driver.press(.control("s"))
        #expect(driver.effects.contains { if case .save = $0 { true } else { false } })
        driver = try Driver(sample: "network-t40")
        driver.press("4", "n", "s")
        #expect(driver.effects.contains { if case .launch = $0 { true } else { false } })
        driver.press("q")
        #expect(driver.effects.contains { if case .leave = $0 { true } else { false } })
    }

    @Test("which layer broke it: n leads to the two layers, and their advice repairs them")
    func broken() throws {
        let items = try Self.items(of: "Which layer broke it")
        try #require(items.count == 6)
        var document = try Samples.document(named: "network-t40")
        try document.apply(.set(layer: "conv3", field: "clip", to: .number(0.5)))
        try document.apply(.set(layer: "conv6", field: "clip", to: .number(60)))
        var driver = Driver(document, name: "broken")
        let probe = Probe()

        #expect(Self.keys(items[0]) == ["3", "!", "n", "conv3", "Enter", "u"])
        driver.press("3")
        try Self.look(&driver, with: probe)
        #expect(driver.screen.contains("!conv3") && driver.screen.contains("!conv6"))
        var stops: [String] = []
        for _ in 0..<3 {
            driver.press("n")
            stops.append(driver.state.list.selected ?? "")
        }
        #expect(stops == ["conv3", "conv6", "conv3"])
        #expect(
            driver.screen.contains("% of its results lie beyond clip 0.5")
                && driver.screen.contains("try clip"))

        #expect(Self.keys(items[1]) == ["▒", "╵", "←", "→", "Tab"])
        #expect(driver.screen.contains("▒") && driver.screen.contains("lost to the clip"))
        driver.press(.right)
        #expect(Self.clip(driver, "conv3") ?? 0 > 0.5 && driver.screen.contains("about SQNR"))
        driver.press("u", .tab, .right)
        let quantization = driver.state.editor.network["conv3"]?.layer.settings.quantization
        #expect(quantization?.clip == 0.5 && quantization?.weightFactor ?? 0 > 3)
        driver.press("u", .tab, .tab)
        try Self.look(&driver, with: probe)

        #expect(Self.keys(items[2]).isEmpty && items[2].hasPrefix("\"against the float network\""))
        #expect(driver.screen.contains("against the float network: ") && driver.screen.contains("SQNR 3."))
        let broken = try #require(
            driver.state.probe.report?.outputSQNR(of: driver.state.editor.network))
        driver.press(.enter)
        #expect(Self.clip(driver, "conv3") ?? 0 > 4)
        try Self.look(&driver, with: probe)
        driver.press("n")
        #expect(driver.state.list.selected == "conv6")
        driver.press(.enter)
        #expect(Self.clip(driver, "conv6") ?? 60 < 10)
        try Self.look(&driver, with: probe)
        let repaired = try #require(
            driver.state.probe.report?.outputSQNR(of: driver.state.editor.network))
        #expect(repaired > broken)
        driver.press("n")
        #expect(driver.screen.contains("no layer stands out"))
        driver.press("u", "u")
        #expect(Self.clip(driver, "conv3") == 0.5 && Self.clip(driver, "conv6") == 60)

        #expect(Self.keys(items[3]) == ["p", "✗"])
        driver.press("p")
        #expect(
            driver.screen.contains("channels")
                && driver.screen.contains("median of largest values"))
        driver.press("p")
        #expect(driver.screen.contains("no run of the session has been recorded"))
        driver.press("p")

        #expect(Self.keys(items[4]) == ["5", "Enter"])
        driver.state.take(Synthetic.compared(of: driver.state), at: driver.time)
        driver.press("5")
        #expect(driver.screen.contains("SQNR"))
        let trained = driver.state.editor.network
        driver.press("1", "[")
        #expect(driver.state.editor.network != trained)
        driver.press("5", .enter)
        #expect(driver.state.editor.network == trained)

        #expect(Self.keys(items[5]) == ["S", "Tab", "Enter"])
        for view in ["1", "3"] {
            driver = Driver(document, name: "broken")
            driver.press(.character(Character(view)), "S")
            #expect(driver.effects.contains { if case .sweep(.bits, _) = $0 { true } else { false } })
            driver.press(.tab)
            #expect(driver.effects.contains { if case .sweep(.clip, _) = $0 { true } else { false } })
        }
    }
}
