import Editing
import Graph
import Probing
import QAT
import Runs
import Terminal

// View 3 in lines.
extension ScreenState {
    /// The layers that have values, and which stand out.
    var rangesLines: [String] {
        let layers = probedLayers
        guard !layers.isEmpty else { return ["no layer that is shown has values"] }
        let samples = probe.report.map { counted($0.samples, "sample") } ?? "no samples yet"
        return ["\(list.order.title), \(ranges.plot.title), on \(samples), \(probeSource)"]
            + layers.enumerated().map { place, layer in
                var words = ["\(place + 1) \(layer)"]
                if !probe.isStale, let sqnr = probe.sqnr(of: layer) {
                    words.append("SQNR \(Figures.decibels(sqnr)) dB")
                }
                if !diagnoses(of: layer).isEmpty { words.append("stands out") }
                return words.joined(separator: ", ")
            }
    }

    /// The selected layer: its tensors by value, by channel or over the course of a run, and what is advised.
    var rangedLayerLines: [String] {
        guard let layer = probedLayer, let node = editor.network[layer] else {
            return ["no layer that is shown has values"]
        }
        let part = shownPart(of: layer)
        var lines = ["selected: \(layer), \(node.layer.label)"]
        switch ranges.plot {
        case .values:
            lines += quantizingLines(of: layer)
            for tensor in [part?.weight, part?.feature].compactMap({ $0 }) where !probe.isStale {
                let shown = PredictedQuantization(tensor, of: node, in: editor, isStale: false)
                let name = tensor.observation.kind == .weight ? "weights" : "activations"
                lines += valueLines(shown).suffix(1).map { "\(name) \($0.joined(separator: ", "))" }
            }
        case .channels:
            for tensor in [part?.weight, part?.feature].compactMap({ $0 }) {
                let name = tensor.observation.kind == .weight ? "weights" : "activations"
                lines.append("\(name), \(channelWords(tensor).joined(separator: ", "))")
            }
        case .time: lines += rangeOverTime(of: layer)
        }
        return lines + adviceLines(of: layer, width: 400).map(\.text)
    }

    /// The largest values of a layer's results against its clip while the shown run trained.
    func rangeOverTime(of layer: String) -> [String] {
        guard let range = training.pictured?.detail?.range(of: layer), let run = training.shown else {
            return ["no run has recorded its range"]
        }
        let upper = range.upper.isEmpty ? range.maximum : range.upper
        var words: [String] = []
        if let first = upper.first, let last = upper.last {
            words.append(
                "\(range.upper.isEmpty ? "largest" : "99.9 % below") \(Figures.significant(first.y)) at first, \(Figures.significant(last.y)) now"
            )
        }
        if let clip = range.clip.last { words.append("clip \(Figures.clip(clip.y))") }
        if let ratio = range.clipRatio.last { words.append("saturated \(Figures.percent(ratio.y)) percent") }
        if let crossing = range.crossing { words.append("beyond the clip since step \(Int(held: crossing))") }
        if let dead = range.deadChannels, dead > 0 {
            words.append("dead channels \(Figures.percent(dead)) percent")
        }
        if let flips = range.flips.last {
            words.append("codes that changed \(Figures.percent(flips.y)) percent")
        }
        return [
            "\(layer) in run \(run.shortName): \(words.isEmpty ? "not sampled yet" : words.joined(separator: ", "))"
        ]
    }
}
