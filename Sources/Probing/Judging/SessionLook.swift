public import Datasets
import Devices
import Editing
import Graph
import QAT
public import Sessions
import Weights

/// The samples of a data set with what a session's network says about them.
public struct SessionLook: Sendable {
    /// One sample.
    public struct Entry: Hashable, Sendable {
        /// Which one of the split, from 0.
        public let index: Int
        /// What is right about it, as the network gets it.
        public let truth: SampleAnswer
        /// What the network says; nil where the session has no weights.
        public let answers: JudgedSample?
    }

    /// What is looked at.
    public struct Question: Sendable {
        /// The data set; nil asks the generated one that fits.
        public var data: String?
        /// The split; nil asks the test samples, else those held out, else those of training.
        public var split: Split?
        /// Only samples of this class; nil asks all.
        public var label: String?
        /// The largest loss first.
        public var isWorstFirst = false
        /// Only samples whose answer quantizing changed.
        public var isChangedOnly = false
        /// As they are augmented in an epoch of training; nil as they are stored.
        public var epoch: Int?
        /// The least score of a box that counts as found.
        public var threshold = ConfusionMatrix.boxScore
        /// The most samples that are wanted.
        public var count = Int.max
        /// What generated and augmented data come from.
        public var seed: UInt64 = 1

        /// All test samples of the generated data, in their order.
        public init() {}
    }

    /// The data set.
    public let dataset: Dataset
    /// The split that was looked at.
    public let split: Split
    /// The samples, in the order that was asked for.
    public let entries: [Entry]
    /// Why answers have no loss; nil where they have one, and where there are no answers.
    public let whyNoLoss: String?
    /// What the pictures are read with.
    private let question: Question

    /// Looks at a session's data. Throws `SessionError`, `TrainingError`, or what the data set says.
    public init(_ session: Session, _ question: Question) throws {
        self.question = question
        let document = session.document
        guard let input = document.network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let data = question.data ?? "\(DataSpec.generated(for: document.network))"
        dataset = try PictureSet(
            data: data, shape: input.shape, task: document.network.task, seed: question.seed
        ).open()
        let dataset = dataset
        let split =
            question.split ?? [.test, .validation, .train].first { dataset.count($0) > 0 } ?? .train
        self.split = split
        guard dataset.count(split) > 0 else {
            throw TrainingError.mismatch("the data set has no \(split.rawValue) samples")
        }
        var indices = Array(0..<dataset.count(split))
        if let name = question.label {
            guard let label = dataset.classNames.firstIndex(of: name) else {
                throw TrainingError.mismatch(
                    "the data set has no class '\(name)'; it has \(dataset.classNames.joined(separator: ", "))"
                )
            }
            indices = indices.filter {
                dataset.classes(of: $0, in: split).contains(Int32(label))
            }
        }
        let isSorted = question.isWorstFirst || question.isChangedOnly
        // Without an order the first ones are the ones that are wanted.
        if !isSorted { indices = Array(indices.prefix(question.count)) }
        guard let weights = try session.weights(isRequired: isSorted), question.epoch == nil else {
            guard !isSorted else {
                throw TrainingError.mismatch(
                    "augmented samples have no answers: leave --augmented out, or --worst and --changed")
            }
            entries = try SessionLook.plain(indices, split, dataset, question)
            whyNoLoss = nil
            return
        }
        var network = JudgedNetwork(document, weights: weights, floatModel: try session.floatModel())
        network.threshold = question.threshold
        let judges = try Judges(network, on: dataset)
        if question.isWorstFirst, let reason = judges.whyNoLoss { throw reason }
        whyNoLoss = judges.whyNoLoss.map { "\($0)" }
        var found: [JudgedSample] = []
        var left = indices[...]
        while !left.isEmpty {
            found += try judges.answers(to: left.prefix(judges.batch), of: split)
            left = left.dropFirst(judges.batch)
        }
        if question.isChangedOnly { found = found.filter(\.isChanged) }
        if question.isWorstFirst {
            found.sort(by: JudgedSample.isWorse)
        } else if question.isChangedOnly {
            found.sort(by: JudgedSample.isMoreChanged)
        }
        entries = found.prefix(question.count).map {
            Entry(index: $0.index, truth: $0.truth, answers: $0)
        }
    }

    private static func plain(
        _ indices: [Int], _ split: Split, _ dataset: Dataset, _ question: Question
    ) throws(DatasetError) -> [Entry] {
        var reader = SampleReader(
            dataset, split: split, isAugmented: question.epoch != nil, seed: question.seed)
        var entries: [Entry] = []
        for index in indices {
            var samples = StoredSamples()
            try reader.read(index, epoch: question.epoch ?? 0, adding: &samples)
            entries.append(Entry(index: index, truth: samples.answers[0], answers: nil))
        }
        return entries
    }

    /// A picture of a sample, as it was asked for.
    public func picture(_ entry: Entry) throws(DatasetError) -> SamplePicture {
        try dataset.picture(entry.index, of: split, epoch: question.epoch, seed: question.seed)
    }
}
