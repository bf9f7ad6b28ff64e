import CKernels
import Graph

/// Looks at the tensors of one run and gathers them by part.
struct TensorStatisticsCollector {
    /// Weights that were looked at, kept while they and their quantizers stay.
    typealias Memory = [String: (quantizer: WeightQuantizer, seen: ProbedTensor)]

    let scope: TensorScope
    let program: Program
    private let analysis: Analysis
    private let request: ProbeRequest
    private let tap: ProbeTap?
    private(set) var parts: [ProbedPart] = []
    private(set) var memory: Memory
    private var places: [String: Int] = [:]

    init(
        _ program: Program, _ analysis: Analysis, _ request: ProbeRequest, memory: Memory,
        ranges: [String: ClosedRange<Float>] = [:], isBrief: Bool = false, tap: ProbeTap? = nil
    ) {
        self.program = program
        self.analysis = analysis
        self.request = request
        self.memory = memory
        self.tap = tap
        scope = TensorScope(program)
        scope.ranges = ranges
        scope.isBrief = isBrief
    }

    /// Looks at what layers that are only names for their input hand on: there are no kernels that do it.
    mutating func measureInputs(_ present: [Int]) {
        for index in present {
            let node = analysis.network.nodes[index]
            guard node.kind == .preprocess, let tensor = program.results[node.name]?.first else { continue }
            let seen = plain(tensor, node.name)
            add(node.name, of: node.name) { $0.feature = seen }
        }
    }

    /// Looks at the weights and the result of a kernel that has just run.
    mutating func measure(
        _ kernel: any Kernel, _ layer: String, isLast: Bool, _ matches: [String: FloatMatch]
    ) {
        let results = program.results[layer] ?? []
        var isSeen = false
        if let kernel = kernel as? any QuantizingKernel {
            for (weight, quantizer) in scope.isBrief ? [] : kernel.quantizedWeights {
                let seen = self.weight(weight, quantizer, kernel)
                add(weight.part, of: layer) { $0.weight = seen }
            }
            if kernel.completesOutput, let observation = scope.observe(kernel) {
                isSeen = results.first?.storage === kernel.quantizedOutput.storage
                var seen = ProbedTensor(observation: observation)
                if !scope.isBrief {
                    seen.quantizer = grid(of: kernel)
                    seen.match = isSeen ? matches[layer] : nil
                    seen.channels = channels(of: kernel)
                }
                add(kernel.part, of: layer) { $0.feature = seen }
                show(kernel)
            }
        }
        guard isLast, !isSeen else { return }
        for (index, tensor) in results.enumerated() {
            let name = results.count == 1 ? layer : "\(layer)[\(index)]"
            var seen = plain(tensor, name)
            seen.match = matches[layer]
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
        let count = program.options.batch * tensor.shape.elements
        var seen = ProbedTensor(observation: scope.describe(tensor.values, count, name, .feature, nil))
        guard !scope.isBrief else { return seen }
        var channels = ranges(tensor.values, count, channels: tensor.shape.channels)
        channels.level = channels.constants
        seen.channels = channels
        return seen
    }

    /// What the tap wants to see of the activation that the scope has just looked at.
    private func show(_ kernel: any QuantizingKernel) {
        guard let tap, let before = scope.before.baseAddress else { return }
        let output = kernel.quantizedOutput
        let shape = [program.options.batch] + output.shape.lastAxes
        tap("\(kernel.part).feature", before, shape)
        tap("\(kernel.part).feature.quantized", output.values, shape)
    }
}

// Channels.
extension TensorStatisticsCollector {
    private func ranges(
        _ values: UnsafePointer<Float>, _ count: Int, channels: Int
    ) -> ProbedChannels {
        var found = ProbedChannels(
            minimum: [Float](repeating: .infinity, count: channels),
            maximum: [Float](repeating: -.infinity, count: channels))
        ck_channel_ranges(values, Int64(count / channels), Int64(channels), &found.minimum, &found.maximum)
        return found
    }

