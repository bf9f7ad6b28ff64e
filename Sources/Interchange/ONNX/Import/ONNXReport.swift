public import Graph

/// What became of the operators of a file.
public struct ONNXReport: Hashable, Sendable {
    /// An operator that has no counterpart here.
    public struct Fault: Hashable, Sendable {
        /// What the file calls it, or its first result where it has no name.
        public var node: String
        /// The operator.
        public var `operator`: String
        /// What cannot be done, as a clause.
        public var reason: String
        /// What could be done instead, as a sentence; empty where nothing is known.
        public var advice: String
    }

    /// Something that a person should know of an operator that was taken over.
    public struct Note: Hashable, Sendable {
        /// What a remark is about.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// A change that keeps the numbers.
            case change
            /// A change of the numbers.
            case accuracy
            /// Something that is left for a person to do.
            case task
        }

        /// What the file calls it.
        public var node: String
        /// The operator.
        public var `operator`: String
        /// The remark.
        public var text: String
        /// What it is about.
        public var kind = Kind.change
    }

    /// An operator of the file by its name and type.
    public struct Step: Hashable, Sendable {
        /// What the file calls it.
        public var node: String
        /// The operator.
        public var `operator`: String
    }

    /// A result of the network, and what it is in the file.
    public struct Output: Hashable, Sendable {
        /// The name in the file.
        public var name: String
        /// Our layer.
        public var source: Source
        /// The axes that it is given with, the batch first: those of the file where no host stands behind it.
        public var dims: [Int]
    }

    /// An input of the file.
    public struct Input: Hashable, Sendable {
        /// The name in the file.
        public var name: String
        /// Our input.
        public var input: String
        /// The axes in the file, the batch first.
        public var dims: [Int]
        /// What the file itself multiplies the input by before its first layer; the loader does so.
        public var scale: Float = 1
        /// What the file adds then; the loader does so.
        public var shift: Float = 0
        /// Whether the file has the channels as its last axis, where the network has them first.
        public var isChannelsLast = false
    }

    /// Where the file could be cut so that the chip computes what lies before, and the host the rest.
    public struct Proposal: Hashable, Sendable {
        /// The tensors at which the network would end.
        public var outputs: [String]
        /// How many of the operators that multiply by learned weights the chip would compute.
        public var learning: Int
        /// How many of them there are.
        public var allLearning: Int
    }

    /// Who wrote the file.
    public var producer = ""
    /// The version of its operators.
    public var opset = 0
    /// How many operators it has.
    public var nodes = 0
    /// Its inputs.
    public var inputs: [Input] = []
    /// The network's results.
    public var outputs: [Output] = []
    /// The operators of the head, which the host computes from the network's results, in the order of the file.
    public var host: [Step] = []
    /// The operators that no result needs, in the order of the file.
    public var gone: [Step] = []
    /// The results of the file that neither the network nor the host gives, because the network ends before what they need.
    public var lostOutputs: [String] = []
    /// The operators that have no counterpart, in the order of the file.
    public var faults: [Fault] = []
    /// Where a file with such operators could be cut; nil where it is whole, or too little lies before them.
    public var proposal: Proposal?
    /// The inputs of the network that stand for results of refused operators.
    public var substitutes: Set<String> = []
    /// The remarks, in the order of the file.
    public var notes: [Note] = []
    /// Whether the file is an unchanged export of ours.
    public var isOwn = false
    /// The chip that an export of ours was made for.
    public var device: String?

    /// Nothing yet.
    public init() {}
}
