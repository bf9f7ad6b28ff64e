import Devices
import Graph

/// Looks for what can be done about one finding.
struct RemedySearch {
    let document: Document
    let before: CheckedNetwork
    let finding: Finding

    private var analysis: Analysis { before.analysis }
    private var network: Network { document.network }
    private var index: Int? { finding.layer.flatMap { network.index(of: $0) } }

    /// Changes of the network that settle the finding, the safe ones first, each once.
    func changes() -> [Remedy] {
        var found: [Remedy] = []
        var results: Set<Network> = []
        for (title, edit) in proposals() {
            guard let (remedy, network) = tried(title, edit), results.insert(network).inserted else {
                continue
            }
            found.append(remedy)
        }
        return found.filter(\.isSafe) + found.filter { !$0.isSafe }
    }

    /// The other chips on which none of some findings is there, those that say least against the network first.
    func devices(_ reports: [Report], without findings: [Finding]) -> [Remedy] {
        let others = reports.filter { other in
            other.device != before.report.device
                && !other.findings.contains { found in
                    findings.contains { $0.layer == found.layer && found.isAboutSame(as: $0) }
                }
        }
        let remedies = others.map { other in
            let price = EditCost(from: before, to: CheckedNetwork(analysis.on(other.device.family), other))
            let after = price.after
            let isClean = after.errors + after.warnings == 0
            let rest = counted(after.errors, "error") + ", " + counted(after.warnings, "warning")
            let remedy = Remedy(
                kind: .device(other.device), title: "build for \(other.device) instead", price: price,
                remark: isClean ? "nothing is wrong there" : "\(rest) there", isSafe: false)
            return (remedy: remedy, errors: after.errors, warnings: after.warnings)
        }
        // Stable: equally good chips stay in their order.
        return remedies.enumerated().sorted { first, second in
            (first.element.errors, first.element.warnings, first.offset)
                < (second.element.errors, second.element.warnings, second.offset)
        }.map(\.element.remedy)
    }

    /// Doing without the layer.
    func removal() -> [Remedy] {
        guard let layer = finding.layer, network[layer] != nil else { return [] }
        return tried("remove \(layer)", .remove(layer: layer)).map { [$0.remedy] } ?? []
    }

    /// Accepting the finding, or no longer.
    func waiving() -> [Remedy] {
        guard let layer = finding.layer else { return [] }
        let isWaived = document.waivers.contains { $0.rule == finding.rule && $0.layer == layer }
        return [
            Remedy(
                kind: .waive,
                title: isWaived ? "stop accepting it" : "accept it, with a reason", price: nil,
                remark: finding.waived ?? "", isSafe: false)
        ]
    }

    /// A change with its effects; nil if it cannot be made or does not resolve the finding.
    private func tried(_ title: String, _ edit: Edit) -> (remedy: Remedy, network: Network)? {
        var changed = document
        do throws(EditError) {
            try changed.apply(edit)
        } catch {
            return nil
        }
        guard changed.network != network else { return nil }
        let after = CheckedNetwork(changed.network, on: document.device, waivers: changed.waivers)
        let impact = EditImpact(from: before, to: after)
        guard impact.resolves(finding) else { return nil }
        let isSafe = impact.isSafe() && (impact.keepsShapes || isFix(changed.network))
        let remedy = Remedy(kind: .edit(edit), title: title, price: impact.cost, remark: "", isSafe: isSafe)
        return (remedy, changed.network)
    }

    /// Whether a network is what the finding's own fix makes, which keeps the results' numbers.
    private func isFix(_ changed: Network) -> Bool {
        guard let fix = finding.proposal, fix.keepsNumbers else { return false }
        return (try? network.applying(fix.edit)) == changed
    }
}

// What may settle a finding.
extension RemedySearch {
    private func proposals() -> [(title: String, edit: Edit)] {
        let own = finding.proposal.map { [($0.title, $0.edit)] } ?? []
        guard let index else { return own }
        // A change that is found twice keeps the first words for it.
        return channels(of: index) + own + rates(of: index) + equalBits(of: index)
    }

    /// Making the channels that a layer reads or gives a multiple of what the chip asks for, wider and narrower.
    private func channels(of index: Int) -> [(String, Edit)] {
        guard let (sources, multiple) = demand(of: index) else { return [] }
        let channels = ChannelSources(analysis)
        return [(true, "widen"), (false, "narrow")].compactMap { isUp, verb in
            var values: [ChannelSources.FieldPlace: Int] = [:]
            for source in sources {
                guard let more = channels.rounded(source, toMultiple: multiple, isUp: isUp) else {
                    return nil
                }
                values.merge(more) { $1 }
            }
            guard let edits = consistent(values, channels, multiple, isUp: isUp), !edits.isEmpty else {
                return nil
            }
            let title = verb + " " + words(edits)
            return (title, edits.count == 1 ? edits[0] : .all(title, edits))
        }
    }

