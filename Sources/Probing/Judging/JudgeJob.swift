public import Datasets
import QAT

/// Which samples are asked about; a newer order replaces an older one, done or not.
public struct JudgeOrder: Sendable {
    /// The network.
    var network: JudgedNetwork
    /// Which network with which weights on which data: the same number for the same.
    var number: Int
    /// The data set.
    var dataset: Dataset
    /// The split.
    var split: Split
    /// The samples, the most urgent first.
    var indices: [Int]
    /// Takes what was found, from the worker's thread.
    var tell: @Sendable (JudgeUpdate) -> Void

    /// Samples to be asked about.
    public init(
        _ network: JudgedNetwork, number: Int, dataset: Dataset, split: Split, indices: [Int],
        tell: @escaping @Sendable (JudgeUpdate) -> Void
    ) {
        self.network = network
        self.number = number
        self.dataset = dataset
        self.split = split
        self.indices = indices
        self.tell = tell
    }
}

/// What the network said.
public struct JudgeUpdate: Sendable {
    /// The number of the order's network.
    public let number: Int
    /// The split that was asked about.
    public let split: Split
    /// The answers to some samples, or why there are none.
    public let answers: Result<[JudgedSample], JudgeFailure>
    /// Why answers have no loss; nil where they have one.
    public let whyNoLoss: String?

    /// What the network said.
    public init(
        number: Int, split: Split, answers: Result<[JudgedSample], JudgeFailure>, whyNoLoss: String? = nil
    ) {
        self.number = number
        self.split = split
        self.answers = answers
        self.whyNoLoss = whyNoLoss
    }
}

/// Why a network has no answers.
public struct JudgeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The reason, in a sentence.
    public let description: String
}

/// The questions of a probe worker about samples: what is under way of the order that is wanted now.
struct JudgeJob {
    private var order: JudgeOrder?
    private var left: ArraySlice<Int> = []
    private var judges: (number: Int, Judges)?
    private var number = 0
    /// Whether there is something left to do.
    private(set) var isRunning = false

    /// Begins with the order if it is another one.
    mutating func follow(_ order: JudgeOrder?, number: Int) {
        guard number != self.number else { return }
        self.number = number
        self.order = order
        left = order?.indices[...] ?? []
        isRunning = !left.isEmpty
    }

    /// Asks about one batch, and tells of it.
    mutating func advance() {
        guard isRunning, let order else { return }
        func tell(_ answers: Result<[JudgedSample], JudgeFailure>, _ whyNoLoss: String? = nil) {
            order.tell(
                JudgeUpdate(
                    number: order.number, split: order.split, answers: answers, whyNoLoss: whyNoLoss))
        }
        do {
            let judges: Judges
            if let ready = self.judges, ready.number == order.number {
                judges = ready.1
            } else {
                self.judges = nil
                judges = try Judges(order.network, on: order.dataset)
                self.judges = (order.number, judges)
            }
            let next = left.prefix(judges.batch)
            left = left.dropFirst(judges.batch)
            isRunning = !left.isEmpty
            tell(.success(try judges.answers(to: next, of: order.split)), judges.whyNoLoss.map { "\($0)" })
        } catch {
            isRunning = false
            tell(.failure(JudgeFailure(description: "\(error)")))
        }
    }
}
