import Datasets
import Devices
import Dispatch
import Editing
import Foundation
import Graph
import QAT
import Sessions
import Synchronization
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Probing

/// What a network says about single samples.
@Suite("Answers to single samples", .limited)
struct JudgeTests {
    /// A hundred samples, of which one has a wrong label.
    private struct Planted {
        let folder: TemporaryPath
        let wrong: Int
        var data: String { "idx:\(folder.path)" }
    }

    /// A folder that goes with the value.
    private final class TemporaryPath: Sendable {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/magikbench-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                print("a folder of a test stays behind: \(error)")
            }
        }
    }

    private func write(_ images: [[UInt8]], side: Int, _ labels: [UInt8], into folder: String) throws {
        func big(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * $0) & 255) } }
        let imageBytes = [0, 0, 8, 3] + big(images.count) + big(side) + big(side) + images.flatMap { $0 }
        let labelBytes = [0, 0, 8, 1] + big(labels.count) + labels
        for (images, labels) in [
            ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
            ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
        ] {
            try Data(imageBytes).write(to: URL(filePath: "\(folder)/\(images)"))
            try Data(labelBytes).write(to: URL(filePath: "\(folder)/\(labels)"))
        }
    }

    /// The first hundred pictures of a data set with one label changed.
    private func plant(in data: String, shape: Shape, at wrong: Int) throws -> Planted {
        let dataset = try Dataset.open(try DataSpec(data), shape: shape, seed: 3)
        let folder = try TemporaryPath()
        var images: [[UInt8]] = []
        var labels: [UInt8] = []
        for index in 0..<100 {
            let picture = try dataset.picture(index, of: .train)
            images.append(
                stride(from: 0, to: picture.image.bytes.count, by: 3).map { picture.image.bytes[$0] })
            labels.append(UInt8(picture.answer.label))
        }
        labels[wrong] = (labels[wrong] + 3) % 10
        try write(images, side: shape.dimensions[1], labels, into: folder.path)
        return Planted(folder: folder, wrong: wrong)
    }

    private func trained(_ network: Network, on data: String, epochs: Int) throws -> Safetensors {
        var plan = TrainingPlan(
            stages: [.init(bits: nil, epochs: epochs, optimizer: .adam, learningRate: 0.002)], data: data)
        plan.batch = 10
        plan.arithmetic = .float
        let dataset = try Dataset.open(try DataSpec(data), shape: network.inputs[0].shape, seed: plan.seed)
        let trainer = try Trainer(network, on: .npu, plan: plan, data: dataset) { $0.digest }
        #expect(try trainer.run(wish: { .goOn }, report: { _ in }) == .finished)
        return trainer.weights
    }

    private func answers(_ network: Network, _ weights: Safetensors, on data: String) throws -> [JudgedSample]
    {
        let dataset = try Dataset.open(try DataSpec(data), shape: network.inputs[0].shape, seed: 1)
        let judges = try Judges(
            JudgedNetwork(Document(network: network, device: .t40), weights: weights, floatModel: nil),
            on: dataset)
        #expect(judges.whyNoLoss == nil)
        var found: [JudgedSample] = []
        var left = Array(0..<dataset.count(.train))[...]
        while !left.isEmpty {
            found += try judges.answers(to: left.prefix(judges.batch), of: .train)
            left = left.dropFirst(judges.batch)
        }
        return found
    }

    @Test("a wrong label among a hundred blots is the first after training", arguments: [17, 58])
    func plantedBlot(wrong: Int) throws {
        var random = SeededGenerator(seed: 5)
        let folder = try TemporaryPath()
        var labels = (0..<100).map { UInt8($0 % 10) }
        let images = labels.map { label in
            (0..<64).map { place in
                let isLit = place / 8 == Int(label) % 8 || place % 8 == Int(label) / 2
                return UInt8((isLit ? 180 : 20) + random.below(60))
            }
        }
        labels[wrong] = (labels[wrong] + 3) % 10
        try write(images, side: 8, labels, into: folder.path)
        let network = try Samples.document(named: "mnist-cnn").network
        let data = "idx:\(folder.path)"
        let found = try answers(network, try trained(network, on: data, epochs: 24), on: data)
        #expect(found.count == 100)
        #expect(found.sorted(by: JudgedSample.isWorse).first?.index == wrong)
    }

    @Test(
        "a wrong label among a hundred digits is the first after training",
        .enabled(if: RealData.has("mnist"), "MNIST is not there; MAGIKBENCH_DATA names its folder"))
    func plantedDigit() throws {
        let network = try Samples.document(named: "mnist-cnn").network
        let planted = try plant(
            in: "mnist:\(RealData.folder)/mnist", shape: network.inputs[0].shape, at: 42)
        let found = try answers(network, try trained(network, on: planted.data, epochs: 24), on: planted.data)
        #expect(found.sorted(by: JudgedSample.isWorse).first?.index == 42)
    }

    @Test("the answers to all samples together are what an evaluation measures")
    func agrees() throws {
        let network = try SmallNetwork.images()
        let weights = try trained(network, on: "glyphs,limit=200", epochs: 2)
        let found = try answers(network, weights, on: "glyphs,limit=200")
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        try Checkpoint.load(weights, into: store)
        let data = try Dataset.open(try DataSpec("glyphs,limit=200"), shape: network.inputs[0].shape, seed: 1)
        for mode in [Evaluator.Mode.quantized, .float] {
            let evaluator = try Evaluator(
                analysis, store: store, mode: mode, loss: .crossEntropy, batch: 50, arithmetic: .best)
            let whole = try #require(try evaluator.evaluate(data, .train))
            let single = found.map { mode == .float ? $0.float : $0.quantized }
            let loss = single.reduce(0) { $0 + ($1.loss ?? .nan) } / Double(found.count)
            #expect(abs(loss - whole.loss) < 1e-5)
            let right = zip(found, single).count { sample, answer in
                guard case .classes(let scores) = answer.content else { return false }
                return scores.first?.label == sample.truth.label
            }
            #expect(Double(right) / Double(found.count) == whole.accuracy)
        }
    }

    @Test("probabilities of three classes fall, and are shares of one")
    func probabilities() throws {
        let network = try SmallNetwork.images()
        let weights = try trained(network, on: "glyphs,limit=50", epochs: 1)
        for sample in try answers(network, weights, on: "glyphs,limit=50") {
            guard case .classes(let scores) = sample.quantized.content else {
                Issue.record("no classes")
                return
            }
            #expect(scores.count == 3 && scores.map(\.probability).reduce(0, +) <= 1.0001)
            #expect(scores.map(\.probability) == scores.map(\.probability).sorted(by: >))
        }
    }

    @Test("the worker answers what is on the screen first, then the others, and newer orders at once")
    func worker() throws {
        let network = try SmallNetwork.images()
        let weights = try trained(network, on: "glyphs,limit=20", epochs: 1)
        let dataset = try Dataset.open(
            try DataSpec("glyphs,limit=300"), shape: network.inputs[0].shape, seed: 1)
        let found = Mutex<[Int]>([])
        let done = DispatchSemaphore(value: 0)
        let worker = ProbeWorker { _ in }
        let order = JudgeOrder(
            JudgedNetwork(Document(network: network, device: .t40), weights: weights, floatModel: nil),
            number: 1, dataset: dataset, split: .train, indices: [250, 251] + Array(0..<250)
        ) { update in
            guard case .success(let answers) = update.answers else { return }
            let count = found.withLock { found in
                found += answers.map(\.index)
                return found.count
            }
            if count == 252 { done.signal() }
        }
        worker.judge(order)
        #expect(done.waitForSignal())
        worker.close()
        #expect(found.withLock { $0 } == [250, 251] + Array(0..<250))
    }

    @Test("a network without a vector of scores says why it has no answers")
    func noScores() throws {
        let network = try Network(
            inputs: [Input("image", .map(channels: 3, height: 6, width: 6))],
            nodes: [Node("conv", Conv2D().layer, inputs: ["image"])])
        let weights = Checkpoint.weights(ParameterStore(Analysis(network, on: .npu)), digest: "")
        let dataset = try Dataset.open(try DataSpec("glyphs"), shape: network.inputs[0].shape, seed: 1)
        let found = Mutex<JudgeUpdate?>(nil)
        let done = DispatchSemaphore(value: 0)
        let worker = ProbeWorker { _ in }
        worker.judge(
            JudgeOrder(
                JudgedNetwork(Document(network: network, device: .t40), weights: weights, floatModel: nil),
                number: 7, dataset: dataset, split: .train, indices: [0]
            ) { update in
                found.withLock { $0 = update }
                done.signal()
            })
        #expect(done.waitForSignal())
        worker.close()
        let update = try #require(found.withLock { $0 })
        #expect(update.number == 7)
        guard case .failure(let failure) = update.answers else {
            Issue.record("there are answers")
            return
        }
        #expect(!failure.description.isEmpty)
    }
}
