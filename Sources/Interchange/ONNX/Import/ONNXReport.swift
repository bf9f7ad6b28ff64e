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
        /// What the file calls it.
        public var node: String
        /// The operator.
        public var `operator`: String
        /// The remark.
        public var text: String
    }

    /// An operator at the end of the network that is left to the host.
    public struct HostStep: Hashable, Sendable {
        /// What the file calls it.
        public var node: String
        /// The operator.
        public var `operator`: String
        /// Its axis, where it has one.
        public var axis: Int
    }

    /// A result of the file, and where it is found.
    public struct Output: Hashable, Sendable {
        /// The name in the file.
        public var name: String
        /// Our layer.
        public var source: Source
        /// The axes in the file, the batch first.
        public var dims: [Int]
        /// What the host has to compute from it, in order.
        public var hostSteps: [HostStep]
    }

    /// An input of the file.
    public struct Input: Hashable, Sendable {
        /// The name in the file.
        public var name: String
        /// Our input.
        public var input: String
        /// The axes in the file, the batch first.
        public var dims: [Int]
        /// What the file itself multiplies the input by before its first layer, and what it then adds; the loader does so.
        public var scale: Float = 1
        public var shift: Float = 0
    }

    /// Who wrote the file.
    public var producer = ""
    /// The version of its operators.
    public var opset = 0
    /// How many operators it has.
    public var nodes = 0
    /// Its inputs.
    public var inputs: [Input] = []
    /// Its results.
    public var outputs: [Output] = []
    /// The operators that have no counterpart, in the order of the file.
    public var faults: [Fault] = []
    /// The remarks, in the order of the file.
    public var notes: [Note] = []
    /// Whether the file is an export of ours that nobody has changed.
    public var isOwn = false
    /// The chip that an export of ours was made for.
    public var device: String?

    /// Nothing yet.
    public init() {}
}
