import Graph
package import QAT
package import Runs

/// A part of a report under its title.
package struct ReportSection: Sendable {
    /// The name of the place in the page, for links: letters and digits only.
    package let id: String
    /// The title.
    package let title: String
    /// What is in it, from top to bottom.
    package let blocks: [ReportBlock]
}

/// Something that a report shows; each writer decides how.
package enum ReportBlock: Sendable {
    /// A title inside a section.
    case heading(String)
    /// Sentences.
    case text(String)
    /// A remark on what stands beside it, or on what is missing.
    case remark(String)
    /// How a picture or a bar is read; for writers that draw them.
    case legend(String)
    /// Numbers with their names.
    case facts([ReportFact])
    /// Rows and columns.
    case table(ReportTable)
    /// What rules found, each with its layers.
    case findings([ReportedFinding])
    /// Noise and bytes of layers.
    case bits([ReportedBits])
    /// How the values of layers are spread.
    case histograms([ReportedHistograms])
    /// Pictures of curves over steps or epochs.
    case curves([ReportedCurves])
    /// Which class was answered by which.
    case confusion(ReportedConfusion)
    /// Samples with their answers.
    case pictures([ReportedPicture])
    /// Lines that are typed into a shell.
    case commands([String])
}

/// A number with its name.
package struct ReportFact: Hashable, Sendable {
    /// What it is of: "parameters".
    package let title: String
    /// The number: "1.85M".
    package let value: String
    /// The unit, or nothing.
    package var unit = ""
    /// A remark, or nothing.
    package var remark = ""
}

/// Rows and columns of text and numbers.
package struct ReportTable: Hashable, Sendable {
    /// A column.
    package struct Column: Hashable, Sendable {
        /// The title.
        package let title: String
        /// Whether it holds numbers, which stand at the right.
        package let isNumber: Bool
        /// What the title stands for; empty where it says so itself.
        package let help: String

        /// A column of texts.
        package static func text(_ title: String) -> Column {
            Column(title: title, isNumber: false, help: "")
        }

        /// A column of numbers.
        package static func number(_ title: String, _ help: String = "") -> Column {
            Column(title: title, isNumber: true, help: help)
        }
    }

    /// A cell.
    package struct Cell: Hashable, Sendable {
        /// What stands in it.
        package let text: String
        /// The length of a bar under the text, 0 ... 1; nil for none.
        package var bar: Double?
        /// Whether it stands out.
        package var isMarked = false

        /// A text, with a bar where there is a share.
        package init(_ text: String, bar: Double? = nil, isMarked: Bool = false) {
            self.text = text
            self.bar = bar
            self.isMarked = isMarked
        }
    }

    /// The columns, from the left.
    package var columns: [Column]
    /// The rows, each with as many cells as there are columns.
    package var rows: [[Cell]]
    /// The last row, which sums the others up; empty for none.
    package var total: [Cell] = []
}

/// Layers that break one rule in the same way.
package struct ReportedFinding: Hashable, Sendable {
    /// How bad it is: "error", "warning", "advice".
    package let severity: String
    /// What the layers have instead.
    package let actual: String
    /// What the rule asks for.
    package let message: String
    /// The layers; none where it is about the network.
    package let layers: [String]
    /// The rule and where it stands.
    package let source: String
    /// What would settle it; nil where only a person knows.
    package let fix: String?
    /// Why the user accepts it; nil where it is not accepted.
    package let waived: String?
}

/// The noise and the bytes of a layer.
package struct ReportedBits: Hashable, Sendable {
    /// The layer's number in the table of layers, from 1.
    package let number: Int
    /// The layer.
    package let layer: String
    /// Noise in % of the signal; nil where it was not measured.
    package let noise: Double?
    /// Bytes of its parameters.
    package let bytes: Int
}

/// How the values of a layer are spread.
package struct ReportedHistograms: Hashable, Sendable {
    /// One histogram.
    package struct Picture: Hashable, Sendable {
        /// "weights, 4 bit".
        package let title: String
        /// The values.
        package let histogram: TensorHistogram
        /// Whether heights are logarithms.
        package let isLogarithmic: Bool
        /// Whether values beyond the range are lost; of several scales some channels reach further than the range that is drawn.
        package let hasLosses: Bool
        /// The numbers below it.
        package let numbers: String
    }

    /// The layer's number in the table of layers, from 1.
    package let number: Int
    /// The layer.
    package let layer: String
    /// Its operator.
    package let label: String
    /// Weights, results, or both.
    package let pictures: [Picture]
}

/// Curves over steps or epochs.
package struct ReportedCurves: Hashable, Sendable {
    /// One curve.
    package struct Curve: Hashable, Sendable {
        /// What stands at its end.
        package let label: String
        /// What it is of.
        package let title: String
        /// The points, in order; those that are no number are left out.
        package let points: [CurvePoint]
        /// Whether each point is a measurement with a dot.
        package let hasDots: Bool
        /// Which of the compared runs it is of, from 0: decides how it is drawn.
        package let place: Int
    }

    /// What it shows: "loss".
    package let title: String
    /// What it is over: "epoch".
    package let axis: String
    /// Whether places on the axis are counted.
    package let isCounted: Bool
    /// The curves.
    package let curves: [Curve]
}

/// Which class was answered by which.
package struct ReportedConfusion: Hashable, Sendable {
    /// The counts.
    package let matrix: ConfusionMatrix
    /// The names of rows and columns.
    package let names: [String]
}
