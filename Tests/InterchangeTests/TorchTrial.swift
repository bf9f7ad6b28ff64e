import Datasets
import Foundation
import Graph
import Interchange
import QAT
import TestSupport
import Testing
import Weights

/// A network that one batch has gone through forwards and backwards in our engine, for the PyTorch export to repeat.
struct TorchTrial {
    let program: Program
    private let network: Network
    private let export: TorchExport
    private let weights: Safetensors
    private let loss: Double?
    private let batch: Int
    /// What goes into the export, and what came out here; a backward pass leaves neither as it was.
    private let given, results: [Safetensors.Tensor]

    /// What parted the two, as shares of ours.
    struct Gap {
        var loss = 0.0
        /// Of all gradients together.
        var gradients = 0.0
        /// Of the tensor that is worst, and its name.
        var worst = (name: "", share: 0.0)
        /// Of the running statistics.
        var statistics = 0.0
        /// The share of results that are not ours.
        var results = 0.0

        var isClose: Bool {
            loss < 1e-4 && gradients < 1e-4 && worst.share < 1e-3 && statistics < 1e-5 && results == 0
        }
    }

    /// Computes a network on a chip, quantized or in float. Where `isLabelled`, a generated set's samples and
    /// cross-entropy are asked, else random inputs and gradients of the results.
    init(
        _ network: Network, for target: TorchExport.Target, isQuantized: Bool, isLabelled: Bool, batch: Int,
        seed: UInt64
    ) throws {
        self.network = network
        self.batch = batch
        let analysis = Analysis(network, on: target.family)
        let store = try TorchTrial.numbers(analysis)
        weights = Checkpoint.weights(store, digest: network.digest)
        var options = Program.Options(batch: batch)
        (options.isTraining, options.isQuantized) = (true, isQuantized)
        options.padsBothSides = target.padsBothSides
        options.wantsInputGradients = !isLabelled
        program = try Program(analysis, store: store, options: options)
        export = try TorchExport(
            network, named: "trial", for: target, plan: TrainingPlan(stages: [], data: ""), version: "test")
        let labels = try TorchTrial.fill(program, network, isLabelled: isLabelled, seed: seed)
        try program.forward(.training)
        program.clearOutputGradients()
        if isLabelled {
            let output = program.outputs[0]
            let value = labels.withUnsafeBufferPointer {
                Loss.crossEntropy.evaluate(
                    output.values, labels: $0, count: batch, classes: output.shape.elements,
                    gradient: output.gradient)
            }
            loss = value.sum / Double(batch)
        } else {
            var random = SeededGenerator(seed: seed)
            for gradient in program.outputs.compactMap(\.gradient) {
                for place in gradient.indices { gradient[place] = .random(in: -1...1, using: &random) }
            }
            loss = nil
        }
        var given: [Safetensors.Tensor] = []
        for port in program.inputs {
            given.append(try TorchTrial.tensor(port.name, port.values, port.shape, batch))
        }
        if isLabelled { given.append(.init("labels", labels.map(Float.init), shape: [batch])) }
        for (place, port) in program.outputs.enumerated() where !isLabelled {
            let gradient = try #require(port.gradient)
            given.append(try TorchTrial.tensor("gradient.\(place)", gradient, port.shape, batch))
        }
        self.given = given
        results = try program.outputs.enumerated().map { place, port in
            try TorchTrial.tensor("result.\(place)", port.values, port.shape, batch)
        }
        try program.backward()
    }

    /// Random numbers for everything that is learned.
    private static func numbers(_ analysis: Analysis) throws -> ParameterStore {
        let store = ParameterStore(analysis)
        store.initialize(seed: 5)
        var random = SeededGenerator(seed: 6)
        for entry in store.layout.parameters {
            let range: ClosedRange<Float>
            switch entry.role {
            // Some below the least that batch norm takes.
            case .parameter(.scale): range = -0.05...1.5
            case .parameter(.shift): range = -0.5...0.5
            case .parameter(.slope): range = 0.1...0.4
            case .parameter(.weight), .parameter(.bias), .logClip, .mean, .variance: continue
            }
            try store.set(entry.name, to: (0..<entry.count).map { _ in .random(in: range, using: &random) })
        }
        return store
    }