    /// The channels of the activation that the scope has just looked at. A quantizer without a sign read them from 0 on.
    private func channels(of kernel: any QuantizingKernel) -> ProbedChannels? {
        guard let before = scope.before.baseAddress else { return nil }
        let output = kernel.quantizedOutput
        let count = program.options.batch * output.shape.elements
        var channels = ranges(before, count, channels: output.shape.channels)
        channels.level = ranges(output.values, count, channels: output.shape.channels).constants
        return channels
    }
}

extension ProbedChannels {
    /// By channel, the one value that there is; nil where there are several.
    fileprivate var constants: [Float?] { zip(minimum, maximum).map { $0 == $1 ? $0 : nil } }
}

// Weights.
extension TensorStatisticsCollector {
    private mutating func weight(
        _ weight: ParameterView, _ quantizer: WeightQuantizer, _ kernel: any QuantizingKernel
    ) -> ProbedTensor {
        var seen: ProbedTensor
        if let known = memory[weight.name], known.quantizer == quantizer, tap == nil {
            seen = known.seen
        } else {
            seen = ProbedTensor(observation: scope.observe(weight, quantizer))
            let rows = weight.shape[0]
            var channels = ProbedChannels(minimum: [], maximum: [])
            for row in 0..<rows {
                let columns = weight.count / rows
                let range = ck_observe(weight.values + row * columns, Int64(columns), -.infinity, .infinity)
                channels.minimum.append(range.minimum)
                channels.maximum.append(range.maximum)
            }
            seen.channels = channels
            if !quantizer.isFloat {
                seen.quantizer = grid(of: weight, quantizer)
                seen.profile = WeightProfile(
                    weight, quantizer, channels, mean: seen.observation.mean,
                    deviation: seen.observation.deviation)
            }
            memory[weight.name] = (quantizer, seen)
            tap?("\(weight.part).weight", weight.values, weight.shape)
            if let tap, !quantizer.isFloat, let after = scope.after.baseAddress {
                tap("\(weight.part).weight.quantized", after, weight.shape)
            }
        }
        guard !quantizer.isFloat else { return seen }
        if request.measuresFolding, let scales = kernel.normalizingScales {
            seen.foldingError = scope.foldingError(weight, quantizer, scales: scales)
        }
        if quantizer.bits < 8, let earlier = request.earlierWeights {
            seen.flips = scope.flips(weight, quantizer, since: earlier)
        }
        return seen
    }

    /// The grid of the weights that the scope has just looked at.
    private func grid(of weight: ParameterView, _ quantizer: WeightQuantizer) -> ProbedQuantizer {
        let rows = weight.shape[0]
        let grid = quantizer.grid
        var kernelGrid = quantizer.grid(rows: rows, count: weight.count)
        var bytes = [Int64](repeating: 0, count: 256)
        if let codes = scope.codes.baseAddress { ck_count_codes(codes, Int64(weight.count), &bytes) }
        // Bytes hold whole steps: two's complement, or for the NPU odd numbers, those of 8 bits halved.
        let isOdd = !grid.hasExactZero && ck_halves_codes(&kernelGrid) == 0
        let counts = (0..<grid.codeCount).map { level in
            UInt32(clamping: bytes[128 + (isOdd ? 2 * level - grid.levels : level - grid.codeCount / 2)])
        }
        let unit = Double(scope.units.prefix(rows).sorted()[rows / 2])
        let noise = scope.noise
        return ProbedQuantizer(
            grid, lower: -Double(grid.levels) * unit, upper: Double(grid.codes.upperBound) * unit,
            scales: quantizer.isPerTensor ? 1 : rows, counts: counts,
            meanSquare: (noise?.signal ?? 0) / Double(weight.count),
            meanSquaredError: (noise?.noise ?? 0) / Double(weight.count))
    }
}

// Activations.
extension TensorStatisticsCollector {
    /// The grid of the activation that the scope has just looked at; nil where no quantizer acts.
    private func grid(of kernel: any QuantizingKernel) -> ProbedQuantizer? {
        let output = kernel.quantizedOutput
        guard let grid = QuantizationGrid(output.signal, on: analysis.facts.family),
            let range = kernel.quantizedRange, let noise = scope.noise
        else { return nil }
        let count = program.options.batch * output.shape.elements
        let lowest = range.lower
        var counts = [Int64](repeating: 0, count: grid.codeCount)
        let step = Float(grid.step)
        ck_count_levels(output.values, Int64(count), lowest, step, Int64(grid.codeCount), &counts)
        return ProbedQuantizer(
            grid, lower: Double(lowest * range.clip),
            upper: Double(lowest + Float(grid.lastPlace) * step) * Double(range.clip), scales: 1,
            counts: counts.map { UInt32(clamping: $0) }, meanSquare: noise.signal / Double(count),
            meanSquaredError: noise.noise / Double(count))
    }
}
