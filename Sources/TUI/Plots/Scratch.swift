import Terminal
import Graph
import Devices
import QAT
import Workbench
struct Bar {
    let value: Double; let of: Double; init(value: Double, of: Double) { self.value = value; self.of = of }
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {}
}
struct Sparkline {
    init(_ c: [UInt32]) {}; func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {}
}
struct HistogramPlot {
    init(_ t: ProbedTensor, isLogarithmic: Bool, isDim: Bool) {};
    func draw(in rect: Rect, on canvas: inout Canvas) {}
}
struct ColumnBars {
    init(values: [Double?], selected: Int?) {}
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {}
    static func columns(of count: Int, in width: Int, showing: Int?) -> [Int] {
        Array(0..<min(count, width / 5))
    }
    static func drawLabels(_ names: [String], selected: Int?, in rect: Rect, on canvas: inout Canvas) {}
}
struct AxisRange: Sendable { init() {} }
enum Smoothing {
    static let weights = [0, 0.6, 0.9, 0.97, 0.99];
    static func smoothed(_ s: [Sample], _ w: Double) -> [Sample] { s }
}
struct LinePlot {
    enum X { case steps(ClosedRange<Double>, perEpoch: Double?) }
    struct Series {
        enum S { case line, dots, dashed }; init(_ s: [Sample], ink: Ink, style: S) {};
        init(_ s: [(Double, Double)], ink: Ink, style: S) {}
    }
    struct Event { init(x: Double, text: String) {} }
    init(x: X) {}
    var isLogarithmic = false; var axis = AxisRange(); var series: [Series] = []; var events: [Event] = [];
    var hairline: Double?
    func draw(in rect: Rect, on canvas: inout Canvas) {}
}
struct ProgressBar { init(_ f: Double) {}; func draw(in rect: Rect, on canvas: inout Canvas) {} }
struct HeatMap {
    init(
        labels: [String], rows: [[(Double, Double)]], xRange: ClosedRange<Double>, top: Double, selected: Int?
    ) {}
    func draw(in rect: Rect, on canvas: inout Canvas) {}
}
public struct RunsSnapshot: Sendable {
    var runs: [RunSummary] = []; var shown: RunSummary?; var detail: RunDetail?; var problem: String?
}
public struct RunSummary: Sendable, Hashable {
    var record: RunRecord;
    enum Activity { case running, paused, silent, stalled, finished, interrupted, failed }
    var activity: Activity; var fraction: Double?;
    var epochWords, stepWords, speedWords, leftWords, line: String
}
struct Sample: Sendable, Hashable { var x, y: Double }
struct RunDetail: Sendable {
    var lastStep: Int; var stepsPerEpoch: Double?; var losses: [Sample]; struct E { var x, loss: Double };
    var evaluations: [E]; var evaluatedSplit: String
    struct S { var x: Double; var title: String }; var stages: [S]; var rangedLayers: [String];
    func range(of: String) -> RangeSeries? { nil }
    struct L { var clock, text: String; var isProblem: Bool }; var log: [L];
    struct N { var name, now, best: String }; var numbers: [N]
}
struct RangeSeries {
    var minimum, maximum, mean, deviation, clip, clipRatio, upper, middle: [Sample]; var crossing: Double?
}
struct Remedy: Sendable {
    enum Kind: Sendable { case edit(Edit), device(Device), waive }; var kind: Kind; var title: String;
    struct Price { var parameters, multiplyAccumulates, weightBytes, errorsBefore, errorsAfter: Int };
    var price: Price?; var remark: String; var isSafe: Bool
}
struct PathStep { var layer, shape, role: String }
struct EditPreview {
    struct Line { var text: String; var isAdded: Bool }; var lines: [Line];
    func summary(_ arrow: String) -> String { "" }
}
extension Bench {
    func remedies(for: Finding) -> [Remedy] { [] }; func path(of: Finding) -> [PathStep] { [] };
    func preview(_ e: Edit) -> EditPreview? { nil }
    func safeFixes() -> Edit? { nil }; func passingRules(of: String?) -> [String] { [] }
}
extension Figures {
    static func short(_ n: Int) -> String { "\(n)" }; static func decibels(_ d: Double) -> String { "\(d)" };
    static func significant(_ d: Double) -> String { "\(d)" }
    static func percent(_ d: Double) -> String { "\(d)" };
    static func scientific(_ d: Double) -> String { "\(d)" };
    static func signed(_ d: Int) -> String { "\(d)" }
}
