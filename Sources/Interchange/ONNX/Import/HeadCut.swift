import Graph

/// Where a model is cut in two: the operators that become layers, and those of the head, which the host computes.
struct HeadCut {
    /// The operators before the cut, those that compute shapes included.
    let network: Set<Int>
    /// The operators of the head that depend on data, in the order of the file.
    let host: [Int]
    /// The tensors at the cut: what the network gives.
    let ends: [String]
    /// The operators on neither side, which no result needs.
    let gone: [Int]
    /// The results of the file that neither side gives.
    let lostOutputs: [String]

    private init(_ wiring: GraphWiring, host: [Int], ends: [String], lostOutputs: [String] = []) {
        self.host = host
        self.ends = ends
        self.lostOutputs = lostOutputs
        let network = wiring.ancestors(of: ends)
        self.network = network
        let kept = network.union(host)
        gone = wiring.nodes.indices.filter { wiring.dependsOnData[$0] && !kept.contains($0) }
    }

    /// No head: everything that the results of the file need is the network's.
    init(_ wiring: GraphWiring, outputs: [String]) {
        self.init(wiring, host: [], ends: outputs)
    }

    /// Cuts behind the tensors that a person names; the host gets what follows from them alone.
    init(_ wiring: GraphWiring, outputs: [String], at ends: [String]) {
        var available = Set(ends)
        var makers: [String: Int] = [:]
        for place in wiring.nodes.indices where wiring.dependsOnData[place] {
            guard wiring.variables(of: place).allSatisfy(available.contains) else { continue }
            for name in wiring.nodes[place].output where available.insert(name).inserted {
                makers[name] = place
            }
        }
        let given = outputs.filter { available.contains($0) || !wiring.isVariable($0) }
        var host: Set<Int> = []
        var open = given.compactMap { makers[$0] }
        while let place = open.popLast() {
            guard host.insert(place).inserted else { continue }
            open += wiring.variables(of: place).compactMap { makers[$0] }
        }
        self.init(
            wiring, host: host.sorted(), ends: ends, lostOutputs: outputs.filter { !given.contains($0) })
    }

    /// Cuts behind the last layer on each path that a chip computes well; `outcomes` say what became of each operator.
    init(_ wiring: GraphWiring, outputs: [String], _ outcomes: [Int: ImportPass.Outcome]) {
        let needed = wiring.ancestors(of: outputs)
        var search = HeadSearch(wiring, needed, outcomes, takesNames: true)
        var host = search.host
        if !host.isEmpty {
            // Where the host computes anything, it also names the axes.
            search = HeadSearch(wiring, needed, outcomes, takesNames: false)
            host = search.host
        }
        guard !host.isEmpty, search.hasLayers else {
            self.init(wiring, outputs: outputs)
            return
        }
        let isHost = Set(host)
        func isEnd(_ name: String) -> Bool {
            wiring.isVariable(name) && !(wiring.makers[name].map(isHost.contains) ?? false)
        }
        let ends = Set((host.flatMap { wiring.reads[$0] } + outputs).filter(isEnd))
        self.init(
            wiring, host: host,
            ends: ends.sorted { (wiring.makers[$0] ?? -1, $0) < (wiring.makers[$1] ?? -1, $1) })
    }
}

/// Which operators of the head stay on the chip.
private struct HeadSearch {
    private let wiring: GraphWiring
    private let needed: Set<Int>
    private let outcomes: [Int: ImportPass.Outcome]
    private let takesNames: Bool
    private let head: [Int]
    private var kept: Set<Int> = []
    /// The operators that a chip computes as such.
    private var worthwhile: Set<Int> = []

    init(
        _ wiring: GraphWiring, _ needed: Set<Int>, _ outcomes: [Int: ImportPass.Outcome], takesNames: Bool
    ) {
        self.wiring = wiring
        self.needed = needed
        self.outcomes = outcomes
        self.takesNames = takesNames
        head = needed.filter { wiring.isHead[$0] }.sorted()
        // From the inputs on: what can be a layer at all.
        var able: Set<Int> = []
        for place in head where isLayer(place) {
            let isBehindHost = wiring.variables(of: place).contains { name in
                wiring.makers[name].map { wiring.isHead[$0] && !able.contains($0) } ?? false
            }
            guard !isBehindHost else { continue }
            able.insert(place)
            if isWorthwhile(place) { worthwhile.insert(place) }
        }
        // From the results on: what moves numbers only stays where a layer behind it does more.
        var isRead: Set<Int> = []
        for place in head.reversed() where able.contains(place) {
            guard isRead.contains(place) || worthwhile.contains(place) else { continue }
            kept.insert(place)
            isRead.formUnion(wiring.variables(of: place).compactMap { wiring.makers[$0] })
        }
    }

    /// The operators that the host computes, in the order of the file.
    var host: [Int] { head.filter { !kept.contains($0) } }

    /// Whether anything is left for the chip to compute.
    var hasLayers: Bool {
        needed.contains { wiring.isHead[$0] ? kept.contains($0) : wiring.isProduct[$0] }
    }

    private func isLayer(_ place: Int) -> Bool {
        switch outcomes[place] {
        case .joined?, .renamed?, .pending?, .layers?: true
        case .nothing?, .refused?, nil: false
        }
    }

    private static let functions: Set<String> = [
        "Relu", "LeakyRelu", "PRelu", "HardSigmoid", "HardSwish", "Clip", "BatchNormalization",
    ]

    /// Whether a chip computes the operator as such, and not by layers that only move numbers or have weights made up for it.
    private func isWorthwhile(_ place: Int) -> Bool {
        switch outcomes[place] {
        case .nothing?, .refused?, .pending?, nil: return false
        case .joined?: return isJoinedToLayer(place)
        case .renamed?: return takesNames && isBehindLayer(place)
        case .layers(let layer)?:
            if case .unpool2D(let unpool) = layer { return unpool.mode != .bilinear }
            // It only moves numbers, and its channels come in blocks that a result cannot be widened to.
            if layer.kind == .pixelShuffle { return false }
            if layer.kind.type.role == .combining || layer.kind == .maxpool2D || layer.kind == .max {
                return true
            }
            return HeadSearch.functions.contains(wiring.nodes[place].opType) && isBehindLayer(place)
        }
    }

    /// Whether what takes an operator up is a layer that stays by itself, whatever only moves numbers between them.
    private func isJoinedToLayer(_ place: Int) -> Bool {
        var place = place
        while let name = wiring.variables(of: place).first, let maker = wiring.makers[name] {
            guard wiring.isHead[maker] else { return true }
            switch outcomes[maker] {
            case .renamed?, .pending?: place = maker
            case .joined?, .layers?: return worthwhile.contains(maker)
            case .nothing?, .refused?, nil: return false
            }
        }
        return true
    }

    /// Whether an operator reads an input first, or a layer that stays by itself.
    private func isBehindLayer(_ place: Int) -> Bool {
        guard let name = wiring.variables(of: place).first, let maker = wiring.makers[name] else {
            return true
        }
        return !wiring.isHead[maker] || worthwhile.contains(maker)
    }
}
