import Graph

/// What an assignment can change: a layer's fields, wires, name and note; a network input's name and shape.
enum EditablePlace {
    /// A layer.
    case layer(Node)
    /// Data that enters the network.
    case input(Input)

    /// Names of fields that belong to the place itself, whatever the operator.
    private enum OwnField: String, CaseIterable {
        case inputs, name, note, shape
    }

    /// The fields that an assignment can name.
    var fieldNames: [String] {
        switch self {
        case .layer(let node):
            node.kind.fields.map(\.name) + [OwnField.inputs, .name, .note].map(\.rawValue)
        case .input: [OwnField.name, .shape].map(\.rawValue)
        }
    }

    /// The place in words: "conv0 (Conv2D)", "the input 'image'".
    var description: String {
        switch self {
        case .layer(let node): "\(node.name) (\(node.kind.rawValue))"
        case .input(let input): "the input '\(input.name)'"
        }
    }

    /// The change that gives one of its fields a value, or nil where the field has it already.
    func edit(_ field: String, to value: String) throws(AssignmentError) -> Edit? {
        switch self {
        case .layer(let node):
            if let setting = node.kind.fields.first(where: { $0.name == field }) {
                return try EditablePlace.set(setting, of: node, to: value)
            }
            switch OwnField(rawValue: field) {
            case .inputs: return try EditablePlace.rewire(node, to: value)
            case .name: return node.name == value ? nil : .rename(node.name, to: value)
            case .note: return node.note == value ? nil : .annotate(layer: node.name, note: value)
            case .shape, nil: throw noSuchField(field)
            }
        case .input(let input):
            switch OwnField(rawValue: field) {
            case .name: return input.name == value ? nil : .rename(input.name, to: value)
            case .shape: return try EditablePlace.reshape(input, to: value)
            case .inputs, .note, nil: throw noSuchField(field)
            }
        }
    }

    /// That the place has no field of that name.
    func noSuchField(_ name: String) -> AssignmentError {
        .noSuchField(name, of: description, known: fieldNames)
    }

    private static func set(
        _ field: LayerField, of node: Node, to text: String
    ) throws(AssignmentError) -> Edit? {
        let value = try parsed(text, as: field.kind)
        return node.layer.value(of: field) == value
            ? nil : .set(layer: node.name, field: field.name, to: value)
    }

    private static func rewire(_ node: Node, to text: String) throws(AssignmentError) -> Edit? {
        var sources: [Source] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: !text.contains(",")) {
            guard let source = Source(text: word.filter { $0 != " " }) else { throw .notSources(text) }
            sources.append(source)
        }
        return node.inputs == sources ? nil : .rewire(layer: node.name, inputs: sources)
    }

    private static func reshape(_ input: Input, to text: String) throws(AssignmentError) -> Edit? {
        let axes = try parsed(text, as: .integers(count: 1...3, each: 1...65536))
        guard case .integers(let dimensions) = axes, let shape = Shape(dimensions: dimensions) else {
            throw .value(.kind("'\(text)'", expected: "a list of 1 to 3 axes"))
        }
        guard shape.elements <= Shape.elementLimit else { throw .shape(.tooLarge(shape)) }
        return input.shape == shape ? nil : .reshapeInput(input.name, to: shape)
    }

    private static func parsed(_ text: String, as kind: FieldKind) throws(AssignmentError) -> FieldValue {
        do {
            return try kind.parsed(text)
        } catch {
            throw .value(error)
        }
    }
}
