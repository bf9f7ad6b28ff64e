import Editing
import Graph

/// What a batch takes in each of several modes.
struct ModeTimes<Mode: RawRepresentable<String>> {
    /// The medians in milliseconds, in the order of the modes.
    let milliseconds: [(mode: Mode, value: Double)]

    private func rate(_ milliseconds: Double, _ batch: Int) -> Double { Double(batch) * 1000 / milliseconds }

    /// A document's members: the batch, then time and rate of each mode; `unit` and `things` as parts of names ("Step",
    /// "Images").
    func members(_ batch: Int, per unit: String, of things: String) -> [JSON.Member] {
        [.init("batch", .integer(batch))]
            + milliseconds.flatMap { mode, value -> [JSON.Member] in
                [
                    .init("\(mode.rawValue)MillisecondsPer\(unit)", .number(value)),
                    .init("\(mode.rawValue)\(things)PerSecond", .number(rate(value, batch))),
                ]
            }
    }

    /// A line for each mode.
    func lines(_ batch: Int, per unit: String, of things: String) -> [String] {
        milliseconds.map { mode, value in
            mode.rawValue + String(repeating: " ", count: max(1, 12 - mode.rawValue.count))
                + "\(Figures.threeDigits(value)) ms a \(unit), \(Figures.threeDigits(rate(value, batch))) \(things)/s"
        }
    }
}
