import Editing
import Graph
import Probing
import QAT

// What quantizing does to weights and results.
extension SessionReport {
    /// Signal to noise by layer, and what stands out.
    func noiseSection(_ analysis: Analysis) -> ReportSection {
        let title = "What quantizing costs"
        guard let inspection = inspection.content else {
            return ReportSection(id: "noise", title: title, blocks: [.remark(missing(inspection))])
        }
        var blocks: [ReportBlock] = [.text(source(of: inspection.report))]
        let layers = shownLayers(inspection)
        let bits = layers.compactMap { layer -> ReportedBits? in
            let bytes = analysis.cost.nodes[layer.index].weightBytes
            guard bytes > 0 else { return nil }
            return ReportedBits(
                number: layer.index + 1, layer: layer.node.name,
                noise: layer.lowestSQNR.map(Figures.noisePercent(ofDecibels:)), bytes: bytes)
        }
        if bits.count > 1 {
            blocks.append(.heading("Where the bits go"))
            blocks.append(.bits(bits))
        }
        blocks.append(.heading("What stands out"))
        blocks += diagnoses(inspection)
        blocks.append(.heading("Signal to quantization noise"))
        blocks.append(.table(noiseTable(layers, analysis)))
        blocks.append(
            .remark(
                "SQNR is the signal to quantization noise ratio in dB, of each quantizer by itself; “against float” compares the layer's result with that of the float network, all noise of the layers before included."
            ))
        blocks.append(.legend("A bar ends at 48 dB, which 8 bits give."))
        blocks += inspection.report.gaps.map { .remark(ReportWords.sentence("\($0)")) }
        return ReportSection(id: "noise", title: title, blocks: blocks)
    }

    /// The histograms of all layers that have weights or a quantizer.
    func valuesSection() -> ReportSection? {
        guard let inspection = inspection.content else { return nil }
        let cards = shownLayers(inspection).compactMap { layer -> ReportedHistograms? in
            let weight = layer.weight.map { picture($0, "weights", isLogarithmic: false) }
            let feature = layer.feature.flatMap {
                $0.quantizer == nil ? nil : picture($0, "results", isLogarithmic: true)
            }
            let pictures = [weight, feature].compactMap { $0 }.filter(\.histogram.counts.isDrawable)
            guard !pictures.isEmpty else { return nil }
            return ReportedHistograms(
                number: layer.index + 1, layer: layer.node.name, label: layer.node.layer.label,
                pictures: pictures)
        }
        guard !cards.isEmpty else { return nil }
        let legend =
            "Bars count values in front of the quantizer, of results by their logarithm. Dashed lines are the ends of its range, ticks under the axis its levels; values beyond the range are lost, and drawn hatched."
        return ReportSection(
            id: "values", title: "Weights and results", blocks: [.legend(legend), .histograms(cards)])
    }

    private func source(of report: ProbeReport) -> String {
        let data = report.feeds.compactMap { feed -> String? in
            switch feed.content {
            case .data(let spec): spec
            case .tokens: "drawn tokens"
            case .uniform: "drawn values"
            case .unread: nil
            }
        }
        var text =
            "\(report.weights), \(counted(report.samples, "sample")) of \(data.joined(separator: ", "))"
        if let failure = report.dataFailure { text += "; the data of the run cannot be read: \(failure)" }
        if let failure = report.floatModelFailure { text += "; compared with itself in float: \(failure)" }
        return ReportWords.sentence(text)
    }

    private func missing(_ part: Part<Inspection>) -> String {
        switch part {
        case .known: ""
        case .missing(let reason): reason
        }
    }

    private func diagnoses(_ inspection: Inspection) -> [ReportBlock] {
        guard !inspection.diagnoses.isEmpty else { return [.text("Nothing stands out.")] }
        return [
            .table(
                ReportTable(
                    columns: [.text("layer"), .text("what, and what to try")],
                    rows: inspection.diagnoses.map { [.init($0.layer), .init($0.sentence)] }))
        ]
    }

