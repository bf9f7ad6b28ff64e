/// Where a model with refused operators could be cut in two, so that the chip computes all that lies before the first of them.
struct CutProposal {
    private let wiring: GraphWiring
    private let outputs: [String]
    private let needed: [Int]
    private let outcomes: [Int: ImportPass.Outcome]
    /// Operators that a trial refused.
    private var excluded: Set<Int> = []

    /// The most trials; each reads the whole file.
    private static let trials = 6
    /// The part of the layers that learn from which a cut is worth its host.
    private static let leastShare = 0.25
    /// The most tensors of a cut that can still be typed.
    private static let most = 12

    private init(_ wiring: GraphWiring, outputs: [String], _ outcomes: [Int: ImportPass.Outcome]) {
        self.wiring = wiring
        self.outputs = outputs
        self.outcomes = outcomes
        needed = wiring.ancestors(of: outputs).filter { wiring.dependsOnData[$0] }.sorted()
    }

    /// The tensors to cut at, tried by an import; nil where too little of the model lies before the operators that are refused.
    static func found(
        _ file: ONNXFile, _ wiring: GraphWiring, _ outcomes: [Int: ImportPass.Outcome],
        _ options: ONNXImport.Options
    ) throws(ONNXError) -> ONNXReport.Proposal? {
        let outputs = file.model.graph.output.map(\.name)
        var search = CutProposal(wiring, outputs: outputs, outcomes)
        for _ in 0..<trials {
            guard let proposal = search.proposal() else { return nil }
            var asked = options
            asked.outputs = proposal.outputs
            let report = try ImportRun(file, asked).report
            if report.faults.isEmpty { return report.lostOutputs.isEmpty ? proposal : nil }
            guard search.exclude(report.faults) else { return nil }
        }
        return nil
    }

    /// The cut behind all that a chip computes, as far as trials have not refused it.
    private func proposal() -> ONNXReport.Proposal? {
        var able: Set<Int> = []
        for place in needed where isLayer(place) {
            let makers = wiring.variables(of: place).compactMap { wiring.makers[$0] }
            if makers.allSatisfy(able.contains) { able.insert(place) }
        }
        // What only moves numbers stays where a layer behind it reads it.
        var kept: Set<Int> = []
        var isRead: Set<Int> = []
        for place in needed.reversed() where able.contains(place) {
            guard isRead.contains(place) || gives(place) else { continue }
            kept.insert(place)
            isRead.formUnion(wiring.variables(of: place).compactMap { wiring.makers[$0] })
        }
        let read = needed.filter { !kept.contains($0) }.flatMap { wiring.variables(of: $0) } + outputs
        let ends = Set(read.filter { name in wiring.makers[name].map(kept.contains) ?? false })
        let isReachable = read.allSatisfy { name in
            ends.contains(name) || !wiring.inputs.contains(name)
        }
        let products = needed.filter { wiring.isProduct[$0] }
        let own = products.filter(kept.contains)
        guard isReachable, !own.isEmpty, Double(own.count) >= CutProposal.leastShare * Double(products.count),
            (1...CutProposal.most).contains(ends.count),
            ends.allSatisfy({ $0.allSatisfy { !$0.isWhitespace && $0 != "," } })
        else { return nil }
        return ONNXReport.Proposal(
            outputs: ends.sorted { (wiring.makers[$0] ?? -1, $0) < (wiring.makers[$1] ?? -1, $1) },
            learning: own.count, allLearning: products.count)
    }

    /// Takes out what a trial refused; false where that is nothing.
    private mutating func exclude(_ faults: [ONNXReport.Fault]) -> Bool {
        let before = excluded.count
        let names = Set(faults.map(\.node))
        for place in needed {
            let node = wiring.nodes[place]
            if names.contains(ImportBuilder.name(of: node)) || node.output.contains(where: names.contains) {
                excluded.insert(place)
            }
        }
        return excluded.count > before
    }

    private func isLayer(_ place: Int) -> Bool {
        guard !excluded.contains(place) else { return false }
        return switch outcomes[place] {
        case .joined?, .renamed?, .pending?, .layers?: true
        case .nothing?, .refused?, nil: false
        }
    }

    /// Whether the result of an operator can be one of the network.
    private func gives(_ place: Int) -> Bool {
        switch outcomes[place] {
        case .joined?, .layers?: true
        case .renamed?, .pending?, .nothing?, .refused?, nil: false
        }
    }
}
