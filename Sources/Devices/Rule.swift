public import Graph

/// What a chip, or every chip, asks of a layer: a sentence, its source and one question.
public struct Rule: Sendable {
    /// The name in findings and waivers.
    public let id: String
    /// What it is about.
    public let topic: RuleTopic
    /// The chips that ask.
    public let devices: [Device]
    /// The operators it is about; nil for all.
    public let operators: [OperatorKind]?
    /// How bad it is to break it.
    public let severity: Severity
    /// What it asks for, as a sentence.
    public let says: String
    /// Where it comes from.
    public let source: Citation
    /// The question: nil where the layer keeps the rule.
    public let check: @Sendable (RuleContext) -> Violation?
    /// How a layer keeps the rule, in its own numbers: nil where the rule has nothing to say of such a layer.
    let keeps: @Sendable (RuleContext) -> String?

    /// A rule; without `devices` for every chip, without `operators` for every operator.
    init(
        _ id: String, on devices: [Device] = Device.allCases, for operators: [OperatorKind]? = nil,
        _ severity: Severity = .error, about topic: RuleTopic = .other, says: String, source: Citation,
        keeps: (@Sendable (RuleContext) -> String?)? = nil,
        check: @escaping @Sendable (RuleContext) -> Violation?
    ) {
        self.id = id
        self.topic = topic
        self.devices = devices
        self.operators = operators
        self.severity = severity
        self.says = says
        self.source = source
        self.check = check
        self.keeps = keeps ?? { _ in says }
    }

    /// For rules whose success is not worth reporting.
    static let silent: @Sendable (RuleContext) -> String? = { _ in nil }
}

extension [Device] {
    /// T40, T41 and T02.
    static let npu = Device.allCases.filter { $0.family == .npu }
    /// Txx, Xs1 and Xs2.
    static let simd = Device.allCases.filter { $0.family == .simd }
}

/// What a layer has instead of what a rule asks for.
public struct Violation: Sendable {
    /// The actual value, as the end of a sentence whose subject is the layer.
    public let actual: String
    /// A change that may settle it.
    public let fix: Fix?
    /// What the rule asks for, where the rule's own sentence is too general; otherwise nil.
    public let says: String?
    /// Where it comes from, where that depends on the layer; otherwise nil.
    public let source: Citation?

    /// What is wrong, and what may settle it.
    init(_ actual: String, fix: Fix? = nil, says: String? = nil, source: Citation? = nil) {
        self.actual = actual
        self.fix = fix
        self.says = says
        self.source = source
    }
}

/// A layer within its network, as rules check it.
public struct RuleContext {
    /// Everything that follows from the network.
    public let analysis: Analysis
    /// The position of the layer in `analysis.network.nodes`.
    public internal(set) var index: Int
    /// The chip that asks.
    public let device: Device
    /// Whether any layer of the network quantizes.
    public let isQuantizedNetwork: Bool
    /// What would settle the findings about channels.
    let plans: ChannelRepair

    /// A layer that a chip is asked about.
    init(analysis: Analysis, index: Int, device: Device, isQuantizedNetwork: Bool) {
        self.analysis = analysis
        self.index = index
        self.device = device
        self.isQuantizedNetwork = isQuantizedNetwork
        plans = ChannelRepair(analysis, on: device)
    }

    /// The layer.
    public var node: Node { analysis.network.nodes[index] }
    /// Its operator with the settings.
    public var layer: Layer { analysis.network.nodes[index].layer }
    /// What the wiring decides.
    public var facts: SignalAnalysis.Facts { analysis.facts.nodes[index] }
    /// The shape on its first wire, or nil while it is unknown.
    public var input: Shape? { analysis.shapes.inputs[index].first ?? nil }
    /// The shape of its first output, or nil while it has none.
    public var output: Shape? { analysis.shapes.output(index) }
    /// Why it has no shape, where the reason lies in the layer itself.
    public var shapeError: ShapeError? { analysis.shapes.failure(index) }
    /// Its quantizers' settings, where it has any and they are on.
    public var quantization: Quantization? {
        layer.settings.quantization.flatMap { $0.isEnabled ? $0 : nil }
    }
    /// The layers that it reads; nil for a network input.
    public var producers: [Node?] {
        analysis.order.producers[index].map { $0.map { analysis.network.nodes[$0] } }
    }

    /// A change of one field of the layer.
    func set(_ field: String, _ value: FieldValue, keepsNumbers: Bool = false) -> Fix {
        set([(field, value)], keepsNumbers: keepsNumbers)
    }

    /// A change of several fields of the layer.
    func set(_ changes: [(String, FieldValue)], keepsNumbers: Bool = false) -> Fix {
        let words = "set " + changes.map { "\(node.name).\($0.0) to \($0.1)" }.joined(separator: ", ")
        let edits = changes.map { Edit.set(layer: node.name, field: $0.0, to: $0.1) }
        return Fix(words, edits.count == 1 ? edits[0] : .all(words, edits), keepsNumbers: keepsNumbers)
    }

    /// Forgets an imported flag, which an export then writes as the wiring has it.
    func forget(_ flag: String) -> Fix {
        Fix(
            "write \(flag) as the wiring has it", .clearImported(layer: node.name, flag: flag),
            keepsNumbers: true)
    }
}
