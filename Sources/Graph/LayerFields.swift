/// A field of any operator, without its type: what inspectors, files and commands see.
public struct LayerField: Sendable {
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
    /// The manual's default, or what a new layer starts with where the manual gives none.
    public let defaultValue: FieldValue
    /// The section of the manual that describes it.
    public let section: String
    /// The help with where the manual describes the field, what it takes and its default, for an inspector.
    public var fullHelp: String {
        let start = isRequired ? "no default" : "default \(defaultValue)"
        return "\(help) Takes \(kind.range); \(start). Manual: \(section), \(argument)."
    }

    let read: @Sendable (Layer) -> FieldValue?
    let write: @Sendable (inout Layer, FieldValue) -> Void
}

extension OperatorKind {
    /// The operator's fields, in the order in which files and inspectors show them.
    public var fields: [LayerField] { Self.fieldTable[self] ?? [] }

    private static let fieldTable = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, erasedFields(of: $0.type)) })

    private static func erasedFields<Settings: Operator>(of type: Settings.Type) -> [LayerField] {
        Settings.fields.map { field in
            LayerField(
                name: field.name, argument: field.argument, kind: field.kind, help: field.help,
                isRequired: field.isRequired, defaultValue: field.value(in: Settings()),
                section: Settings.kind.section
            ) { layer in
                (layer.settings as? Settings).map(field.value)
            } write: { layer, value in
                guard var settings = layer.settings as? Settings else { return }
                field.set(value, in: &settings)
                layer = settings.layer
            }
        }
    }
}

extension Layer {
    /// The value of a field, or nil where the operator has no field of that name.
    public func value(of name: String) -> FieldValue? {
        kind.fields.first { $0.name == name }.flatMap { $0.read(self) }
    }

    /// The value of one of this operator's own fields.
    public func value(of field: LayerField) -> FieldValue { field.read(self) ?? field.defaultValue }

    /// Stores a value in a field; throws where there is no such field or it does not take the value.
    public mutating func set(_ name: String, to value: FieldValue) throws(EditError) {
        guard let field = kind.fields.first(where: { $0.name == name }) else {
            throw .noSuchField(name, of: kind)
        }
        do {
            field.write(&self, try field.kind.validated(value))
        } catch {
            throw .field(name, error)
        }
    }

    /// The same layer with another value in a field.
    public func setting(_ name: String, to value: FieldValue) throws(EditError) -> Layer {
        var copy = self
        try copy.set(name, to: value)
        return copy
    }
}
