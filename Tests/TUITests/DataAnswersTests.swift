import Datasets
import Devices
import Editing
import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Probing
@testable import QAT
@testable import TUI
@testable import Terminal

extension Driver {
    /// A screen on view 6 with generated glyphs, whose network has weights.
    static func answering(
        _ data: String = "glyphs,limit=40", size: Size = .wide, appearance: Appearance = Appearance()
    ) throws -> Driver {
        var driver = try Driver(sample: "network-t40", size: size, appearance: appearance)
        driver.state.editor.setOrigin(
            WeightOrigin(driver.state.editor.document, weights: Safetensors()))
        driver.command("data \(data)")
        try driver.readPictures()
        return driver
    }

    /// Answers to samples: right, but for those whose number ends in 7 where they are quantized.
    mutating func answer(_ samples: some Sequence<Int>) {
        let found = samples.map { index in
            var truth = SampleAnswer()
            truth.label = Int32(index % 10)
            let isWrong = index % 10 == 7
            func said(_ label: Int32, _ loss: Double) -> NetworkAnswer {
                NetworkAnswer(
                    content: .classes([
                        .init(label: label, probability: 0.75),
                        .init(label: (label + 1) % 10, probability: 0.2),
                    ]), loss: loss)
            }
            return JudgedSample(
                index: index, truth: truth, float: said(truth.label, 0.1),
                quantized: said(
                    isWrong ? 3 : truth.label, isWrong ? 2 + Double(index) / 100 : Double(index) / 1000))
        }
        state.take(
            JudgeUpdate(number: state.data.generation, split: state.data.split, answers: .success(found)))
        effects += state.takeEffects()
    }

    /// The samples that the network was last to be asked about.
    var askedSamples: [Int]? {
        for case .judge(let samples, let ask) in effects.reversed() { return ask == nil ? nil : samples }
        return nil
    }
}

@Suite("What the network says in view 6", .limited)
struct DataAnswersTests {
    @Test("the network is asked about what is on the screen, and about all where an order needs it")
    func asks() throws {
        var driver = try Driver.answering("glyphs,limit=300")
        let page = driver.state.dataLayout.perPage
        #expect(driver.askedSamples == Array(0..<page))
        driver.answer(0..<page)
        driver.press("w")
        #expect(driver.askedSamples == Array(page..<300))
        #expect(driver.screen.contains("worst first"))
        #expect(driver.screen.contains("\(page) answered"))
        driver.press("1")
        #expect(driver.askedSamples == nil)
    }

    @Test("a network without weights has no answers, and keys say so")
    func noWeights() throws {
        var driver = try Driver(sample: "network-t40", size: .wide)
        driver.press("6")
        try driver.readPictures()
        for key in ["w", "x", "m"] as [Key] {
            driver.press(key)
            #expect(driver.screen.contains("the session has no weights that could answer"))
        }
        #expect(driver.askedSamples == nil)
    }

    @Test("worst first sorts what is known at once, and all once all is known; meanwhile nothing moves")
    func worst() throws {
        var driver = try Driver.answering()
        driver.answer(0..<20)
        driver.press("w")
        #expect(driver.state.data.shown?.prefix(3) == [17, 7, 19])
        #expect(driver.state.data.shown?.count == 40)
        let before = driver.state.data.shown
        driver.answer(20..<39)
        #expect(driver.state.data.shown == before)
        driver.answer([39])
        #expect(driver.state.data.shown?.prefix(5) == [37, 27, 17, 7, 39])
        #expect(driver.state.data.sample == 37)
        driver.press("w")
        #expect(driver.state.data.shown == nil)
    }

    @Test("those come first whose answer quantizing changed")
    func changed() throws {
        var driver = try Driver.answering()
        driver.answer(0..<40)
        driver.press("x")
        #expect(driver.state.data.shown?.prefix(4) == [37, 27, 17, 7])
        driver.press(.escape)
        #expect(driver.state.data.shown == nil && driver.state.data.order == .number)
    }

    @Test("a wrong answer stands below its picture, and beside it when it is large")
    func wrong() throws {
        var driver = try Driver.answering()
        driver.answer(0..<40)
        let names = try #require(driver.state.data.opened?.classNames)
        #expect(driver.screen.contains("✗ \(names[3])"))
        driver.command("number 7")
        driver.press(.enter)
        try driver.readPictures()
        for words in [
            "quantized \(names[3]) 75%", "float     \(names[7]) 75%", "quantizing changed the answer",
        ] {
            #expect(driver.screen.contains(words), "\(driver.screen)")
        }
    }

    @Test("the confusion's cells open their pictures, and Esc leads back")
    func confusion() throws {
        var driver = try Driver.answering()
        driver.answer(0..<40)
        let names = try #require(driver.state.data.opened?.classNames)
        driver.press("m")
        #expect(driver.screen.contains("confusion, quantized"))
        driver.press(.down, .down, .down, .down, .down, .down, .down, "n", "n", "n")
        #expect(driver.screen.contains("4 of 4 \(names[7]) answered as \(names[3])"))
        driver.press(.enter)
        #expect(driver.state.data.shown == [7, 17, 27, 37])
        #expect(driver.screen.contains("4 \(names[7]) as \(names[3])"))
        driver.press(.escape)
        #expect(driver.state.data.cell == DataCell(truth: 7, answer: 3))
        driver.press("m")
        #expect(driver.screen.contains("confusion, float"))
        driver.press(.enter)
        #expect(driver.screen.contains("no picture is in this cell"))
        driver.press(.escape)
        #expect(driver.state.data.cell == nil)
    }

    @Test("after an edit what the network said is forgotten")
    func edits() throws {
        var driver = try Driver.answering()
        driver.answer(0..<40)
        driver.press("w")
        let number = driver.state.data.generation
        driver.press("1", .down, .down, .down, "[")
        #expect(driver.state.data.answered == 0 && driver.state.data.generation > number)
        driver.press("6")
        #expect(driver.askedSamples?.isEmpty == false)
    }

    @Test("why there are no answers is said where they would stand")
    func fails() throws {
        var driver = try Driver.answering()
        driver.state.take(
            JudgeUpdate(
                number: driver.state.data.generation, split: .train,
                answers: .failure(JudgeFailure(description: "labels need one vector of scores"))))
        driver.press(.enter)
        try driver.readPictures()
        #expect(driver.screen.contains("labels need one vector of scores"))
    }
}
