public import Graph

/// How bad it is to break a rule.
public enum Severity: String, CaseIterable, Comparable, Hashable, Sendable {
    /// A recommended setting.
    case advice
    /// The sources disagree, or the kit does not insist.
    case warning
    /// The network cannot run as it is.
    case error

    /// Advice comes before warnings, warnings before errors.
    public static func < (first: Severity, second: Severity) -> Bool {
        first.rank < second.rank
    }

    private var rank: Int {
        switch self {
        case .advice: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// Where a rule comes from.
public struct Citation: Hashable, Sendable {
    /// Who says so.
    public enum Source: String, CaseIterable, Hashable, Sendable {
        /// The vendor's operator manual.
        case manual
        /// Observed behaviour of the vendor's training kit 1.1.1.
        case kit
        /// The vendor's inference-framework manual.
        case venus
        /// It needs no source: the network cannot be computed.
        case structure

        /// Its name in sentences: "training kit".
        public var words: String { self == .kit ? "training kit" : rawValue }
    }

    /// Who says so, the strongest first.
    public let sources: [Source]
    /// The section of the manual, where it is not the operator's own.
    public let section: String?
    /// The note or argument within the section.
    public let detail: String?

    /// The operator's section of the manual, with a note or argument of it; other sources that agree.
    public static func manual(_ detail: String? = nil, section: String? = nil, also: Source...) -> Citation {
        Citation(sources: [.manual] + also, section: section, detail: detail)
    }

    /// The training kit, on the operator that the manual describes in its section.
    public static func kit(_ detail: String? = nil) -> Citation {
        Citation(sources: [.kit], section: nil, detail: detail)
    }

    /// The inference-framework manual, on the operator that the manual describes in its section.
    public static func venus(_ detail: String? = nil) -> Citation {
        Citation(sources: [.venus], section: nil, detail: detail)
    }

    /// The network itself.
    public static let structure = Citation(sources: [.structure], section: nil, detail: nil)

    /// The place in the manual for a layer of the given kind: "Route, note".
    public func text(for kind: OperatorKind?) -> String {
        [section ?? kind?.section ?? "network", detail].compactMap { $0 }.joined(separator: ", ")
    }
}

/// A change that settles a finding.
public struct Fix: Hashable, Sendable {
    /// What it does, in words.
    public let title: String
    /// The change.
    public let edit: Edit
    /// Whether the network computes the same float numbers afterwards, with its weights carried along.
    public let keepsNumbers: Bool

    /// A change with its words.
    public init(_ title: String, _ edit: Edit, keepsNumbers: Bool = false) {
        self.title = title
        self.edit = edit
        self.keepsNumbers = keepsNumbers
    }
}

/// One rule that one layer breaks on one chip.
public struct Finding: Hashable, Sendable {
    /// The rule's id.
    public let rule: String
    /// What the rule is about.
    public let topic: RuleTopic
    /// The chip.
    public let device: Device
    /// How bad it is.
    public let severity: Severity
    /// The layer, or nil where it is about the whole network.
    public let layer: String?
    /// What the rule asks for, as a sentence.
    public let message: String
    /// What the layer has instead.
    public let actual: String
    /// The place in the manual.
    public let citation: String
    /// Who says so.
    public let sources: [Citation.Source]
    /// A change that may settle it; `Checker.fix(for:in:)` says whether it is safe.
    public let proposal: Fix?
    /// Why the user accepts it; nil if it is not waived.
    public internal(set) var waived: String?
}

/// A waiver: a finding that the user accepts, and why. Saved in the session, as a linter's suppression is.
public struct Waiver: Hashable, Sendable {
    /// The rule's id.
    public var rule: String
    /// The layer it holds for.
    public var layer: String
    /// Why.
    public var reason: String

    /// Waives a rule on a layer.
    public init(rule: String, layer: String, reason: String) {
        self.rule = rule
        self.layer = layer
        self.reason = reason
    }
}

/// Which rule a finding is about, and on which layer: what stays the same when an edit elsewhere rewords it.
public struct FindingKey: Hashable, Sendable {
    private let rule: String
    private let layer: String?

    /// The key of a finding.
    public init(_ finding: Finding) { (rule, layer) = (finding.rule, finding.layer) }

    /// The key of a finding on a layer that may have had another name before.
    public init(_ finding: Finding, formerNames: [String: String]) {
        rule = finding.rule
        layer = finding.layer.map { formerNames[$0] ?? $0 }
    }
}
