import Graph
import Weights

/// What the quantized network gave in a probe pass: the next one goes on from it.
struct KeptPass {
    /// What all of it depends on.
    struct Circumstances: Equatable {
        var runs: [Probe.Run]
        var threads: Int
        var measuresFolding: Bool
        var earlierWeights: Safetensors?

        init(_ request: ProbeRequest, _ runs: [Probe.Run]) {
            self.runs = runs
            threads = request.threads
            measuresFolding = request.measuresFolding
            earlierWeights = request.earlierWeights
        }
    }

    let circumstances: Circumstances
    var results = LayerResults()
}

extension Probe {
    /// Computes the quantized network and what a report says of it, all but the parts where the batch is not the whole
    /// of the probe; false where it was cancelled.
    func run(
        _ request: ProbeRequest, _ plan: ProbePlan, _ feed: ProbeBatch, isWhole: Bool,
        into report: inout ProbeReport, _ isCancelled: () -> Bool
    ) throws(EngineError) -> Bool {
        if tap != nil || request.batches > 1 || request.comparesIntegers { kept = nil }
        let networks = try networks(request, plan, feed)
        if isCancelled() { return false }
        if isWhole {
            guard let parts = try parts(networks, request, plan, isCancelled) else { return false }
            report.parts = parts
        } else {
            for run in networks.runs {
                try networks.run.forward {
                    networks.pass(run, of: $0)
                } inspect: { _, _, _ in
                }
            }
        }
        report.floatModelFailure = request.floatModel.flatMap { Probe.misfit(of: $0, in: request) }
        report.weights = ProbedWeights(
            kept: networks.weights.kept, drawn: networks.weights.drawn,
            estimated: plan.analysis.network.nodes.map(\.name).filter(networks.estimated.contains))
        if request.comparesIntegers {
            if isCancelled() { return false }
            return compareIntegers(request, plan, feed, networks.store, into: &report, isCancelled)
        }
        return true
    }

    /// All parts of the network: those that a change can reach as they come out now, the others as they were.
    private func parts(
        _ networks: Networks, _ request: ProbeRequest, _ plan: ProbePlan, _ isCancelled: () -> Bool
    ) throws(EngineError) -> [ProbedPart]? {
        let nodes = plan.analysis.network.nodes
        let reached = Set(networks.extent.reached.map { nodes[$0].name })
        let others = Set(plan.present.map { nodes[$0].name }).subtracting(reached)
        let statistics = networks.store.layout.statisticsByLayer
        for layer in others {
            for (entry, values) in zip(statistics[layer] ?? [], kept?.results[layer]?.statistics ?? []) {
                networks.store.setRunning(entry, to: values)
            }
        }
        // What was computed of reached layers is of no use any more, and is their room.
        var known = kept ?? KeptPass(circumstances: .init(request, networks.runs))
        known.results.keep(others)
        kept = known
        var recorder = LayerRecorder(
            networks, plan, runs: networks.runs.count,
            room: keepsResults(request)
                ? request.memoryLimit - keptBytes - networks.run.program.arenaBytes : 0)
        var matches: [String: FloatMatch] = [:]
        var collector = TensorStatisticsCollector(
            networks.run.program, plan.analysis, request, memory: memory, tap: tap)
        for (place, run) in networks.runs.enumerated() {
            if place > 0, isCancelled() { return nil }
            for index in networks.extent.given {
                let name = nodes[index].name
                if let outputs = known.results[name]?.outputs[place] { networks.run.give(name, outputs) }
            }
            let compares = place == 0
            let measures = run == .evaluation
            if measures { collector.measureInputs(plan.present.filter(networks.extent.reached.contains)) }
            try networks.run.forward {
                networks.pass(run, of: $0)
            } inspect: { kernel, layer, isLast in
                guard reached.contains(layer) else { return }
                if compares, isLast { matches[layer] = match(of: layer, networks) }
                if measures { collector.measure(kernel, layer, isLast: isLast, matches) }
                if isLast { recorder.record(layer, networks.run, place) }
            }
        }
        memory = collector.memory
        let found = Dictionary(grouping: collector.parts, by: \.layer)
        guard keepsResults(request) else { return collector.parts }
        for index in networks.extent.reached {
            let name = nodes[index].name
            known.results.set(
                name,
                recorder.entry(
                    index, parts: found[name] ?? [],
                    statistics: (statistics[name] ?? []).map {
                        Array(networks.store.running($0))
                    }))
        }
        kept = known
        // What inputs hand on was looked at first.
        let order =
            plan.present.filter { nodes[$0].kind == .preprocess }
            + plan.present.filter { nodes[$0].kind != .preprocess }
        return order.flatMap { known.results[nodes[$0].name]?.parts ?? [] }
    }

    /// Whether the next probe can go on from this one. One of several batches ends on another batch, and integers need
    /// all of the memory.
    private func keepsResults(_ request: ProbeRequest) -> Bool {
        tap == nil && request.batches <= 1 && !request.comparesIntegers
    }
}

/// Takes down what layers give, as far as there is room.
private struct LayerRecorder {
    private let networks: Probe.Networks
    private let network: Network
    private let family: ArithmeticFamily
    private var room: Int
    private var outputs: [String: [[KeptTensor]?]] = [:]
    private let none: [[KeptTensor]?]

    init(_ networks: Probe.Networks, _ plan: ProbePlan, runs: Int, room: Int) {
        self.networks = networks
        network = plan.analysis.network
        family = plan.analysis.facts.family
        self.room = room
        none = Array(repeating: nil, count: runs)
    }

    mutating func record(_ layer: String, _ run: ProbeRun, _ place: Int) {
        guard room > 0, let node = network[layer], LayerResults.keeps(node) else { return }
        // A layer is of use only with the results of all runs.
        guard place == 0 || outputs[layer]?[0] != nil else { return }
        let kept = run.results(of: layer, on: family)
        let bytes = kept.reduce(0) { $0 + $1.byteCount }
        guard bytes <= room else { return }
        room -= bytes
        outputs[layer, default: none][place] = kept
    }

    func entry(_ index: Int, parts: [ProbedPart], statistics: [[Float]]) -> LayerResults.Entry {
        guard let key = networks.keys[index] else { preconditionFailure("every present layer has a key") }
        return LayerResults.Entry(
            key: key, outputs: outputs[network.nodes[index].name] ?? none, statistics: statistics,
            parts: parts)
    }
}
