import Devices
import Foundation
import Graph
import Interchange
import QAT
import TestSupport
import Testing
import Workbench

/// A network that a batch goes through in our engine and in the PyTorch export.
struct TorchCase: CustomTestStringConvertible, Sendable {
    let sample: String
    var isQuantized: Bool
    /// The width that all layers are set to; nil leaves them as they are.
    var bits: Int?

    var testDescription: String {
        "\(sample), \(isQuantized ? bits.map { "\($0) bit" } ?? "as set" : "in float")"
    }

    static let batch = 8

    /// What parted the two.
    struct Gap {
        var loss: Double
        /// Of all gradients together.
        var gradients: Double
        /// Of the tensor that is worst, and its name.
        var worst: (name: String, share: Double)
        /// Of the running statistics.
        var statistics: Double
    }

    func gap(sawLine: (String) -> Void = { _ in }) throws -> Gap {
        let document = try Samples.document(named: sample)
        let network = bits.map { document.network.atBits($0) } ?? document.network
        let family = document.device.family
        let analysis = Analysis(network, on: family)
        let store = try weights(analysis)
        let before = try Safetensors(bytes: Checkpoint.weights(store, digest: network.digest).encoded())
        var options = Program.Options(batch: TorchCase.batch)
        (options.isTraining, options.isQuantized) = (true, isQuantized)
        options.padsBothSides = document.device == .t02
        let program = try Program(analysis, store: store, options: options)
        let labels = fill(program, network)
        try program.forward(.training)
        program.clearOutputGradients()
        let output = program.outputs[0]
        let value = labels.withUnsafeBufferPointer {
            Loss.crossEntropy.evaluate(
                output.values, labels: $0, count: TorchCase.batch, classes: output.shape.elements,
                gradient: output.gradient)
        }
        try program.backward()
        let export = try TorchExport(
            network, named: sample,
            for: .init(family, padsBothSides: options.padsBothSides, device: document.device.rawValue),
            plan: TrainingPlan(stages: [], data: ""), version: "test")
        let theirs = try computed(export, before, program, labels)
        return try compare(theirs, program, loss: value.sum / Double(TorchCase.batch))
    }

    /// Random numbers for everything that is learned.
    private func weights(_ analysis: Analysis) throws -> ParameterStore {
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

    private func fill(_ program: Program, _ network: Network) -> [Int32] {
        var random = SeededGenerator(seed: 9)
        let table = network.nodes.compactMap { node -> Int? in
            if case .embedding(let settings) = node.layer { settings.vocabularySize } else { nil }
        }.first
        for place in program.inputs[0].values.indices {
            program.inputs[0].values[place] =
                table.map { Float(Int.random(in: 0..<$0, using: &random)) }
                ?? Float(Int.random(in: 0...255, using: &random)) / 255
        }
        let classes = program.outputs[0].shape.elements
        return (0..<TorchCase.batch).map { _ in Int32.random(in: 0..<Int32(classes), using: &random) }
    }

    private func computed(
        _ export: TorchExport, _ weights: Safetensors, _ program: Program, _ labels: [Int32]
    ) throws -> Safetensors {
        try withTemporaryFolder { folder in
            try Data(export.text.utf8).write(to: URL(filePath: "\(folder)/net.py"))
            try Data(weights.encoded()).write(to: URL(filePath: "\(folder)/weights"))
            let input = program.inputs[0]
            let values = Program.channelsFirst(
                input.values.baseAddress!, input.shape, batch: TorchCase.batch)
            let batch = Safetensors([
                .init(input.name, values, shape: [TorchCase.batch] + input.shape.dimensions),
                .init("labels", labels.map(Float.init), shape: [TorchCase.batch]),
            ])
            try Data(batch.encoded()).write(to: URL(filePath: "\(folder)/batch"))
            let mode = isQuantized ? [] : ["--float"]
            _ = try Python.run(
                ["\(folder)/net.py", "gradients", "--weights", "\(folder)/weights", "--batch",
                    "\(folder)/batch", "-o", "\(folder)/out"] + mode)
            return try Safetensors(bytes: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/out"))))
        }
    }

    private func compare(_ theirs: Safetensors, _ program: Program, loss: Double) throws -> Gap {
        func square(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
        let layout = program.store.layout
        var (apart, all, worst, tensors) = (0.0, 0.0, (name: "", share: 0.0), [(String, Double, Double)]())
        for entry in layout.parameters {
            let mine = (0..<entry.count).map { Double(program.gradients[entry.offset + $0]) }
            let other = try theirs.values("gradient.\(entry.name)", shape: entry.shape, as: Float.self)
            let distance = square(zip(mine, other).map { $0 - Double($1) })
            tensors.append((entry.name, distance, square(mine)))
            (apart, all) = (apart + distance, all + square(mine))
        }
        // A tensor that hardly counts would be compared by its noise.
        for (name, distance, own) in tensors {
            let share = (distance / Swift.max(own, 1e-8 * all)).squareRoot()
            if share > worst.share { worst = (name, share) }
        }
        var (parted, size) = (0.0, 0.0)
        for entry in layout.statistics {
            let mine = (program.store[entry.name] ?? []).map(Double.init)
            let other = try theirs.values(entry.name, shape: entry.shape, as: Float.self)
            parted += square(zip(mine, other).map { $0 - Double($1) })
            size += square(mine)
        }
        let other = Double(try theirs.values("loss", shape: [1], as: Float.self)[0])
        return Gap(
            loss: abs(other - loss) / loss, gradients: (apart / all).squareRoot(), worst: worst,
            statistics: size > 0 ? (parted / size).squareRoot() : 0)
    }
}

@Suite(
    "A PyTorch export beside our engine",
    .enabled(if: Python.has("torch"), Comment(rawValue: Python.absence(of: "torch"))))
struct TorchGradientTests {
    static let samples = [
        "network-t40", "network-t40-mnist", "network-t40-literal", "resnet20-cifar", "mobilenetv2-cifar",
        "mnist-cnn", "t02-mnist", "spoken-digits-lstm", "sms-text",
    ]

    static let cases = samples.flatMap { name in
        [TorchCase(sample: name, isQuantized: false), TorchCase(sample: name, isQuantized: true)]
    } + [TorchCase(sample: "network-t40", isQuantized: true, bits: 4)]

    @Test("the same weights and batch give the same loss and gradients", arguments: cases)
    func gradients(_ test: TorchCase) throws {
        let gap = try test.gap()
        if ProcessInfo.processInfo.environment["MAGIKBENCH_COUNTS"] != nil {
            print("GAP", test.testDescription, gap)
        }
        #expect(gap.loss < 1e-4 && gap.gradients < 1e-4, "\(gap)")
        #expect(gap.worst.share < 1e-3 && gap.statistics < 1e-5, "\(gap)")
    }
}
