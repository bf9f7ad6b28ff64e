import Editing
import Graph
public import Probing
public import QAT

/// What the probe saw last, and whether the network has changed since.
struct ProbeState: Sendable {
    /// What it saw; nil before the first answer.
    private(set) var report: ProbeReport?
    /// Whether the network has changed since: the numbers are drawn dim.
    var isStale = false
    /// How many samples it looks at.
    var samples = 32
    /// How many probes were taken over.
    private(set) var count = 0
    /// What stands out in it, and how far its advice was tried; nil until it is known.
    var trial: AdviceTrial? {
        didSet { diagnoses = Dictionary(grouping: trial?.given ?? [], by: \.layer) }
    }
    /// What is said of it, by layer.
    private(set) var diagnoses: [String: [Diagnosis]] = [:]
    private var parts: [String: [ProbedPart]] = [:]
    private var worst: [String: Double] = [:]

    mutating func take(_ report: ProbeReport) {
        self.report = report
        count += 1
        trial = nil
        parts = Dictionary(grouping: report.parts, by: \.layer)
        worst = parts.compactMapValues { parts in parts.compactMap(\.worstSQNR).min() }
    }

    /// What was seen of a layer.
    func parts(of layer: String) -> [ProbedPart] { parts[layer] ?? [] }

    /// Signal to quantization noise of a layer in dB: the lower one of its weights' and its result's, each against what
    /// its own quantizer reads. Nil where nothing is quantized, or nothing is lost.
    func sqnr(of layer: String) -> Double? { worst[layer] }
}

extension ProbedPart {
    /// The lower one of its tensors' SQNR, in dB.
    var worstSQNR: Double? { [weight?.observation.sqnr, feature?.observation.sqnr].compactMap { $0 }.min() }
}

extension ScreenState {
    /// What stands out in the last probe is known; what it advises is tried on the whole network.
    public mutating func take(_ diagnoses: [Diagnosis]) {
        guard let report = probe.report else { return }
        let told = diagnoses.suiting(weightsTrainedQuantized: weightsWereTrainedQuantized)
        probe.trial = AdviceTrial(told, on: report, of: editor.network)
        goToAwaitedDiagnosis()
    }

    /// The probe has measured the network.
    public mutating func take(_ report: ProbeReport, isNewest: Bool, at time: Double) {
        now = time
        probe.take(report)
        probe.isStale = !isNewest
        // What remedies gain is against what was seen before.
        rules.gains = [:]
        updateRanges()
    }
}
