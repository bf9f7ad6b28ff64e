import Editing
import Graph
import Probing
import QAT
import Reporting
import Terminal

/// What view 3 shows, and how.
struct RangesState: Sendable {
    /// What is plotted.
    enum PlotKind: String, CaseIterable, Hashable, Sendable {
        /// How all values of a tensor are spread.
        case values
        /// How far each output channel reaches.
        case channels
        /// How the range moved while the shown run trained.
        case time
    }

    /// What is plotted.
    var plot = PlotKind.values
    /// Which pictures count on a logarithmic axis.
    var logarithmic: Set<TensorObservation.Kind> = [.feature]
    /// Whether the focused picture has the room of both.
    var isZoomed = false
    /// The first layer that is shown at the left.
    var top = 0
    /// A better clip for a layer, or nil, as it was after so many probes of the probe; and its trial on the whole network.
    var advice: (layer: String, probe: Int, suggestion: RangeSuggestion?, trial: AdviceTrial?)?
    /// The direction that was pressed before it was known what stands out; nil where none was, or another key came after it.
    var awaitedStep: Int?
}

extension ScreenState {
    /// The layers of view 3: those of the list that have something to show, or will have once they are measured.
    var probedLayers: [String] {
        rows.compactMap { row -> String? in
            guard let index = row.node else { return nil }
            let node = editor.network.nodes[index]
            return probe.report == nil || !probe.parts(of: node.name).isEmpty ? node.name : nil
        }
    }

    /// The layer that view 3 shows: the selected one, or the first where that has nothing to show.
    var probedLayer: String? {
        let layers = probedLayers
        return layers.first { $0 == list.selected } ?? layers.first
    }

    /// The tensor that keys of view 3 are about.
    var rangedKind: TensorObservation.Kind { pane.scope == .weightPlot ? .weight : .feature }

    mutating func moveInRanges(_ movement: Movement) {
        let layers = probedLayers
        guard let chosen = probedLayer, let index = layers.firstIndex(of: chosen) else { return }
        selectProbed(moved(index, by: movement, of: layers.count), of: layers)
    }

    /// Selects the layer of a number, as view 1 counts them.
    mutating func goToProbedLayer(_ number: Int) {
        goToLayer(number)
        let layers = probedLayers
        guard let name = list.selected else { return }
        guard let index = layers.firstIndex(of: name) else {
            return refuse("\(name) has no values of its own to show here")
        }
        selectProbed(index, of: layers)
    }

    private mutating func selectProbed(_ index: Int, of layers: [String]) {
        list.selected = layers[index]
        ranges.top = Scrolling.top(ranges.top, showing: index, of: layers.count, room: pageRows)
    }

    mutating func clickProbed(_ index: Int) {
        let layers = probedLayers
        guard layers.indices.contains(index) else { return }
        panes[.ranges] = 0
        selectProbed(index, of: layers)
    }

    /// Shows a kind of plot, or the next one.
    mutating func show(_ plot: RangesState.PlotKind?) {
        let all = RangesState.PlotKind.allCases
        ranges.plot = plot ?? all[((all.firstIndex(of: ranges.plot) ?? 0) + 1) % all.count]
    }

    /// Measures the network on so many samples, or on four times as many as before.
    mutating func probeSamples(_ count: Int?) {
        let most = 2048
        let next = count ?? (probe.samples >= 512 ? 32 : probe.samples * 4)
        guard (1...most).contains(next) else {
            return refuse("1 to \(Figures.grouped(most)) samples can be measured")
        }
        probe.samples = next
        probe.isStale = true
        effects.append(.probe)
        say("measures \(counted(next, "sample"))")
    }

    /// What stands out in the layers of view 3; nothing while they are measured anew.
    func diagnoses(of layer: String) -> [Diagnosis] {
        probe.isStale ? [] : (probe.diagnoses[layer] ?? []).filter { !editor.document.accepts($0) }
    }

    /// To the next layer that stands out, or the one before.
    mutating func goToDiagnosis(_ step: Int) {
        let layers = probedLayers
        let places = layers.indices.filter { !diagnoses(of: layers[$0]).isEmpty }
        guard let chosen = probedLayer.flatMap(layers.firstIndex), !places.isEmpty else {
            guard let reason = whyOutliersAreUnknown else { return refuse("no layer stands out") }
            ranges.awaitedStep = step
            return say("goes to the next that stands out once \(reason)")
        }
        let next =
            step > 0
            ? places.first { $0 > chosen } ?? places.first : places.last { $0 < chosen } ?? places.last
        if let next { selectProbed(next, of: layers) }
    }