    /// The wires whose channels a rule is about, and what they should be a multiple of.
    private func demand(of index: Int) -> (sources: [Source], multiple: Int)? {
        let node = network.nodes[index]
        let block = document.device.family.channelBlock
        let read = analysis.shapes.inputs[index].first ?? nil
        switch finding.topic {
        case .givenChannels: return ([Source(node.name)], block)
        case .channelBlocks: break
        case .channelGroups, .equalBits, .bitsRead, .sign, .shapes, .weightBits, .featureBits, .other:
            return nil
        }
        if case .seBlock(let gate) = node.layer, let read, read.channels.isMultiple(of: block) {
            return (node.inputs, block * gate.rate)
        }
        if let read, read.channels.isMultiple(of: block) || read.channels < 4,
            node.layer.settings.activation != nil
        {
            // What it reads is right, so it is about what it gives.
            return ([Source(node.name)], block)
        }
        return (node.inputs, block)
    }

    /// Follows sums that would get unequal inputs, until none is left; nil where that leads nowhere.
    private func consistent(
        _ values: [ChannelSources.FieldPlace: Int], _ channels: ChannelSources, _ multiple: Int, isUp: Bool
    ) -> [Edit]? {
        var values = values
        for _ in 0..<16 {
            let edits = channels.edits(values)
            guard let changed = try? network.applying(.all("", edits)) else { return nil }
            let shapes = NetworkShapes(changed, order: NetworkOrder(changed))
            let torn = network.nodes.indices.filter { index in
                guard case .unequal? = shapes.failure(index) else { return false }
                return analysis.shapes.output(index) != nil
            }
            if torn.isEmpty { return edits }
            let count = values.count
            for source in torn.flatMap({ network.nodes[$0].inputs }) {
                guard let more = channels.rounded(source, toMultiple: multiple, isUp: isUp) else {
                    return nil
                }
                values.merge(more) { first, _ in first }
            }
            if values.count == count { return nil }
        }
        return nil
    }

    /// Smaller rates of an Se_Block, whose inner layer then has whole blocks.
    private func rates(of index: Int) -> [(String, Edit)] {
        let node = network.nodes[index]
        guard finding.topic == .channelBlocks, case .seBlock(let gate) = node.layer,
            let channels = (analysis.shapes.inputs[index].first ?? nil)?.channels
        else { return [] }
        let block = document.device.family.channelBlock
        let rate = (1..<max(1, gate.rate)).last { channels.isMultiple(of: $0 * block) }
        return rate.map {
            [("set \(node.name).rate to \($0)", .set(layer: node.name, field: "rate", to: .integer($0)))]
        } ?? []
    }

    /// The bits of the narrowest input for all inputs of a sum or join.
    private func equalBits(of index: Int) -> [(String, Edit)] {
        guard finding.topic == .equalBits,
            let narrowest = analysis.facts.nodes[index].inputs.map(\.bits).min()
        else { return [] }
        let sources = zip(network.nodes[index].inputs, analysis.facts.nodes[index].inputs)
        let wide = sources.filter { $0.1.bits != narrowest }.compactMap { quantizer(behind: $0.0) }
        let edits = wide.map { Edit.set(layer: $0, field: "outputBits", to: .integer(narrowest)) }
        guard !edits.isEmpty else { return [] }
        let title = "set " + wide.map { "\($0).outputBits to \(narrowest)" }.joined(separator: ", ")
        return [(title, edits.count == 1 ? edits[0] : .all(title, edits))]
    }

    /// The layer whose quantizer gives a wire its bits.
    private func quantizer(behind source: Source) -> String? {
        FindingPath.origin(of: source, in: analysis) { $0.kind.passesOn }.last.map { network.nodes[$0].name }
    }

    /// "b5.mid to 96", "b5.mid and b5.skip to 96".
    private func words(_ edits: [Edit]) -> String {
        var groups: [(value: FieldValue, layers: [String])] = []
        for case .set(let layer, _, let value) in edits {
            if let place = groups.firstIndex(where: { $0.value == value }) {
                groups[place].layers.append(layer)
            } else {
                groups.append((value, [layer]))
            }
        }
        return groups.map { group in
            let names = group.layers.count > 3 ? ["\(group.layers.count) layers"] : group.layers
            return "\(names.listed) to \(group.value)"
        }.joined(separator: ", ")
    }
}
