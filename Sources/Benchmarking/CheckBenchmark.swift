import Devices
import Editing
package import Graph
import Terminal

/// How long it takes to check a network on every chip, and to edit a large one and see what its chip says.
package struct CheckBenchmark {
    /// Layers of the network that is checked.
    static let layers = 100
    /// Layers of the network that is edited.
    static let editLayers = 1000
    /// The most that a check may take: the screen checks on every key.
    static let checkBudget = 10.0
    /// The most that an edit may take: one frame of the screen.
    static let editBudget = 16.0

    /// The median of a check on all chips, in milliseconds.
    let checkMilliseconds: Double
    /// The median of an edit with the analysis and the check that follow it, in milliseconds.
    let editMilliseconds: Double

    /// Measures both.
    package init(runs: Int = 301) throws(EditError) {
        let small = try SyntheticNetwork.network(layers: CheckBenchmark.layers)
        var found = 0
        checkMilliseconds = Stopwatch.milliseconds(runs: runs) {
            found += Checker.reports(on: small, for: Device.allCases).reduce(0) { $0 + $1.findings.count }
        }
        editMilliseconds = try CheckBenchmark.edit(runs: runs)
        precondition(found > 0, "the network of the benchmark has findings")
    }

    /// Changes the kernel of a layer in the middle to and fro, as a held key does.
    private static func edit(runs: Int) throws(EditError) -> Double {
        let network = try SyntheticNetwork.network(layers: editLayers)
        var editor = EditorState(Document(network: network, device: .t40), name: "bench")
        let convolutions = network.nodes.filter { $0.kind == .conv2D }
        let layer = convolutions[convolutions.count / 2].name
        var step = 0
        return try Stopwatch.milliseconds(runs: runs) { () throws(EditError) in
            step += 1
            let width = FieldValue.integer(step.isMultiple(of: 2) ? 3 : 5)
            // A minute apart, so that each is a step of its own.
            try editor.edit(.set(layer: layer, field: "kernelWidth", to: width), at: Double(step) * 60)
            precondition(!editor.report.findings.isEmpty, "the edited network has findings")
            precondition(editor.history.steps.count == step, "undo still has the old ones")
        }
    }

    /// The measurements as a JSON document.
    package var json: JSON {
        [
            "layers": .integer(CheckBenchmark.layers), "devices": .integer(Device.allCases.count),
            "checkMilliseconds": .number(CheckBenchmark.rounded(checkMilliseconds)),
            "editLayers": .integer(CheckBenchmark.editLayers),
            "editMilliseconds": .number(CheckBenchmark.rounded(editMilliseconds)),
        ]
    }

    /// The measurements in words.
    package var text: String {
        let rows: [[TextTable.Cell]] = [
            [
                "check", "\(CheckBenchmark.layers) layers on \(Device.allCases.count) chips",
                "\(Figures.threeDigits(checkMilliseconds)) ms", "\(Int(CheckBenchmark.checkBudget)) ms",
            ],
            [
                "edit", "one of \(CheckBenchmark.editLayers) layers, analysed and checked again",
                "\(Figures.threeDigits(editMilliseconds)) ms", "\(Int(CheckBenchmark.editBudget)) ms",
            ],
        ]
        let columns: [TextTable.Column] = [
            .init(title: ""), .init(title: ""), .init(title: "median", isRightAligned: true),
            .init(title: "budget", isRightAligned: true),
        ]
        return TextTable(columns: columns, rows: rows).lines().joined(separator: "\n")
    }

    private static func rounded(_ milliseconds: Double) -> Double { (milliseconds * 1000).rounded() / 1000 }
}
