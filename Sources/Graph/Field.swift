/// The value of one field of a layer.
public enum FieldValue: Hashable, Sendable {
    /// A whole number.
    case integer(Int)
    /// A real number.
    case number(Double)
    /// On or off.
    case flag(Bool)
    /// One of a field's words.
    case choice(String)
    /// A list of whole numbers.
    case integers([Int])
    /// No value: the field's own meaning of nothing, such as "the input's bits".
    case unset
}

/// What values a field takes.
public enum FieldKind: Hashable, Sendable {
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// A whole number in a range, or nothing.
    case optionalInteger(ClosedRange<Int>)
    /// A real number in a range.
    case number(ClosedRange<Double>)
    /// On or off.
    case flag
    /// One of these words.
    case choice([String])
    /// One of these bit widths.
    case bits([Int])
    /// One of these bit widths, or nothing for the input's.
    case optionalBits([Int])
    /// A list with so many whole numbers, each in a range.
    case integers(count: ClosedRange<Int>, each: ClosedRange<Int>)
}

/// One setting of an operator that a person edits: its name, kind and help, and where it is stored.
///
/// Inspector, file and `set` command all work from this table; nothing else lists an operator's settings.
public struct Field<Settings>: Sendable {
    /// The name in files, commands and the inspector.
    public let name: String
    /// The argument of the manual's constructor that it stands for.
    public let argument: String
    /// What values it takes.
    public let kind: FieldKind
    /// What it does, in one sentence.
    public let help: String
    /// Whether the manual gives no default, so that a file must state it.
    public let isRequired: Bool
    let read: @Sendable (Settings) -> FieldValue
    let write: @Sendable (inout Settings, FieldValue) -> Void
}

extension Field {
    /// Reads the setting.
    public func value(in settings: Settings) -> FieldValue { read(settings) }

    /// Stores a value that `validated` has accepted.
    public func set(_ value: FieldValue, in settings: inout Settings) { write(&settings, value) }
}

extension Field {
    /// A whole number.
    static func integer(
        _ name: String, _ path: any WritableKeyPath<Settings, Int> & Sendable, _ range: ClosedRange<Int>,
        argument: String, required: Bool = false, _ help: String
    ) -> Field {
        Field(name: name, argument: argument, kind: .integer(range), help: help, isRequired: required) {
            .integer($0[keyPath: path])
        } write: {
            if case .integer(let value) = $1 { $0[keyPath: path] = value }
        }
    }

    /// A whole number or nothing.
    static func optionalInteger(
        _ name: String, _ path: any WritableKeyPath<Settings, Int?> & Sendable, kind: FieldKind,
        argument: String, _ help: String
    ) -> Field {
        Field(name: name, argument: argument, kind: kind, help: help, isRequired: false) {
            $0[keyPath: path].map(FieldValue.integer) ?? .unset
        } write: {
            switch $1 {
            case .integer(let value): $0[keyPath: path] = value
            case .unset: $0[keyPath: path] = nil
            case .number, .flag, .choice, .integers: break
            }
        }
    }

    /// A bit width.
    static func bits(
        _ name: String, _ path: any WritableKeyPath<Settings, Int> & Sendable, _ widths: [Int],
        argument: String, _ help: String
    ) -> Field {
        Field(name: name, argument: argument, kind: .bits(widths), help: help, isRequired: false) {
            .integer($0[keyPath: path])
        } write: {
            if case .integer(let value) = $1 { $0[keyPath: path] = value }
        }
    }

    /// A real number.
    static func number(
        _ name: String, _ path: any WritableKeyPath<Settings, Double> & Sendable,
        _ range: ClosedRange<Double>, argument: String, _ help: String
    ) -> Field {
        Field(name: name, argument: argument, kind: .number(range), help: help, isRequired: false) {
            .number($0[keyPath: path])
        } write: {
            if case .number(let value) = $1 { $0[keyPath: path] = value }
        }
    }

    /// A switch.
    static func flag(
        _ name: String, _ path: any WritableKeyPath<Settings, Bool> & Sendable, argument: String,
        _ help: String
    ) -> Field {
        Field(name: name, argument: argument, kind: .flag, help: help, isRequired: false) {
            .flag($0[keyPath: path])
        } write: {
            if case .flag(let value) = $1 { $0[keyPath: path] = value }
        }
    }

    /// One of the cases of an enum with a word each.
    static func choice<Choice>(
        _ name: String, _ path: any WritableKeyPath<Settings, Choice> & Sendable, argument: String,
        _ help: String
    ) -> Field where Choice: RawRepresentable<String> & CaseIterable & SendableMetatype {
        Field(
            name: name, argument: argument, kind: .choice(Choice.allCases.map(\.rawValue)), help: help,
            isRequired: false
        ) {
            .choice($0[keyPath: path].rawValue)
        } write: {
            if case .choice(let word) = $1, let value = Choice(rawValue: word) { $0[keyPath: path] = value }
        }
    }

    /// A list of whole numbers.
    static func integers(
        _ name: String, _ path: any WritableKeyPath<Settings, [Int]> & Sendable, count: ClosedRange<Int>,
        each: ClosedRange<Int>, argument: String, _ help: String
    ) -> Field {
        Field(
            name: name, argument: argument, kind: .integers(count: count, each: each), help: help,
            isRequired: true
        ) {
            .integers($0[keyPath: path])
        } write: {
            if case .integers(let values) = $1 { $0[keyPath: path] = values }
        }
    }
}