    /// What must be done before it is known which layers stand out; nil where it is.
    private var whyOutliersAreUnknown: String? {
        if probe.isStale || probe.trial == nil { return "the layers are measured" }
        return isTryingAdvice ? "advice is tried on the whole network" : nil
    }

    /// Goes where a key wanted to that was pressed before it was known what stands out.
    mutating func goToAwaitedDiagnosis() {
        guard view == .ranges, let step = ranges.awaitedStep,
            whyOutliersAreUnknown == nil || probedLayers.contains(where: { !diagnoses(of: $0).isEmpty })
        else { return }
        ranges.awaitedStep = nil
        message = nil
        goToDiagnosis(step)
        updateRanges()
    }

    /// Does what is advised for the shown layer: against what stands out, or else takes the better clip.
    mutating func applySuggestion() {
        if let layer = probedLayer, let advised = diagnoses(of: layer).compactMap(\.edit).first {
            edit(advised)
            return
        }
        if let layer = probedLayer, suggestion(for: layer) == nil, let worst = worstLayer(layer)?.edit {
            edit(worst)
            return
        }
        guard let layer = probedLayer, let suggestion = suggestion(for: layer) else {
            return refuse(whyNoSuggestion ?? "no other clip is better by half a decibel")
        }
        edit(.set(layer: layer, field: "clip", to: .number(suggestion.clip)))
    }

    /// A clip that gives the results of a layer at least half a decibel more, and those of the network no less; nil while
    /// the layer is measured anew, or the clip is tried.
    func suggestion(for layer: String) -> RangeSuggestion? {
        guard !probe.isStale, let advice = ranges.advice, advice.layer == layer,
            let trial = advice.trial, trial.next == nil, !trial.given.isEmpty
        else { return nil }
        return advice.suggestion
    }

    /// After every change: what is proposed is for the shown layer as it was seen last. Tries some thirty clips, which is
    /// too much for every picture.
    mutating func updateRanges() {
        guard view == .ranges, let layer = probedLayer else { return }
        list.selected = layer
        if ranges.plot == .time, training.layer != layer {
            training.layer = layer
            training.rangeAxis = AxisRange()
            updateAxes()
        }
        guard !probe.isStale else { return }
        if let advice = ranges.advice, advice.layer == layer, advice.probe == probe.count { return }
        let better = betterClip(for: layer)
        ranges.advice = (layer, probe.count, better, better.flatMap { trial(of: $0, for: layer) })
    }

    private func trial(of better: RangeSuggestion, for layer: String) -> AdviceTrial? {
        guard let report = probe.report else { return nil }
        let isHigher = better.clip > editor.network[layer]?.layer.settings.quantization?.clip ?? 0
        let advice = Diagnosis(
            layer: layer, kind: isHigher ? .clipped : .unusedLevels, sentence: "", number: better.gain,
            edit: .set(layer: layer, field: "clip", to: .number(better.clip)))
        return AdviceTrial([advice], on: report, of: editor.network)
    }

    private func betterClip(for layer: String) -> RangeSuggestion? {
        guard let node = editor.network[layer], node.kind.fields.contains(where: { $0.name == "clip" }),
            let quantization = node.layer.settings.quantization, !quantization.autoThreshold,
            node.layer.settings.activation != .hsigmoid, let feature = shownPart(of: layer)?.feature
        else { return nil }
        let found = feature.bestClip(within: node.kind.clips)
        return found.flatMap { $0.gain >= 0.5 ? $0 : nil }
    }

    var whyNoSuggestion: String? {
        if let reason = whyNotEditable { return reason }
        guard let layer = probedLayer else {
            return "the network is empty; \(key("network")) and \(key("add")) add a layer"
        }
        if probe.isStale { return "the layer is being measured" }
        let isAdvised = diagnoses(of: layer).contains { $0.edit != nil }
        guard suggestion(for: layer) == nil, !isAdvised else { return nil }
        if isTryingAdvice { return "advice is being tried on the whole network" }
        return ranges.advice?.suggestion == nil
            ? "no other clip is better by half a decibel"
            : "a clip that is better for the layer is worse for the network"
    }
}
