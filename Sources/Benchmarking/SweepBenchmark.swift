import Devices
import Editing
import Foundation
package import Graph
package import Probing
import QAT
package import Sessions
import Terminal

/// How long sweeps take, how long they say that they will, and what as many probes of the whole network would take.
package struct SweepBenchmark {
    /// What was measured of one network.
    struct Row {
        var network: String
        var setting: SweepRequest.Setting
        /// Layers that are changed, and trials that were taken.
        var layers: Int
        var trials: Int
        /// Seconds that the sweep said it would take before the first trial, and until then; nil where it could not.
        var estimate: Double?
        var estimating: Double
        /// Seconds of the probe of the network as it is, and of everything.
        var baseline: Double
        var seconds: Double
        /// Seconds of a probe of the whole of the network with a layer changed.
        var whole: Double

        /// What whole trials would take, over what the sweep took.
        var ratio: Double { (baseline + Double(trials - 1) * whole) / seconds }
    }

    /// The networks that are swept where no session is named.
    static let networks = ["network-t40", "resnet20-cifar", "mobilenetv2-cifar"]
    /// The most that a sweep over the clips of network-t40 may take, in seconds.
    static let budget = 3.0

    let threads: Int
    let rows: [Row]
    let peakBytes: Int

    /// Sweeps the named samples with initial weights and generated data.
    package init(
        _ networks: [String] = SweepBenchmark.networks, over settings: [SweepRequest.Setting], threads: Int
    ) throws {
        self.threads = threads
        var rows: [Row] = []
        for name in networks {
            let document = try Samples.document(named: name)
            var request = ProbeRequest(document.network, on: document.device.family)
            request.padsBothSides = document.device.padsBothSides
            request.take(samples: SweepRequest.usualSamples)
            for setting in settings {
                rows.append(
                    try SweepBenchmark.row(name, request, on: document, over: setting, threads: threads))
            }
        }
        self.rows = rows
        peakBytes = peakMemory
    }

    /// Sweeps a session with its weights, on samples of a data set.
    package init(
        session: Session, data: String?, over settings: [SweepRequest.Setting], threads: Int
    ) throws {
        self.threads = threads
        let request = try session.inspectionRequest(data: data, samples: SweepRequest.usualSamples, seed: 1)
        rows = try settings.map {
            try SweepBenchmark.row(session.name, request, on: session.document, over: $0, threads: threads)
        }
        peakBytes = peakMemory
    }

    private static func row(
        _ name: String, _ probed: ProbeRequest, on document: Document, over setting: SweepRequest.Setting,
        threads: Int
    ) throws -> Row {
        var probed = probed
        probed.threads = threads
        Engine.useThreads(threads)
        var request = SweepRequest(probed, on: document.device)
        request.setting = setting
        let sweep = try Sweep(request)
        let estimating = Stopwatch.once { sweep.estimate() }
        let estimate = sweep.result.secondsLeft
        let baseline = try Stopwatch.once { _ = try sweep.advance() }
        let rest = try Stopwatch.once {
            while try sweep.advance() {}
        }
        let probe = Probe()
        var changed = request.probe
        if let choice = sweep.result.trials.first(where: { !$0.isPresent && !$0.isForbidden })?.choice {
            changed.network = try changed.network.applying(choice.edit)
        }
        _ = probe.report(request.probe)
        let whole = Stopwatch.once { _ = probe.report(changed) }
        return Row(
            network: name, setting: setting, layers: sweep.result.rows.count,
            trials: sweep.result.progress.done,
            estimate: estimate, estimating: estimating / 1000, baseline: baseline / 1000,
            seconds: (baseline + rest) / 1000, whole: whole / 1000)
    }

    /// The measurements as a JSON document.
    package var json: JSON {
        .object([
            .init("threads", .integer(threads)), .init("sweeps", .array(rows.map(SweepBenchmark.json))),
            .init("peakBytes", .integer(peakBytes)),
        ])
    }

    private static func json(_ row: Row) -> JSON {
        func rounded(_ seconds: Double) -> JSON { .number((seconds * 1e4).rounded() / 1e4) }
        return .object([
            .init("network", .string(row.network)), .init("over", .string(row.setting.rawValue)),
            .init("layers", .integer(row.layers)), .init("trials", .integer(row.trials)),
            .init("estimateSeconds", row.estimate.map(rounded) ?? .null),
            .init("estimatingSeconds", rounded(row.estimating)),
            .init("baselineSeconds", rounded(row.baseline)), .init("seconds", rounded(row.seconds)),
            .init("wholeProbeSeconds", rounded(row.whole)), .init("wholeProbesRatio", rounded(row.ratio)),
        ])
    }

    /// The measurements in words.
    package var text: String {
        let titles = ["over", "layers", "trials", "estimate", "baseline", "all", "as whole trials"]
        let columns =
            [TextTable.Column(title: "seconds")]
            + titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        let cells = rows.map { row -> [TextTable.Cell] in
            let numbers = [
                row.estimate.map(Figures.threeDigits) ?? Figures.none, Figures.threeDigits(row.baseline),
                Figures.threeDigits(row.seconds), Figures.threeDigits(row.ratio) + " times",
            ]
            return [
                .init(row.network), .init(row.setting.rawValue), "\(row.layers)", "\(row.trials)",
            ] + numbers.map { .init($0) }
        }
        return TextTable(columns: columns, rows: cells).lines().joined(separator: "\n")
            + "\nbudget over the clips of network-t40: \(Figures.threeDigits(SweepBenchmark.budget)) s"
    }
}
