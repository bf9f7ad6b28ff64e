import Foundation
public import Graph
public import QAT

/// Tries advice on the whole network before it is given: a change that is good for its layer and bad for the network's
/// results is no advice.
///
/// Each change is tried by itself. Those that make the network no worse are then tried all at once, and where they make it
/// worse together, one after the other. The type runs no probe: its caller probes the network `next`, with the samples of
/// the first report, and passes in the report.
public struct AdviceTrial: Sendable {
    /// The advice that was found.
    public let diagnoses: [Diagnosis]
    private let network: Network
    private let before: [ProbeReport.Result]
    /// Positions of diagnoses with a change that are still to be tried by themselves, and those that passed.
    private var alone: [Int]
    private var passed: [(place: Int, value: Double)] = []
    private var joint: JointTrial<Int>?

    /// A trial of what an examination of a report has found.
    public init(_ diagnoses: [Diagnosis], on report: ProbeReport, of network: Network) {
        self.diagnoses = diagnoses
        self.network = network
        before = report.results(of: network)
        alone = diagnoses.indices.filter { diagnoses[$0].edit != nil }
        prepareNext()
    }

    /// The network that is to be looked at next; nil where all was tried.
    public private(set) var next: Network?

    /// Makes the next change that the network takes; one that it does not take is no advice.
    private mutating func prepareNext() {
        next = nil
        while let places = alone.first.map({ [$0] }) ?? joint?.next {
            do throws(EditError) {
                next = try network.applying(.all("advice", places.compactMap { diagnoses[$0].edit }))
                return
            } catch {
                take(-.infinity)
            }
        }
    }

    /// Probes `next`.
    public mutating func take(_ report: ProbeReport) {
        guard let next else { return }
        take(value(of: report.results(of: next)))
        prepareNext()
    }

    private mutating func take(_ value: Double) {
        if let place = alone.first {
            alone.removeFirst()
            if value >= -1 { passed.append((place, value)) }
            if alone.isEmpty { join() }
        } else {
            _ = joint?.take(value)
        }
    }

    /// What is to be said, in the order of the network: what has no change to try, and once all were tried, what helps.
    public var given: [Diagnosis] {
        let helps = next == nil ? Set(joint?.kept ?? passed.map(\.place)) : []
        return diagnoses.indices.filter { diagnoses[$0].edit == nil || helps.contains($0) }
            .map { diagnoses[$0] }
    }

    /// What passed by itself is put together, where there is more than one.
    private mutating func join() {
        guard passed.count > 1 else { return }
        let best = passed.sorted { $0.value > $1.value }.map(\.place)
        joint = JointTrial(0, together: best, then: [], leastGain: -1)
    }

    /// How much better the results are, of the one that gains least: 1 is the least difference that counts, below -1 is
    /// worse. Infinity where each of them loses nothing.
    private func value(of after: [ProbeReport.Result]) -> Double {
        guard after.map(\.layer) == before.map(\.layer) else { return -.infinity }
        var least = Double.infinity
        for (now, then) in zip(before, after) {
            guard let own = now.sqnr else {
                least = min(least, then.sqnr == nil ? 0 : -.infinity)
                continue
            }
            guard let sqnr = then.sqnr else { continue }
            least = min(least, (sqnr - own) / AdviceTrial.difference(values: now.values))
        }
        return least
    }

    /// The least difference that counts between two SQNR of so many values, in dB: half the standard error that the
    /// energy of so much noise has, because both are measured on the same samples.
    static func difference(values: Int) -> Double {
        max(Sweep.leastGain, 0.5 * 10 / log(10) * (2 / Double(max(1, values))).squareRoot())
    }
}

extension Inspection {
    /// The same, with the advice that the whole network is no worse for; `probe` looks at a changed network.
    public func tried(as request: ProbeRequest, probe: (ProbeRequest) -> ProbeReport?) -> Inspection {
        var trial = AdviceTrial(diagnoses, on: report, of: request.network)
        while let network = trial.next {
            var changed = request
            changed.network = network
            changed.comparesIntegers = false
            changed.measuresFolding = false
            guard let report = probe(changed) else { break }
            trial.take(report)
        }
        return Inspection(report, of: analysis, saying: trial.given)
    }
}
