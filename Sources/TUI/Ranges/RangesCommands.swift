import Editing
import Graph
import QAT
import Terminal

// The commands of view 3.
extension Command {
    private static let probing: [Command] = [
        Command(
            "narrower", [.left], in: .ranges, "a lower clip; in the weights a smaller factor",
            undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.stepRange(-1) },
        Command(
            "wider", [.right], in: .ranges, "a higher clip; in the weights a larger factor", undo: true,
            unless: { $0.whyNothingSelected }
        ) { $0.stepRange(1) },
        Command(
            "per", ["p"], in: .ranges, "pictures of values, of channels, or of the range over a run's time",
            hint: "view by",
            parameter: Parameter("[values|channels|time]", optional: { RangesState.PlotKind(rawValue: $0) })
        ) { screen, plot in screen.show(plot) },
        Command("advice", ["i"], in: .ranges, "what stands out in the layer and what is advised, whole") {
            $0.openAdvice()
        },
        Command(
            "samples", ["R"], in: .ranges, "measures more samples: 32, 128, 512", hint: "more samples",
            parameter: Parameter("[COUNT]", optional: { Int($0) })
        ) { screen, count in screen.probeSamples(count) },
    ]

    // The order is that of the footer.
    static let ranges: [Command] =
        probing + sweeping + calibrating + [
            Command(
                "enlarge", ["z"], in: .ranges, "gives the focused picture the room of both", hint: "zoom"
            ) { $0.ranges.isZoomed.toggle() }
        ]
}

extension ScreenState {
    /// Moves the clip of the layer's results, or the factor of its weights.
    mutating func stepRange(_ count: Int) {
        guard let name = selectedName, let kind = editor.network[name]?.kind else {
            return refuse(whyNothingSelected ?? "nothing is selected")
        }
        let field = rangedKind == .weight ? "weightFactor" : "clip"
        guard kind.fields.contains(where: { $0.name == field }) else {
            return refuse("\(name) has no \(field == "clip" ? "clip" : "weights") of its own")
        }
        inspector.field = field
        stepField(field, count)
    }
}
