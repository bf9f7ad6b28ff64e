public import Graph

/// Whether a chip has an operator, and who says so.
public enum Support: Hashable, Sendable {
    /// The manual lists the chip.
    case listed
    /// The manual says that the chip has none, or that only others have it; the place is a note or argument.
    case excluded(String)
    /// The manual does not list the chip, the kit accepts it.
    case acceptedByKit
    /// Neither the manual nor the kit has it.
    case absent
    /// The manual lists the chip, the kit refuses it.
    case refusedByKit

    /// One letter for a table: Y, X, o, n or k.
    public var letter: Character {
        switch self {
        case .listed: "Y"
        case .excluded: "X"
        case .acceptedByKit: "o"
        case .absent: "n"
        case .refusedByKit: "k"
        }
    }

    /// How bad it is to use the operator; nil where it is listed.
    public var severity: Severity? {
        switch self {
        case .listed: nil
        case .excluded, .absent: .error
        case .acceptedByKit, .refusedByKit: .warning
        }
    }

    /// What the letter means.
    public static let legend: [(letter: Character, meaning: String)] = [
        ("Y", "listed in the manual"), ("X", "the manual says no"),
        ("o", "not in the manual's list, accepted by the training kit"), ("n", "in neither"),
        ("k", "listed in the manual, refused by the training kit"),
    ]
}

/// A row of the table of operators and chips; Focus has one of its own although it is a setting of Conv2D.
public struct SupportRow: Sendable {
    /// The manual's name of the operator.
    public let name: String
    /// The chips that the manual does not simply list.
    private let others: [Device: Support]

    /// What one chip has.
    public subscript(device: Device) -> Support { others[device] ?? .listed }

    /// The whole table, in the manual's order.
    public static let all: [SupportRow] = OperatorKind.allCases.flatMap { kind in
        (kind == .max ? ["Focus", kind.rawValue] : [kind.rawValue]).map { name in
            SupportRow(name: name, others: exceptions[name] ?? [:])
        }
    }

    /// What is said of chips that the manual does not simply list for an operator.
    private static let exceptions: [String: [Device: Support]] = [
        "Preprocess": [.t02: .refusedByKit],
        "ConvTranspose2D": [.t02: .refusedByKit],
        "DepthwiseConv2D": [.t02: .excluded("note 3")],
        "BatchNorm": [.t02: .refusedByKit],
        "Shortcut": [.t41: .acceptedByKit, .t02: .absent],
        "Avgpool2D": [.t02: .excluded("note 1")],
        "Se_Block": [.t02: .absent],
        "Mul": [.t02: .absent],
        "Channel_Split": [.t40: .acceptedByKit, .t41: .acceptedByKit, .t02: .absent],
        "Pixel_Shuffle": [
            .t02: .excluded("target_device"), .txx: .excluded("target_device"),
            .xs1: .excluded("target_device"), .xs2: .excluded("target_device"),
        ],
        "Embedding": [.t02: .absent],
        "Focus": [.t02: .absent],
        "Max": [.t02: .absent, .txx: .acceptedByKit, .xs1: .acceptedByKit, .xs2: .acceptedByKit],
    ]

    /// The rows that a layer needs: its operator's, and Focus where a convolution has it on.
    public static func rows(for layer: Layer) -> [SupportRow] {
        if case .conv2D(let conv) = layer, conv.focus {
            return [byName["Conv2D"], byName["Focus"]].compactMap { $0 }
        }
        return [byName[layer.kind.rawValue]].compactMap { $0 }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

extension SupportRow {
    /// What one chip makes of the operator, and who says so.
    public func sentence(for device: Device) -> String {
        switch self[device] {
        case .listed: "\(device) has \(name)."
        case .excluded: "\(device) has no \(name)."
        case .absent: "\(device) has no \(name): neither the manual's list nor the training kit has it."
        case .acceptedByKit:
            "The manual's list of chips for \(name) leaves \(device) out; the training kit accepts it."
        case .refusedByKit:
            "The manual lists \(device) for \(name); the training kit refuses it."
                + (name == "ConvTranspose2D"
                    ? " The manual's note names no make-up for it on \(device)." : "")
        }
    }
}
