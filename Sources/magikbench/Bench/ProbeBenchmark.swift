import Devices
import Foundation
import Graph
import QAT
import Workbench

/// How long a look at a network takes after each kind of edit, from the request to the report.
struct ProbeBenchmark {
    /// What was measured of one network.
    struct Row {
        var network: String
        var samples: Int
        var first: Double
        /// By kind of edit: median and 95th percentile, in milliseconds.
        var edits: [(edit: ProbedEdit, median: Double, late: Double)]
        var keptBytes: Int
    }

    /// The networks that are edited.
    static let networks = ["network-t40", "resnet20-cifar", "mobilenetv2-cifar"]
    /// The most that a look may take after a change of bits, in milliseconds.
    static let budget = 250.0

    let threads: Int
    let rows: [Row]
    let peakBytes = ProbeBenchmark.peakBytes

    /// Edits each network `runs` times in each way, a layer in its middle to and fro.
    init(_ networks: [String] = ProbeBenchmark.networks, runs: Int, batch: Int, threads: Int) throws {
        self.threads = threads
        rows = try networks.map { name in
            try ProbeBenchmark.row(name, runs: runs, batch: batch, threads: threads)
        }
    }

    private static func row(_ name: String, runs: Int, batch: Int, threads: Int) throws -> Row {
        let document = try Samples.document(named: name)
        let probe = Probe()
        var kept = 0
        var samples = 0
        func milliseconds(_ network: Network) -> Double {
            var request = ProbeRequest(network, on: document.device.family)
            (request.batch, request.threads) = (batch, threads)
            guard let report = probe.report(request) else { preconditionFailure("nobody cancelled the look") }
            precondition(report.gaps.isEmpty && report.failure == nil, "the samples can be computed")
            (kept, samples) = (report.keptBytes, report.samples)
            return report.milliseconds
        }
        let first = milliseconds(document.network)
        let edits = try ProbedEdit.allCases.map { edit in
            var network = document.network
            _ = milliseconds(network)
            let times = try (0..<max(1, runs)).map { run in
                network = try network.applying(try edit.edit(of: network, isBack: !run.isMultiple(of: 2)))
                return milliseconds(network)
            }.sorted()
            return (edit, times[times.count / 2], times[(times.count * 95 - 1) / 100])
        }
        return Row(network: name, samples: samples, first: first, edits: edits, keptBytes: kept)
    }

    private static var peakBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }

    /// The measurements as a JSON document.
    var json: JSON {
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
    var text: String {
        let columns =
            [TextTable.Column(title: "median / p95, ms"), .init(title: "samples", isRightAligned: true)]
            + (["first"] + ProbedEdit.allCases.map(\.rawValue) + ["kept"]).map {
                .init(title: $0, isRightAligned: true)
            }
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

    /// The edit, or the one that takes it back.
    func edit(of network: Network, isBack: Bool) throws -> Edit {
        let layers = network.nodes.filter { $0.kind == .conv2D }.map(\.name)
        let layer = layers[layers.count / 2]
        guard let settings = network[layer]?.layer.settings.quantization else {
            preconditionFailure("a convolution has quantizers")
        }
        switch self {
        case .bits:
            return .set(
                layer: layer, field: "weightBits", to: .integer(settings.weightBits + (isBack ? 2 : -2)))
        case .clip:
            return .set(layer: layer, field: "clip", to: .number(settings.clip * (isBack ? 2 : 0.5)))
        case .channels:
            // The last convolution in front of other sizes: whatever adds or joins its result stays whole.
            return try channels(of: network, isBack: isBack)
        }
    }

    /// A change of channels that every layer behind it takes.
    private func channels(of network: Network, isBack: Bool) throws -> Edit {
        let middle = network.nodes.count / 2
        let order = network.nodes.indices.sorted { abs($0 - middle) < abs($1 - middle) }
        for index in order {
            let node = network.nodes[index]
            guard node.kind == .conv2D, let value = node.layer.value(of: "outChannels"),
                case .integer(let channels) = value
            else { continue }
            let edit = Edit.set(
                layer: node.name, field: "outChannels", to: .integer(channels + (isBack ? -32 : 32)))
            let analysis = Analysis(try network.applying(edit), on: .npu)
            if analysis.network.nodes.indices.allSatisfy({ analysis.shapes.output($0) != nil }) {
                return edit
            }
        }
        preconditionFailure("a convolution of '\(network.nodes.first?.name ?? "-")' can have other channels")
    }
}
