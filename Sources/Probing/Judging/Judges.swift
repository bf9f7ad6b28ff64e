public import Datasets
import Devices
public import Editing
import Graph
public import QAT
public import Weights

/// A network with its numbers, about whose answers a person asks: as it is quantized, and in float.
public struct JudgedNetwork: Sendable {
    /// The network, and the chip that it is for.
    public var document: Document
    /// Its weights.
    public var weights: Safetensors
    /// The float model that it was quantized from; nil where its own weights answer without quantizers.
    public var floatModel: FloatModel?
    /// How wrong an answer is; nil asks the loss of the network's task.
    public var loss: Loss?
    /// The least score of a box that counts as found.
    public var threshold = ConfusionMatrix.boxScore

    /// A network with its weights.
    public init(_ document: Document, weights: Safetensors, floatModel: FloatModel?, loss: Loss? = nil) {
        self.document = document
        self.weights = weights
        self.floatModel = floatModel
        self.loss = loss
    }
}

/// What a network says about a sample, quantized and in float.
public struct JudgedSample: Hashable, Sendable {
    /// The sample of its split, from 0.
    public let index: Int
    /// What is right about it.
    public let truth: SampleAnswer
    /// What the float network says.
    public let float: NetworkAnswer
    /// What the quantized network says.
    public let quantized: NetworkAnswer

    /// Whether quantizing changed the answer.
    public var isChanged: Bool { quantized.differs(from: float) }

    /// The order of samples by the loss of the quantized network, largest first; those without one last.
    public static func isWorse(_ first: JudgedSample, _ second: JudgedSample) -> Bool {
        let losses = (first.quantized.rank, second.quantized.rank)
        return losses.0 == losses.1 ? first.index < second.index : losses.0 > losses.1
    }

    /// The order of samples that quantizing changed before others; among both by how much the loss grew.
    public static func isMoreChanged(_ first: JudgedSample, _ second: JudgedSample) -> Bool {
        guard first.isChanged == second.isChanged else { return first.isChanged }
        let growth = (first.growth, second.growth)
        return growth.0 == growth.1 ? first.index < second.index : growth.0 > growth.1
    }

    private var growth: Double { quantized.rank - float.rank }
}

extension NetworkAnswer {
    /// The loss for an order of samples: what is not finite is worst, what has none is best.
    fileprivate var rank: Double { loss.map { $0.isFinite ? $0 : .greatestFiniteMagnitude } ?? -1 }
}

/// Asks a network about samples of a data set, quantized and in float. Belongs to the thread that made it.
public final class Judges {
    private let quantized: SampleJudge
    private let float: SampleJudge
    private let dataset: Dataset
    private let threshold: Float
    private var readers: [Split: SampleReader] = [:]

    /// How many samples are asked about at once.
    public var batch: Int { quantized.batch }
    /// Why answers have no loss; nil where they have one.
    public let whyNoLoss: TrainingError?

    /// Makes a network ready for a data set of its input. Throws `TrainingError`, or why the weights do not fit.
    public init(_ network: JudgedNetwork, on dataset: Dataset) throws {
        let document = network.document
        let loss = network.loss ?? .advised(for: document.network.task)
        // Few large samples, many small ones.
        let batch = min(64, max(1, (1 << 21) / dataset.shape.elements))
        func judge(_ model: Network, _ weights: Safetensors, isQuantized: Bool) throws -> SampleJudge {
            let analysis = Analysis(model, on: document.device.family)
            let store = ParameterStore(analysis)
            try Checkpoint.load(weights, into: store)
            return try SampleJudge(
                analysis, store: store, isQuantized: isQuantized,
                padsBothSides: document.device.padsBothSides, loss: loss, batch: batch)
        }
        quantized = try judge(document.network, network.weights, isQuantized: true)
        float = try judge(
            network.floatModel?.network ?? document.network, network.floatModel?.weights ?? network.weights,
            isQuantized: false)
        self.dataset = dataset
        threshold = network.threshold
        whyNoLoss = quantized.whyNoLoss(on: dataset)
    }

    /// The answers to samples, at most a batch of them, in their order; a sample that cannot be read is left out.
    public func answers(to indices: some Sequence<Int>, of split: Split) throws -> [JudgedSample] {
        var reader = readers[split] ?? SampleReader(dataset, split: split)
        defer { readers[split] = reader }
        var samples = StoredSamples()
        var read: [Int] = []
        for index in indices {
            do throws(DatasetError) {
                try reader.read(index, adding: &samples)
                read.append(index)
            } catch {
                // The view says it in the place of the picture.
                continue
            }
        }
        let hasLoss = whyNoLoss == nil
        let found = (
            float: try float.answers(to: samples, withLoss: hasLoss, threshold: threshold),
            quantized: try quantized.answers(to: samples, withLoss: hasLoss, threshold: threshold)
        )
        return read.indices.map { place in
            JudgedSample(
                index: read[place], truth: samples.answers[place], float: found.float[place],
                quantized: found.quantized[place])
        }
    }
}
