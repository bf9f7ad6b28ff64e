import Terminal

// View 3: histograms of all layers, one of them large; clips and factors.
extension View {
    static let ranges: View = View(
        number: 3, title: "Ranges", help: "every layer's values against its clip and levels",
        panes: [
            Pane(.shapes, "shapes", [.upDown("layer"), .leftRight("clip", "narrower", "wider")]),
            Pane(.weightPlot, "weights", [.upDown("layer"), .leftRight("factor", "narrower", "wider")]),
            Pane(.featurePlot, "activations", [.upDown("layer"), .leftRight("clip", "narrower", "wider")]),
        ],
        enterLabel: "apply", commands: Command.ranges,
        draw: { $0.drawRanges(in: $1, on: &$2) }, move: { $0.moveInRanges($1) },
        open: { $0.applySuggestion() },
        copy: { screen in
            guard let name = screen.probedLayer else { return ("", []) }
            return ("the ranges of \(name)", screen.layerText(name))
        },
        lines: { $0.rangesLines }, row: { $0.rangedLayerLines },
        goToRow: { $0.goToProbedLayer($1) }, goToMatch: { $0.goToDiagnosis($1) },
        toggleLogScale: { $0.ranges.logarithmic.formSymmetricDifference([$0.rangedKind]) })
}

extension Scope {
    static let shapes = Scope(rawValue: 1 << 4)
    static let weightPlot = Scope(rawValue: 1 << 5)
    static let featurePlot = Scope(rawValue: 1 << 6)
    static let ranges: Scope = [.shapes, .weightPlot, .featurePlot]
}
