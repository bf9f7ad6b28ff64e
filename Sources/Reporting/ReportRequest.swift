import Datasets
import Devices
import Editing
import Graph
import Probing
import QAT
import Runs
public import Sessions

/// What a report is made from, beside the session.
public struct ReportRequest: Sendable {
    /// The data set, as typed; nil measures nothing, and probes with the data of the last finished run, or generated data.
    public var data: String?
    /// The samples that the probe sees.
    public var samples = ReportRequest.usualSamples
    /// What generated data comes from.
    public var seed: UInt64 = 1
    /// Threads; 0 is one a core.
    public var threads = 0
    /// The run whose checkpoint the session has the numbers of; nil where it has its own.
    public var run: String?
    /// What the report says about itself.
    public var origin: SessionReport.Origin

    /// The samples that the probe sees where no number is said.
    public static let usualSamples = 32

    /// A report on the data that the session was trained with.
    public init(_ origin: SessionReport.Origin) { self.origin = origin }
}

extension SessionReport {
    /// Probes and measures a session. What cannot be known is said in its place; only data that was asked for and cannot be
    /// used is an error: throws `ProbeFailure`, `TrainingError`, or what the data set says.
    public init(_ session: Session, _ request: ReportRequest) throws {
        let inspection = try SessionReport.inspection(of: session, request)
        self.init(
            name: session.name, run: request.run, document: session.document, inspection: inspection,
            runs: SessionReport.runs(of: session),
            measures: try SessionReport.measures(of: session, request), origin: request.origin)
    }

    /// What to say in place of all that needs weights.
    static let needsWeights =
        "The session has no weights yet: train it, import weights, or name a run, and the report shows what quantizing does to them."

    private static func inspection(
        of session: Session, _ request: ReportRequest
    ) throws -> Part<Inspection> {
        var asked = try session.inspectionRequest(
            data: request.data, samples: request.samples, seed: request.seed)
        guard asked.weights != nil else { return .missing(needsWeights) }
        if request.data == nil, session.path != session.file { asked.data = dataOfWeights(of: session) }
        asked.replacesUnreadData = request.data == nil
        asked.threads = request.threads
        let probe = Probe()
        guard let report = probe.report(asked) else { preconditionFailure("the probe cannot be cancelled") }
        if let failure = report.failure {
            guard request.data == nil else { throw failure }
            return .missing("The layers were not measured: \(failure).")
        }
        let device = session.document.device
        return .known(
            Inspection(report, of: Analysis(asked.network, on: asked.family), on: device)
                .accepted(by: session.document)
                .suiting(weightsTrainedQuantized: session.weightsWereTrainedQuantized)
                .tried(as: asked) { probe.report($0) })
    }

    /// The data that the weights were trained on; nil where it is not known.
    private static func dataOfWeights(of session: Session) -> String? {
        do {
            return try session.weightsData
        } catch {
            // The section of runs says why they cannot be read.
            return nil
        }
    }

    private static func runs(of session: Session) -> Part<ReportedRuns> {
        let none = "The session has no runs."
        guard session.path != session.file else { return .missing(none) }
        do throws(RunStoreError) {
            guard let store = try RunStore.openForReading(session: session.path) else {
                return .missing(none)
            }
            var comparer = RunComparer()
            try comparer.update(from: store)
            guard !comparer.runs.isEmpty else { return .missing(none) }
            let best = ReportedRuns.best(of: comparer.runs)?.id
            let others = comparer.runs.map(\.id).filter { $0 != best }
            let compared = ([best].compactMap { $0 } + others).prefix(RunComparison.limit)
            let comparison = try comparer.compare(Array(compared), from: store)
            return .known(ReportedRuns(all: comparer.runs, comparison: comparison))
        } catch {
            return .missing("The runs cannot be read: \(error).")
        }
    }

    private static func measures(
        of session: Session, _ request: ReportRequest
    ) throws -> Part<ReportedMeasures> {
        guard let data = request.data else {
            return .missing(
                "Answers are measured, and the worst pictures shown, where data is named with --data.")
        }
        guard session.path != session.file || session.carried != nil,
            try session.weights(isRequired: false) != nil
        else { return .missing(needsWeights) }
        Engine.useThreads(request.threads)
        let evaluations: [SessionEvaluation]
        do {
            evaluations = try session.evaluated(
                on: data, loss: nil, batch: 100, seed: request.seed, modes: [.float, .quantized],
                arithmetic: .best)
        } catch let error as TrainingError {
            // Data without labels can be looked at, and not be measured with.
            return .missing("The answers were not measured: \(error).")
        }
        return .known(
            ReportedMeasures(
                data: data, evaluations: evaluations, worst: worst(of: session, data, request)))
    }

    private static func worst(
        of session: Session, _ data: String, _ request: ReportRequest
    ) -> Part<[ReportedPicture]> {
        var question = SessionLook.Question()
        question.data = data
        question.seed = request.seed
        question.isWorstFirst = true
        question.count = mostPictures
        do {
            let look = try SessionLook(session, question)
            let words = AnswerWords(look.dataset)
            let pictures = try look.entries.compactMap { entry -> ReportedPicture? in
                guard let answers = entry.answers else { return nil }
                var picture = AnswerPicture(try look.picture(entry))
                picture.paint(answers.float, isFloat: true)
                picture.paint(answers.quantized, isFloat: false)
                guard let png = picture.image.png else { return nil }
                return ReportedPicture(
                    png: png, sample: entry.index, truth: words.truth(entry.truth),
                    quantized: words.short(answers.quantized), float: words.short(answers.float),
                    loss: answers.quantized.loss)
            }
            return .known(pictures)
        } catch {
            return .missing("The worst answers cannot be shown: \(error).")
        }
    }
}