    /// Puts a batch into the program's inputs, indices where a table reads one; gives labels.
    private static func fill(
        _ program: Program, _ network: Network, isLabelled: Bool, seed: UInt64
    ) throws -> [Int32] {
        let batch = program.options.batch
        var labels = (0..<batch).map { Int32($0 % program.outputs[0].shape.elements) }
        let table = network.nodes.compactMap { node -> Int? in
            if case .embedding(let settings) = node.layer { settings.vocabularySize } else { nil }
        }.first
        guard table != nil || !isLabelled else {
            let input = program.inputs[0]
            let data = try Dataset.open(.generated(for: input.shape), shape: input.shape, seed: seed)
            let loader = Loader(
                data, split: .train, batch: batch, seed: seed, shuffled: true, augmented: false,
                dropsLast: true)
            _ = try labels.withUnsafeMutableBufferPointer { try loader.next(into: input.values, labels: $0) }
            return labels
        }
        var random = SeededGenerator(seed: seed)
        for input in program.inputs {
            for place in input.values.indices {
                input.values[place] =
                    table.map { Float(Int.random(in: 0..<$0, using: &random)) }
                    ?? .random(in: -1...1, using: &random)
            }
        }
        return labels
    }

    /// Writes the file, its weights and the batch into a folder.
    func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(export.text.utf8).write(to: URL(filePath: "\(folder)/net.py"))
        try Data(weights.encoded()).write(to: URL(filePath: "\(folder)/weights"))
        try Data(Safetensors(given).encoded()).write(to: URL(filePath: "\(folder)/batch"))
    }

    private static func tensor(
        _ name: String, _ values: UnsafeMutableBufferPointer<Float>, _ shape: Shape, _ batch: Int
    ) throws -> Safetensors.Tensor {
        let numbers = Program.channelsFirst(try #require(values.baseAddress), shape, batch: batch)
        return .init(name, numbers, shape: [batch] + shape.dimensions)
    }

    /// Runs the files of some folders in one process, for it takes seconds to start.
    static func run(_ folders: [String], isQuantized: Bool) throws {
        let script = """
            import runpy, sys
            for folder in sys.argv[1:]:
                sys.argv = ["net.py", "gradients", "--weights", folder + "/weights", "--batch", folder + "/batch"]
                sys.argv += ["-o", folder + "/out"] + \(isQuantized ? "[]" : "[\"--float\"]")
                runpy.run_path(folder + "/net.py", run_name="__main__")
            """
        _ = try Python.run(["-c", script] + folders)
    }

    /// What parts the two.
    func gap(in folder: String) throws -> Gap {
        let theirs = try Safetensors(bytes: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/out"))))
        var gap = Gap()
        let layout = program.store.layout
        var (apart, all) = (0.0, 0.0)
        var tensors: [(String, Double, Double)] = []
        for entry in layout.parameters {
            let mine = (0..<entry.count).map { program.gradients[entry.offset + $0] }
            let other = try theirs.values("gradient.\(entry.name)", shape: entry.shape, as: Float.self)
            let (distance, own) = (square(zip(mine, other).map { $0 - $1 }), square(mine))
            tensors.append((entry.name, distance, own))
            (apart, all) = (apart + distance, all + own)
        }
        for input in program.inputs where loss == nil {
            let numbers = Program.channelsFirst(
                try #require(input.gradient?.baseAddress), input.shape, batch: batch)
            let other = try theirs.values(
                "gradient.input.\(input.name)", shape: [batch] + input.shape.dimensions, as: Float.self)
            let (distance, own) = (square(zip(numbers, other).map { $0 - $1 }), square(numbers))
            tensors.append((input.name, distance, own))
            (apart, all) = (apart + distance, all + own)
        }
        // A tensor that hardly counts would be compared by its noise.
        for (name, distance, own) in tensors where all > 0 {
            let share = (distance / max(own, 1e-6 * all)).squareRoot()
            if share > gap.worst.share { gap.worst = (name, share) }
        }
        gap.gradients = all > 0 ? (apart / all).squareRoot() : 0
        (apart, all) = (0, 0)
        for entry in layout.statistics {
            let mine = program.store[entry.name] ?? []
            let other = try theirs.values(entry.name, shape: entry.shape, as: Float.self)
            apart += square(zip(mine, other).map { $0 - $1 })
            all += square(mine)
        }
        gap.statistics = all > 0 ? (apart / all).squareRoot() : 0
        if let loss {
            gap.loss = abs(Double(try theirs.values("loss", shape: [1], as: Float.self)[0]) - loss) / loss
            return gap
        }
        let ours = Safetensors(results)
        for result in results {
            let mine = try ours.values(result.name, shape: result.shape, as: Float.self)
            let other = try theirs.values(result.name, shape: result.shape, as: Float.self)
            let parted = zip(mine, other).count { abs($0 - $1) > 1e-5 * max(1, abs($0)) }
            gap.results = max(gap.results, Double(parted) / Double(mine.count))
        }
        return gap
    }

    private func square(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) } }
}
