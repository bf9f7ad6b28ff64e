import Editing
import Graph
import QAT
public import Runs
import Terminal

/// A range test of learning rates: its steps, and what it proposes.
struct RangeTestState: Sendable {
    /// The steps so far.
    var test = RateRangeTest()
    /// The proposed rate; nil before the end, and where there is none.
    var proposal: Double?
    /// What the test says; nil before the end.
    var sentence: String?
    /// Why it cannot be made.
    var problem: String?
    /// Whether it is under way.
    var isRunning = false
    /// The number of the newest test: answers to others are late.
    var number = 0
    /// The options of the run that the rates are for.
    var settings: [String: String] = [:]
}

/// The loss over the rates; Enter takes the proposal into the form of a new run.
struct RangeTestPopup: Popup {
    let scope = Scope.rangeTest
    let keys: [KeyLabel] = [.enter("take the rate"), .escape("close")]

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        screen.drawRangeTest(in: frame(in: body, rows: 22, columns: 100), on: &canvas)
    }

    func heading(on screen: ScreenState) -> String {
        "range test of learning rates for \(screen.editor.name)"
            + (screen.rangeTest.isRunning ? ", under way" : "")
    }

    func lines(on screen: ScreenState) -> [String] {
        let test = screen.rangeTest
        if test.isRunning { return [screen.rangeTestWords] }
        let losses = test.test.smoothed
        let count = min(10, losses.count)
        let places = (0..<count).map { $0 * (losses.count - 1) / max(1, count - 1) }
        let points = places.map { place in
            "rate \(Figures.scientific(test.test.points[place].rate)) loss \(Figures.significant(losses[place]))"
        }
        return (points.isEmpty ? [] : [points.joined(separator: ", ")]) + [screen.rangeTestWords]
    }

    func row(on screen: ScreenState) -> [String] { [screen.rangeTestWords] }

    func progress(on screen: ScreenState) -> String? {
        screen.rangeTest.isRunning ? screen.rangeTestWords : nil
    }

    func open(on screen: inout ScreenState) { screen.takeProposedRate() }

    func goBack(on screen: inout ScreenState) -> Bool {
        screen.stopRangeTest()
        return false
    }
}

extension Command {
    static let rangeTesting: [Command] = [
        Command(
            "stop-range-test", ["x"], in: .rangeTest, "stops the range test; nothing is changed",
            hint: "stop",
            unless: { $0.rangeTest.isRunning ? nil : "nothing is under way" }
        ) { $0.stopRangeTest() }
    ]
}

extension ScreenState {
    var whyNoRangeTest: String? {
        if let reason = whyNoNewRun { return reason }
        return editor.path == nil ? "the test needs a session on disk: \(key("w")) saves this network" : nil
    }

    /// Starts a range test with the settings of the last run, of the network as it is saved; saves it first where it has changed.
    mutating func startRangeTest() {
        if let reason = whyNoRangeTest { return refuse(reason) }
        var form = OptionForm.run(training.settings, generated: generatedData, data: usualData)
        // The test finds the rate, and a run has its own number of steps.
        for index in form.settings.indices where ScreenState.untested.contains(form.settings[index].option) {
            form.settings[index].value = ""
        }
        rangeTest = RangeTestState(
            isRunning: true, number: rangeTest.number + 1, settings: training.settings)
        popups.append(RangeTestPopup())
        let test = AfterSave.testRates(form.arguments, number: rangeTest.number)
        guard !editor.history.isChanged else { return save(then: test) }
        effects.append(.testRates(form.arguments, number: rangeTest.number))
    }

    private static let untested: Set<String> = [
        "--learning-rate", "--steps", "--epochs", "--engine", "--processes",
    ]

    mutating func stopRangeTest() {
        guard rangeTest.isRunning else { return }
        rangeTest.isRunning = false
        rangeTest.problem = "stopped; nothing was changed"
        effects.append(.stopRangeTest)
    }

    /// What has come of the range test of a number.
    public mutating func take(_ update: RangeTestProcess.Update, ofRangeTest number: Int) {
        guard number == rangeTest.number, rangeTest.isRunning else { return }
        switch update {
        case .step(let point): rangeTest.test.points.append(point)
        case .ended(let proposal, let sentence):
            rangeTest.proposal = proposal
            rangeTest.sentence = sentence
            rangeTest.isRunning = false
        case .failed(let problem):
            rangeTest.problem = problem
            rangeTest.isRunning = false
        }
    }

    /// Opens the form of a new run with the proposed rate, and the optimizer that it was found with.
    mutating func takeProposedRate() {
        guard let rate = rangeTest.proposal else {
            return refuse(
                rangeTest.isRunning ? "the test is not done yet" : rangeTest.problem ?? "no rate is proposed")
        }
        popups.removeAll { $0 is RangeTestPopup }
        let optimizer = rangeTest.settings["--optimizer"] ?? automaticOptimizer
        openRunForm(
            ["--learning-rate": "\(rate)", "--optimizer": optimizer], selecting: "--learning-rate")
    }

    func drawRangeTest(in rect: Rect, on canvas: inout Canvas) {
        var inside = canvas.box(rect, title: "range test of learning rates for \(editor.name)")
        let foot = inside.takeBottom(1)
        let test = rangeTest.test
        drawTitle(
            [("LOSS", .dim), ("a step each", Style(.guide)), ("mean of 7", Style(.seriesA))],
            right: "", in: inside.takeTop(1), false, on: &canvas)
        let bounds = RateRangeTest.Bounds()
        var plot = LinePlot(
            x: .logarithms(of: bounds.low...bounds.high, caption: "learning rate"))
        func curve(_ losses: [Double], _ ink: Ink) -> LinePlot.Series {
            .init(
                zip(test.points, losses).map { CurvePoint(x: Logarithm.ten($0.rate), y: $1) }, ink: ink,
                style: .line)
        }
        // The loss of the last steps, which fall apart, would hide all that comes before.
        let most = 1.5 * (test.points.prefix(10).map(\.loss).max() ?? 1)
        plot.series = [
            curve(test.points.map { min($0.loss, most) }, .guide),
            curve(test.smoothed.map { min($0, most) }, .seriesA),
        ]
        if let rate = rangeTest.proposal {
            plot.events = [.init(x: Logarithm.ten(rate), text: "\(rate)")]
        }
        plot.draw(in: inside, on: &canvas)
        let style: Style =
            rangeTest.problem != nil ? .error : rangeTest.sentence != nil ? .strong : .accent
        canvas.frame.put(
            rangeTestWords.printable.clipped(to: foot.columns), foot.row, foot.column, style,
            end: foot.endColumn)
    }

    /// What came of the range test, or how far it is.
    fileprivate var rangeTestWords: String {
        if let problem = rangeTest.problem { return problem }
        if let sentence = rangeTest.sentence {
            return sentence + (rangeTest.proposal == nil ? "" : "; \(key("open-row")) takes it")
        }
        let points = rangeTest.test.points
        let rate = points.last.map { ", rate \(Figures.scientific($0.rate))" } ?? ""
        return "step \(points.count) of \(RateRangeTest.Bounds().steps)\(rate)"
    }
}
