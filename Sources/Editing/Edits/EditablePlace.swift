public import Graph

/// What can be changed by typing: a layer's fields, wires, name and note; a network input's name and shape.
public enum EditablePlace: Hashable, Sendable {
    /// A layer.
    case layer(Node)
    /// Data that enters the network.
    case input(Input)

    /// Names of fields that belong to the place itself, whatever the operator.
    private enum OwnField: String, CaseIterable {
        case inputs, name, note, shape
    }

    /// The fields that can be named.
    public var fieldNames: [String] {
        switch self {
        case .layer(let node):
            node.kind.fields.map(\.name) + [OwnField.inputs, .name, .note].map(\.rawValue)
        case .input: [OwnField.name, .shape].map(\.rawValue)
        }
    }

    /// The place in words: "conv0 (Conv2D)", "the input 'image'".
    public var description: String {
        switch self {
        case .layer(let node): "\(node.name) (\(node.kind.rawValue))"
        case .input(let input): "the input '\(input.name)'"
        }
    }

    /// The change that gives one of its fields a value, or nil where the field has it already.
    public func edit(_ field: String, to value: String) throws(PlaceError) -> Edit? {
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
    public func noSuchField(_ name: String) -> PlaceError {
        .noSuchField(name, of: description, known: fieldNames)
    }

    private static func set(
        _ field: LayerField, of node: Node, to text: String
    ) throws(PlaceError) -> Edit? {
        let value = try parsed(text, as: field.kind)
        return node.layer.value(of: field) == value
            ? nil : .set(layer: node.name, field: field.name, to: value)
    }

    private static func rewire(_ node: Node, to text: String) throws(PlaceError) -> Edit? {
        var sources: [Source] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: !text.contains(",")) {
            guard let source = Source(text: word.filter { $0 != " " }) else { throw .notSources(text) }
            sources.append(source)
        }
        return node.inputs == sources ? nil : .rewire(layer: node.name, inputs: sources)
    }

    private static func reshape(_ input: Input, to text: String) throws(PlaceError) -> Edit? {
        // Shapes are shown as 3x32x32, and lists typed as 3,32,32.
        let list = String(text.map { $0 == "x" ? "," : $0 })
        let axes = try parsed(list, as: .integers(count: 1...3, each: 1...65536))
        guard case .integers(let dimensions) = axes, let shape = Shape(dimensions: dimensions) else {
            throw .value(.kind("'\(text)'", expected: "a list of 1 to 3 axes"))
        }
        guard shape.elements <= Shape.elementLimit else { throw .shape(.tooLarge(shape)) }
        return input.shape == shape ? nil : .reshapeInput(input.name, to: shape)
    }

    private static func parsed(_ text: String, as kind: FieldKind) throws(PlaceError) -> FieldValue {
        do {
            return try kind.parsed(text)
        } catch {
            throw .value(error)
        }
    }
}

/// Why something typed cannot be stored.
public enum PlaceError: Error, Hashable, Sendable {
    /// The place has no such field; the fields that it has.
    case noSuchField(String, of: String, known: [String])
    /// The field does not take the value.
    case value(FieldError)
    /// The value is not a list of layers, inputs and outputs.
    case notSources(String)
    /// An input cannot have the shape.
    case shape(ShapeError)
}

extension PlaceError: CustomStringConvertible {
    /// What is wrong and what would be right.
    public var description: String {
        switch self {
        case .noSuchField(let field, let thing, let known):
            "\(thing) has no field '\(field)'"
                + didYouMean(nearest(to: field, among: known), else: "; it has \(known.listed)")
        case .value(let error): "\(error)"
        case .notSources(let text): "'\(text)' is not a list of layers and inputs such as conv0,split[1]"
        case .shape(let error): "\(error)"
        }
    }
}

extension [String] {
    /// Words as a sentence lists them: "T40, T41 and T02".
    var listed: String {
        guard let last, count > 1 else { return joined() }
        return dropLast().joined(separator: ", ") + " and " + last
    }
}
