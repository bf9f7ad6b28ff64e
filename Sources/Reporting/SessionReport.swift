public import Devices
public import Editing
import Foundation
public import Probing
public import Runs

/// All that is known of a session at one moment, to be handed to other people: its network, what its chip says, what quantizing
/// does to it, its runs, and how good its answers are.
///
/// A value without files behind it; `sections` says what is shown of it, and `ReportFormat` writes that down.
public struct SessionReport: Sendable {
    /// What is known of a part of a session, or a sentence that says why nothing is.
    public enum Part<Content: Sendable>: Sendable {
        /// What is known.
        case known(Content)
        /// Why nothing is known, and what to do.
        case missing(String)

        /// What is known; nil where nothing is.
        public var content: Content? {
            switch self {
            case .known(let content): content
            case .missing: nil
            }
        }
    }

    /// The session's name.
    public var name: String
    /// The run whose checkpoint the numbers are of; nil where they are the session's.
    public var run: String?
    /// The network, its chip and what the user accepts.
    public var document: Document
    /// What a probe saw of the network with its weights, and what stands out.
    public var inspection: Part<Inspection>
    /// The training runs.
    public var runs: Part<ReportedRuns>
    /// How good the answers are.
    public var measures: Part<ReportedMeasures>
    /// What made the report, and how it is made again.
    public var origin: Origin

    /// What a report was made with.
    public struct Origin: Hashable, Sendable {
        /// The version of magikbench.
        public var version: String
        /// The day, such as "2026-11-25"; nil leaves it out.
        public var day: String?
        /// The commands that make the report and its numbers again, each as it is typed.
        public var commands: [String]

        /// The day now, UTC.
        public static var today: String { String(ISO8601DateFormatter().string(from: Date()).prefix(10)) }

        /// What a report was made with.
        public init(version: String, day: String? = nil, commands: [String] = []) {
            self.version = version
            self.day = day
            self.commands = commands
        }
    }

    /// A report of parts that are known already.
    public init(
        name: String, run: String? = nil, document: Document, inspection: Part<Inspection>,
        runs: Part<ReportedRuns>, measures: Part<ReportedMeasures>, origin: Origin
    ) {
        self.name = name
        self.run = run
        self.document = document
        self.inspection = inspection
        self.runs = runs
        self.measures = measures
        self.origin = origin
    }

    /// The chip.
    public var device: Device { document.device }
}

/// The training runs of a session, and some of them side by side.
public struct ReportedRuns: Sendable {
    /// All runs, the newest first.
    public var all: [RunFacts]
    /// The best run and the newest others, at most four.
    public var comparison: RunComparison

    /// Runs, and some of them side by side.
    public init(all: [RunFacts], comparison: RunComparison) {
        self.all = all
        self.comparison = comparison
    }

    /// The run with the largest share of right answers at its best measurement; without such shares the one with the
    /// least loss. Nil where no run was measured.
    public static func best(of runs: [RunFacts]) -> RunFacts? {
        let shares = runs.filter { $0.summary.best?.accuracy != nil }
        if !shares.isEmpty {
            return shares.max { ($0.summary.best?.accuracy ?? 0) < ($1.summary.best?.accuracy ?? 0) }
        }
        return runs.filter { $0.summary.best != nil }
            .min { ($0.summary.best?.loss ?? 0) < ($1.summary.best?.loss ?? 0) }
    }
}

/// How good the answers of a session are on a data set, in float and quantized.
public struct ReportedMeasures: Sendable {
    /// The data set, as typed.
    public var data: String
    /// What came out, an entry for each arithmetic.
    public var evaluations: [SessionEvaluation]
    /// The samples with the largest loss of the quantized network, the worst first.
    public var worst: SessionReport.Part<[ReportedPicture]>

    /// Measures on a data set.
    public init(
        data: String, evaluations: [SessionEvaluation], worst: SessionReport.Part<[ReportedPicture]>
    ) {
        self.data = data
        self.evaluations = evaluations
        self.worst = worst
    }
}

/// A sample with what is right about it and what the network says.
public struct ReportedPicture: Hashable, Sendable {
    /// A PNG file.
    public var png: [UInt8]
    /// Which sample of its split it is, from 0.
    public var sample: Int
    /// What is right about it.
    public var truth: String
    /// What the quantized network says.
    public var quantized: String
    /// What the float network says.
    public var float: String
    /// The loss of the quantized network; nil where it has none.
    public var loss: Double?

    /// A sample with its answers.
    public init(
        png: [UInt8], sample: Int, truth: String, quantized: String, float: String, loss: Double?
    ) {
        self.png = png
        self.sample = sample
        self.truth = truth
        self.quantized = quantized
        self.float = float
        self.loss = loss
    }
}
