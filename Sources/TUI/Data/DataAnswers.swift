import Datasets
import Graph
import Probing
import QAT

/// What a network said about the samples of a split so far.
struct DataAnswers: Sendable {
    /// The answers by sample.
    private(set) var samples: [Int: JudgedSample] = [:]
    /// Which class was answered by which, quantized; the last row and column are of what is no class of the data.
    private(set) var quantized: ConfusionMatrix
    /// The same in float.
    private(set) var float: ConfusionMatrix

    /// No answers, about so many classes.
    init(classes: Int) {
        quantized = ConfusionMatrix(classes: classes, hasBackground: true)
        float = quantized
    }

    /// Takes answers; one that was known already counts once.
    mutating func take(_ found: [JudgedSample]) {
        for sample in found where samples.updateValue(sample, forKey: sample.index) == nil {
            quantized.add(sample.quantized, truth: sample.truth)
            float.add(sample.float, truth: sample.truth)
        }
    }
}

extension ConfusionMatrix {
    /// Adds an answer; boxes count each, other answers than classes and boxes do not.
    mutating func add(_ answer: NetworkAnswer, truth: SampleAnswer) {
        switch answer.content {
        case .classes(let scores):
            guard let best = scores.first, (0..<Int32(classes)).contains(truth.label) else { return }
            add(truth: Int(truth.label), answer: min(classes, Int(best.label)))
        case .boxes(let boxes): add(boxes, truth: truth.boxes)
        case .pixels, .numbers: break
        }
    }

    /// The matrix of one answer.
    static func of(_ answer: NetworkAnswer, truth: SampleAnswer, classes: Int) -> ConfusionMatrix {
        var matrix = ConfusionMatrix(classes: classes, hasBackground: true)
        matrix.add(answer, truth: truth)
        return matrix
    }
}

/// Which samples are shown.
enum DataFilter: Hashable, Sendable {
    /// Those of a class.
    case label(Int32)
    /// Those that a network answered with a class where another is right, or with the right one.
    case cell(DataCell)
}

/// A cell of a confusion matrix.
struct DataCell: Hashable, Sendable {
    /// The right class.
    var truth = 0
    /// The answered class.
    var answer = 0
    /// Whether the float network answered.
    var isFloat = false

    /// Whether a sample is one of those that the cell counts.
    func holds(_ sample: JudgedSample, classes: Int) -> Bool {
        let answer = isFloat ? sample.float : sample.quantized
        return ConfusionMatrix.of(answer, truth: sample.truth, classes: classes)[truth, self.answer] > 0
    }
}

/// The order of the samples that are shown.
enum DataOrder: Hashable, Sendable {
    /// As the data set has them.
    case number
    /// The largest loss of the quantized network first.
    case worst
    /// Those first whose answer quantizing changed.
    case changed

    /// What it is called.
    var title: String {
        switch self {
        case .number: "by number"
        case .worst: "worst first"
        case .changed: "changed first"
        }
    }
}
