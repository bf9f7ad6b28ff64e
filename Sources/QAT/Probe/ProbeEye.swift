import CKernels
import Graph

/// Looks at the tensors of one run and gathers them by part.
struct ProbeEye {
    /// Weights that were looked at, kept while they and their quantizers stay.
    typealias Memory = [String: (quantizer: WeightQuantizer, seen: ProbedTensor)]

    private let scope: TensorScope
    private let program: Program
    private let analysis: Analysis
    private(set) var parts: [ProbedPart] = []
    private(set) var memory: Memory
    private var places: [String: Int] = [:]

    init(_ program: Program, _ analysis: Analysis, memory: Memory) {
        (self.program, self.analysis, self.memory) = (program, analysis, memory)
        scope = TensorScope(program)
    }

    /// Looks at what layers that are only names for their input hand on: there are no kernels that do it.
    mutating func lookAtInputs(_ present: [Int]) {
        for index in present {
            let node = analysis.network.nodes[index]
            guard node.kind == .preprocess, let tensor = program.results[node.name]?.first else { continue }
            let seen = plain(tensor, node.name)
            add(node.name, of: node.name) { $0.feature = seen }
        }
    }

    /// Looks at the weights and the result of a kernel that has just run.
    mutating func look(_ kernel: any Kernel, _ layer: String, isLast: Bool, _ accumulated: [String: Double]) {
        let results = program.results[layer] ?? []
        var isSeen = false
        if let kernel = kernel as? any QuantizingKernel {
            for (weight, quantizer) in kernel.quantizedWeights {
                let seen = self.weight(weight, quantizer)
                add(weight.part, of: layer) { $0.weight = seen }
            }
            if kernel.completesOutput, let observation = scope.observe(kernel) {
                isSeen = results.first?.storage === kernel.quantizedOutput.storage
                let seen = ProbedTensor(
                    observation: observation, quantizer: grid(of: kernel),
                    accumulatedSQNR: isSeen ? accumulated[layer] : nil)
                add(kernel.part, of: layer) { $0.feature = seen }
            }
        }
        guard isLast, !isSeen else { return }
        for (index, tensor) in results.enumerated() {
            let name = results.count == 1 ? layer : "\(layer)[\(index)]"
            var seen = plain(tensor, name)
            seen.accumulatedSQNR = accumulated[layer]
            add(name, of: layer) { $0.feature = seen }
        }
    }

    private mutating func add(_ name: String, of layer: String, _ change: (inout ProbedPart) -> Void) {
        let place = places[name] ?? parts.count
        if place == parts.count { parts.append(ProbedPart(name: name, layer: layer)) }
        places[name] = place
        change(&parts[place])
    }

    private func plain(_ tensor: Tensor, _ name: String) -> ProbedTensor {
        ProbedTensor(
            observation: scope.describe(
                tensor.values, program.options.batch * tensor.shape.elements, name, .feature, nil))
    }
}

// Grids and levels.
extension ProbeEye {
    private mutating func weight(_ weight: ParameterView, _ quantizer: WeightQuantizer) -> ProbedTensor {
        if let known = memory[weight.name], known.quantizer == quantizer { return known.seen }
        var seen = ProbedTensor(observation: scope.observe(weight, quantizer))
        if !quantizer.isFloat { seen.quantizer = grid(of: weight, quantizer) }
        memory[weight.name] = (quantizer, seen)
        return seen
    }

    /// The grid of the weights that the scope has just looked at.
    private func grid(of weight: ParameterView, _ quantizer: WeightQuantizer) -> ProbedQuantizer {
        let rows = weight.shape[0]
        var grid = quantizer.grid(rows: rows, count: weight.count)
        var counts = [Int64](repeating: 0, count: 256)
        if let codes = scope.codes.baseAddress { ck_count_codes(codes, Int64(weight.count), &counts) }
        // The lowest and highest code that a byte holds for this grid: whole steps, or halves of odd ones.
        let half = 1 << (quantizer.bits - 1)
        let isHalved = ck_halves_codes(&grid) != 0
        let most = quantizer.isSIMD || isHalved ? half - 1 : 2 * half - 1
        let least = quantizer.isSIMD || isHalved ? -half : 1 - 2 * half
        let unit = Double(scope.units.prefix(rows).sorted()[rows / 2])
        let steps = quantizer.isSIMD ? Double(half) : Double(2 * half - 1)
        let noise = scope.after.baseAddress.map {
            scope.noise(weight.values, $0, scale: 1, weight.count).noise
        }
        return ProbedQuantizer(
            bits: quantizer.bits, lower: -steps * unit,
            upper: (quantizer.isSIMD ? steps - 1 : steps) * unit,
            hasExactZero: quantizer.isSIMD, scales: quantizer.isPerTensor ? 1 : rows,
            levelsUsed: counts.count { $0 > 0 },
            saturatedShare: Double(counts[most + 128] + counts[least + 128]) / Double(weight.count),
            zeroShare: quantizer.isSIMD ? Double(counts[128]) / Double(weight.count) : 0,
            meanSquaredError: (noise ?? 0) / Double(weight.count))
    }

    /// The grid of the feature that the scope has just looked at; nil where no quantizer acts.
    private func grid(of kernel: any QuantizingKernel) -> ProbedQuantizer? {
        let output = kernel.quantizedOutput
        let grid = FeatureGrid(output.signal, on: analysis.facts.family)
        guard let range = kernel.quantizedRange, !grid.isFloat, let before = scope.before.baseAddress else {
            return nil
        }
        let count = program.options.batch * output.shape.elements
        let lowest = range.lower
        var counts = [Int64](repeating: 0, count: grid.codeCount)
        ck_count_levels(output.values, Int64(count), lowest, grid.step, Int64(grid.codeCount), &counts)
        let zero = grid.hasSignedCodes ? grid.codeCount / 2 : range.lower == 0 ? 0 : nil
        let ends = counts[grid.codeCount - 1] + (range.lower < 0 ? counts[0] : 0)
        let noise = scope.noise(before, output.values, scale: 1 / range.clip, count).noise
        return ProbedQuantizer(
            bits: output.signal.bits, lower: Double(lowest * range.clip),
            upper: Double(lowest + Float(grid.codeCount - 1) * grid.step) * Double(range.clip),
            hasExactZero: zero != nil, scales: 1,
            levelsUsed: counts.count { $0 > 0 }, saturatedShare: Double(ends) / Double(count),
            zeroShare: zero.map { Double(counts[$0]) / Double(count) } ?? 0,
            meanSquaredError: noise / Double(count))
    }
}
