import Devices
import Editing
import Foundation
package import Graph
import Probing
import QAT
import Sessions
import Terminal

/// How long a look at a network takes after each kind of edit, from the request to the report.
package struct ProbeBenchmark {
    /// What was measured of one network.
    struct Row {
        var network: String
        var samples: Int
        var first: Double
        /// By kind of edit: median and 95th percentile, in milliseconds.
        var edits: [(edit: ProbedEdit, median: Double, late: Double)]
        var keptBytes: Int
        /// How long it takes to say what stands out in a report, in milliseconds.
        var diagnosis: Double
    }

    /// The networks that are edited.
    static let networks = [
        "network-t40", "resnet20-cifar", "mobilenetv2-cifar", "persondet", "facedet", "yolov5s-person",
    ]
    /// The most that a probe may take after a change of bits, in milliseconds.
    static let budget = 250.0

    let threads: Int
    let rows: [Row]
    let peakBytes: Int

    /// Edits each network `runs` times in each way, a layer in its middle to and fro.
    package init(_ networks: [String] = ProbeBenchmark.networks, runs: Int, batch: Int, threads: Int) throws {
        self.threads = threads
        rows = try networks.map { name in
            try ProbeBenchmark.row(name, runs: runs, batch: batch, threads: threads)
        }
        peakBytes = peakMemory
    }

    private static func row(_ name: String, runs: Int, batch: Int, threads: Int) throws -> Row {
        let document = try Samples.document(named: name)
        let probe = Probe()
        var kept = 0
        var samples = 0
        func milliseconds(_ network: Network) -> Double {
            var request = ProbeRequest(network, on: document.device.family)
            request.batch = batch
            request.threads = threads
            guard let report = probe.report(request) else {
                preconditionFailure("the probe cannot be cancelled")
            }
            precondition(report.gaps.isEmpty && report.failure == nil, "the samples can be computed")
            kept = report.keptBytes
            samples = report.samples
            return report.milliseconds
        }
        let first = milliseconds(document.network)
        let edits = try ProbedEdit.allCases.map { edit in
            let edited = try edit.network(from: document.network)
            _ = milliseconds(document.network)
            let times = (0..<runs).map { milliseconds($0.isMultiple(of: 2) ? edited : document.network) }
                .sorted()
            return (edit, times[times.count / 2], times[(times.count * 95 - 1) / 100])
        }
        guard let report = probe.report(ProbeRequest(document.network, on: document.device.family)) else {
            preconditionFailure("the probe cannot be cancelled")
        }
        let analysis = Analysis(document.network, on: document.device.family)
        let diagnosis = Stopwatch.milliseconds(runs: 11) {
            _ = Inspection(report, of: analysis, on: document.device).diagnoses
        }
        return Row(
            network: name, samples: samples, first: first, edits: edits, keptBytes: kept, diagnosis: diagnosis
        )
    }

    /// The measurements as a JSON document.
    package var json: JSON {
        .object([
            .init("threads", .integer(threads)),
            .init("networks", .array(rows.map(ProbeBenchmark.json))),
            .init("peakBytes", .integer(peakBytes)),
        ])
    }

    private static func json(_ row: Row) -> JSON {
        var members: [JSON.Member] = [
            .init("network", .string(row.network)), .init("samples", .integer(row.samples)),
            .init("firstMilliseconds", .number(rounded(row.first))),
            .init("diagnosisMilliseconds", .number(rounded(row.diagnosis))),
        ]
        for (edit, median, late) in row.edits {
            members.append(.init("\(edit)MedianMilliseconds", .number(rounded(median))))
            members.append(.init("\(edit)P95Milliseconds", .number(rounded(late))))
        }
        members.append(.init("keptBytes", .integer(row.keptBytes)))
        return .object(members)
    }

    private static func rounded(_ milliseconds: Double) -> Double { (milliseconds * 1000).rounded() / 1000 }

    /// The measurements in words.
    package var text: String {
        let titles = ["samples", "first"] + ProbedEdit.allCases.map { "\($0)" } + ["kept"]
        let columns =
            [TextTable.Column(title: "median / p95, ms")]
            + titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        let cells = rows.map { row -> [TextTable.Cell] in
            let times = row.edits.map {
                Figures.threeDigits($0.median) + " / " + Figures.threeDigits($0.late)
            }
            return [.init(row.network), "\(row.samples)", .init(Figures.threeDigits(row.first))]
                + times.map { .init($0) } + ["\(row.keptBytes >> 20) MiB"]
        }
        return TextTable(columns: columns, rows: cells).lines().joined(separator: "\n")
            + "\nbudget after a change of bits: \(Int(ProbeBenchmark.budget)) ms"
    }
}

/// An edit of a layer in the middle of a network.
enum ProbedEdit: String, CaseIterable {
    case bits, clip, channels

    /// The network after the edit of the convolution nearest to its middle that takes it.
    func network(from network: Network) throws -> Network {
        let middle = network.nodes.count / 2
        let nodes = network.nodes.enumerated().filter { $0.element.kind == .conv2D }
            .sorted { abs($0.offset - middle) < abs($1.offset - middle) }.map(\.element)
        for node in nodes {
            guard case .conv2D(let settings) = node.layer else { continue }
            let edited = try network.applying(edit(of: node.name, settings))
            let analysis = Analysis(edited, on: .npu)
            if edited.nodes.indices.allSatisfy({ analysis.shapes.output($0) != nil }) { return edited }
        }
        preconditionFailure("a sample has a convolution that takes other bits, clips and channels")
    }

    private func edit(of layer: String, _ settings: Conv2D) -> Edit {
        switch self {
        case .bits:
            .set(
                layer: layer, field: "weightBits",
                to: .integer(settings.quantizers.weightBits == 4 ? 8 : 4))
        case .clip: .set(layer: layer, field: "clip", to: .number(settings.quantizers.clip / 2))
        case .channels:
            .set(layer: layer, field: "outChannels", to: .integer(settings.outChannels + 32))
        }
    }
}
