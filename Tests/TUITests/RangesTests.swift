import Editing
import Graph
import QAT
import Sessions
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import Probing
@testable import Runs
@testable import TUI

/// View 3: what its keys change, and what it predicts until the probe has looked again.
@Suite("Ranges", .limited)
struct RangesTests {
    /// View 3 of network-t40 with conv0 selected.
    private static func driver() throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: .wide)
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        driver.state.list.selected = "conv0"
        driver.press("3")
        return driver
    }

    private static func quantization(_ driver: Driver) throws -> Quantization {
        try #require(driver.state.editor.network["conv0"]?.layer.settings.quantization)
    }

    @Test("left and right move the clip of results, and in the weights the factor; undo takes it back")
    func steps() throws {
        var driver = try Self.driver()
        let before = try Self.quantization(driver)
        driver.press(.left)
        #expect(try Self.quantization(driver).clip < before.clip)
        driver.press(.tab, .right)
        let after = try Self.quantization(driver)
        #expect(after.weightFactor > before.weightFactor && after.clip < before.clip)
        driver.press("u", "u")
        #expect(try Self.quantization(driver) == before)
    }

    @Test("data of a run that cannot be read is told above what stands out")
    func unreadData() throws {
        var driver = try Self.driver()
        #expect(!driver.screen.contains("cannot be read"))
        var report = Synthetic.probe(of: driver.state)
        report.dataFailure = "mnist:gone: no such folder"
        driver.state.take(report, isNewest: true, at: 0)
        #expect(driver.screen.contains("the data of the run cannot be read, generated data stands in"))
        #expect(driver.screen.contains("mnist:gone"))
    }

    @Test("over time, weights that change their codes have a plot of their own, where that is known")
    func flips() throws {
        var driver = try Self.driver()
        var snapshot = Synthetic.runs(of: driver.state)
        driver.state.take(snapshot, at: 0)
        driver.press("p", "p")
        #expect(driver.screen.contains("RANGE") && !driver.screen.contains("FLIPS"))
        snapshot.detail?.ranges["conv0"]?.flips = [200, 400, 600].map { CurvePoint(x: $0, y: 25 / $0) }
        driver.state.take(snapshot, at: 1)
        #expect(driver.screen.contains("FLIPS") && driver.screen.contains("4.2% of codes changed"))
    }

    @Test("a layer without a clip of its own says so, and nothing is changed")
    func refuses() throws {
        var driver = try Self.driver()
        driver.state.list.selected = "unpool"
        let before = driver.state.editor.document
        // The synthetic look shows no pool: the keys go to the first layer that has values.
        driver.press(.right)
        #expect(
            driver.state.editor.network == before.network || driver.state.list.selected != "unpool")
        driver.state.list.selected = "shortcut"
        driver.press(.tab, .right)
        #expect(driver.screen.contains("shortcut has no weights of its own"))
        #expect(driver.state.editor.network["shortcut"] == before.network["shortcut"])
    }

    @Test("brackets change the bits of what is focused")
    func bits() throws {
        var driver = try Self.driver()
        driver.press(.tab, "[")
        #expect(try Self.quantization(driver).weightBits < 8)
        driver.press("u", .tab, "[")
        let after = try Self.quantization(driver)
        #expect(after.weightBits == 8 && after.outputBits ?? 8 < 8)
    }

    @Test("until the probe answers, plot and numbers are predicted for the new clip and say so")
    func predicts() throws {
        var driver = try Self.driver()
        #expect(driver.screen.contains("SQNR"))
        #expect(!driver.screen.contains("about SQNR"))
        driver.press(.left, .left)
        let clip = try Self.quantization(driver).clip
        let screen = driver.screen
        #expect(screen.contains("about SQNR") && screen.contains("clip \(clip)"))
        let feature = try #require(driver.state.shownPart(of: "conv0")?.feature)
        let expected = try #require(feature.whatIf(clip: clip, bits: 8))
        #expect(screen.contains("saturated \(Figures.percent(expected.clipRatio))%"))
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        #expect(!driver.screen.contains("about SQNR"))
    }

    @Test(
        "Enter takes the clip that is proposed, which is the best of those predicted; there is none while it is measured"
    )
    func suggests() throws {
        var document = try Samples.document(named: "network-t40")
        try document.apply(.set(layer: "conv0", field: "clip", to: .number(60)))
        var driver = Driver(document, name: "wide", size: .wide)
        driver.state.list.selected = "conv0"
        driver.press("3")
        driver.state.take(Synthetic.probe(of: driver.state, reach: 6.6), isNewest: true, at: 0)
        #expect(driver.state.suggestion(for: "conv0") == nil)
        driver.press(.enter)
        #expect(driver.screen.contains("advice is being tried on the whole network"))
        driver.tryAdvice()
        let suggestion = try #require(driver.state.suggestion(for: "conv0"))
        #expect(suggestion.clip < 10 && suggestion.gain > 6)
        #expect(driver.screen.contains("would give about"))
        driver.press(.enter)
        #expect(try Self.quantization(driver).clip == suggestion.clip)
        #expect(
            driver.state.suggestion(for: "conv0") == nil && !driver.screen.contains("would give about"))
        driver.press("u")
        #expect(try Self.quantization(driver).clip == 60)
    }

    @Test("more samples are asked of the probe, within limits")
    func samples() throws {
        var driver = try Self.driver()
        driver.press("R")
        #expect(driver.state.probe.samples == 128 && driver.state.probe.isStale)
        #expect(driver.effects.contains { if case .probe = $0 { true } else { false } })
        driver.command("samples 100000")
        #expect(driver.state.probe.samples == 128 && driver.screen.contains("1 to 2,048 samples"))
    }

    @Test("by channel, the farthest and the dead ones are named")
    func channels() throws {
        var driver = try Self.driver()
        driver.press("p")
        #expect(driver.screen.contains("48 channels") && driver.screen.contains("1 dead: 11"))
    }

    @Test(
        "what stands out is said, found with n, and undone by Enter; until it is measured anew nothing is said"
    )
    func standsOut() throws {
        var driver = try Self.driver()
        let wide = Edit.set(layer: "conv5", field: "clip", to: .number(3))
        driver.state.take([
            Diagnosis(layer: "conv5", kind: .clipped, sentence: "9 % lie beyond", number: 0.09, edit: wide)
        ])
        #expect(!driver.screen.contains("9 % lie beyond"))
        driver.press("n", .down, "n")
        #expect(driver.screen.contains("goes to the next that stands out once advice is tried"))
        // What was pressed is done as soon as it can be.
        driver.tryAdvice()
        #expect(driver.state.list.selected == "conv5" && driver.screen.contains("! 9 % lie beyond"))
        #expect(!driver.screen.contains("goes to the next"))
        driver.press(.enter)
        #expect(driver.state.editor.network["conv5"]?.layer.settings.quantization?.clip == 3)
        #expect(!driver.screen.contains("9 % lie beyond"))
        driver.press("u", "n")
        #expect(driver.screen.contains("once the layers are measured"))
        // Another key takes it back.
        driver.press(.up)
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        let selected = driver.state.list.selected
        driver.state.take([Diagnosis(layer: "conv5", kind: .clipped, sentence: "x", number: 0.09, edit: wide)]
        )
        driver.tryAdvice()
        #expect(driver.state.list.selected == selected)
    }

    @Test("advice that makes the network's results worse is not given, nor is what a waiver accepts")
    func harmful() throws {
        var driver = try Self.driver()
        let before = Synthetic.probe(of: driver.state)
        var worse = before
        for index in worse.parts.indices { worse.parts[index].feature?.match?.noise *= 2 }
        driver.state.list.selected = "conv1"
        driver.press("3")
        driver.tryAdvice(worse)
        #expect(driver.state.suggestion(for: "conv1") == nil)
        driver.press(.enter)
        #expect(driver.screen.contains("a clip that is better for the layer is worse for the network"))
        let advice = [
            Diagnosis(
                layer: "conv5", kind: .clipped, sentence: "9 % lie beyond", number: 0.09,
                edit: .set(layer: "conv5", field: "clip", to: .number(3))),
            Diagnosis(layer: "bn1", kind: .lostNegatives, sentence: "they become 0", number: 0.5),
        ]
        driver.state.take(advice)
        driver.tryAdvice(worse)
        driver.press("n")
        #expect(driver.screen.contains("no layer stands out"))
        driver.state.take(advice)
        driver.tryAdvice()
        driver.press("n")
        #expect(driver.state.list.selected == "conv5")
    }

    @Test("at 80x24 there is a list of layers too, with a sign at those that stand out")
    func narrow() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.state.take(Synthetic.probe(of: driver.state), isNewest: true, at: 0)
        driver.state.take([
            Diagnosis(layer: "conv3", kind: .deadChannels, sentence: "a dead one", number: 1)
        ])
        driver.press("3", "n")
        #expect(driver.screen.contains("▌!conv3") && driver.screen.contains("  conv4"))
        #expect(driver.screen.contains("ACTIVATIONS") && driver.screen.contains("WEIGHTS"))
    }

    @Test("Esc takes filter and marks off at once")
    func clearsMarks() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("/")
        driver.type("conv")
        driver.press(.enter, "*")
        #expect(driver.state.list.marked.count == 11)
        driver.press(.escape)
        #expect(driver.state.list.marked.isEmpty && driver.state.list.filter.isEmpty)
    }
}