    private func noiseTable(_ layers: [ShownLayer], _ analysis: Analysis) -> ReportTable {
        let lowest = layers.compactMap { $0.feature?.observation.sqnr }.min()
        let farthest = layers.compactMap { $0.feature?.accumulatedSQNR }.min()
        let hasDead = layers.contains { $0.feature?.channels?.dead.isEmpty == false }
        let rows = layers.map { layer -> [ReportTable.Cell] in
            let weight = layer.weight
            let feature = layer.feature
            let local = feature?.quantizer == nil ? nil : feature?.observation.sqnr
            let accumulated = feature?.accumulatedSQNR
            let dead = feature?.channels?.dead.count ?? 0
            let last: [ReportTable.Cell] = hasDead ? [.init(dead == 0 ? Figures.none : "\(dead)")] : []
            return [
                .init("\(layer.index + 1)"), .init(layer.node.name),
                .init(
                    ReportWords.decibels(weight),
                    bar: ReportWords.bar(
                        ofDecibels: weight?.quantizer == nil ? nil : weight?.observation.sqnr)),
                .init(
                    ReportWords.decibels(feature), bar: ReportWords.bar(ofDecibels: local),
                    isMarked: local != nil && local == lowest),
                .init(
                    accumulated.map(Figures.decibels)
                        ?? (feature?.match?.isEqual == true ? "exact" : Figures.none),
                    bar: ReportWords.bar(ofDecibels: accumulated),
                    isMarked: accumulated != nil && accumulated == farthest),
                .init(
                    Figures.percentage(
                        ifKnown: feature?.quantizer == nil ? nil : feature?.observation.clipRatio)),
                .init(Figures.percentage(ifKnown: feature?.quantizer?.zeroShare)),
                .init(feature?.quantizer.map { "\($0.levelsUsed) of \($0.levels)" } ?? Figures.none),
            ] + last
        }
        return ReportTable(
            columns: [
                .number("#"), .text("layer"), .number("weights, dB", "SQNR of the weights"),
                .number("results, dB", "SQNR of the results"),
                .number("against float, dB", "SQNR against the float network"),
                .number("saturated", "values beyond the clip"), .number("zero", "values that become 0"),
                .number("levels used"),
            ] + (hasDead ? [.number("dead", "channels that give one value only")] : []), rows: rows)
    }

    private func picture(
        _ tensor: ProbedTensor, _ name: String, isLogarithmic: Bool
    ) -> ReportedHistograms.Picture {
        let seen = tensor.observation
        var numbers: [String] = []
        if let quantizer = tensor.quantizer {
            numbers.append(seen.sqnr.map { "SQNR \(Figures.decibels($0)) dB" } ?? "exact")
            numbers += seen.clip.map { seen.kind == .feature ? ["clip \(Figures.clip($0))"] : [] } ?? []
            numbers += seen.clipRatio.map { ["\(Figures.percentage(ifKnown: $0)) lost"] } ?? []
            numbers.append("\(quantizer.levelsUsed) of \(quantizer.levels) levels")
        } else {
            numbers.append("\(Figures.significant(seen.minimum)) to \(Figures.significant(seen.maximum))")
            numbers.append("deviation \(Figures.significant(seen.deviation))")
        }
        return .init(
            title: name + (tensor.quantizer.map { ", \($0.bits) bit" } ?? ", float"),
            histogram: TensorHistogram(tensor), isLogarithmic: isLogarithmic,
            hasLosses: (seen.clipRatio ?? 0) > 0, numbers: numbers.joined(separator: ", "))
    }
}

/// A layer with what a probe saw of it.
struct ShownLayer {
    let index: Int
    let node: Node
    /// The weights of its own, or of its first part that has some.
    let weight: ProbedTensor?
    /// Its result: of a composed layer that of its own name, or of its last part.
    let feature: ProbedTensor?

    /// The lower one of weights and results in dB, where any quantizer loses something.
    var lowestSQNR: Double? {
        [weight, feature].compactMap { tensor in tensor?.quantizer == nil ? nil : tensor?.observation.sqnr }
            .min()
    }
}

extension SessionReport {
    /// The layers that a probe saw something of, in the order of the network.
    func shownLayers(_ inspection: Inspection) -> [ShownLayer] {
        let parts = Dictionary(grouping: inspection.report.parts, by: \.layer)
        return inspection.analysis.network.nodes.enumerated().compactMap { index, node in
            guard let parts = parts[node.name] else { return nil }
            let feature = (parts.first { $0.name == node.name } ?? parts.last)?.feature
            let weight = parts.lazy.compactMap(\.weight).first
            guard weight != nil || feature?.quantizer != nil || feature?.match != nil else { return nil }
            return ShownLayer(index: index, node: node, weight: weight, feature: feature)
        }
    }
}
