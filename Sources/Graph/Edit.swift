/// One change of a network, as screens, commands and fixes make it. A value with a name, so that undo can say what it takes back.
public enum Edit: Hashable, Sendable {
    /// Stores a value in a layer's field.
    case set(layer: String, field: String, to: FieldValue)
    /// Puts another operator in the layer's place; name and wires stay.
    case replace(layer: String, with: Layer)
    /// Adds a layer at a position of the file.
    case insert(Node, at: Int)
    /// Removes a layer; its readers read its first input.
    case remove(layer: String)
    /// Moves a layer to another position of the file.
    case move(layer: String, to: Int)
    /// Gives a layer or input another name; wires follow.
    case rename(String, to: String)
    /// Gives a layer other inputs.
    case rewire(layer: String, inputs: [Source])
    /// Forgets what an import said against the wiring.
    case clearImported(layer: String, flag: String)
    /// Writes a person's remark.
    case annotate(layer: String, note: String)
    /// Gives a network input another shape.
    case reshapeInput(String, to: Shape)
    /// Adds a network input.
    case addInput(Input)
    /// Says what the network is for.
    case setTask(NetworkTask)
    /// Several changes under one name; all or none.
    case all(String, [Edit])
}

/// Why a change cannot be made; the network is then as it was.
public enum EditError: Error, Hashable, Sendable {
    /// No layer has that name.
    case noSuchLayer(String, nearest: String?)
    /// No input has that name.
    case noSuchInput(String, nearest: String?)
    /// The operator has no field of that name.
    case noSuchField(String, of: OperatorKind)
    /// The field does not take the value.
    case field(String, FieldError)
    /// A wire of the layer leads to a name that nothing has.
    case noSuchSource(String, of: String, input: Int, nearest: String?)
    /// The name is empty, too long or has a sign that names cannot have.
    case badName(String)
    /// The name is in use.
    case nameTaken(String)
    /// There is no such position in the file.
    case noSuchPosition(Int)
    /// More layers than a network may have.
    case tooManyLayers(Int)
}

extension EditError: CustomStringConvertible {
    /// What is wrong and what would be right.
    public var description: String {
        switch self {
        case .noSuchLayer(let name, let nearest):
            "no layer is named \(quoted(name))" + didYouMean(nearest)
        case .noSuchInput(let name, let nearest):
            "no input is named \(quoted(name))" + didYouMean(nearest)
        case .noSuchField(let name, let kind):
            kind.fields.isEmpty
                ? "\(kind.rawValue) has no field \(quoted(name)); it has no fields at all"
                : "\(kind.rawValue) has no field \(quoted(name))"
                    + didYouMean(name, among: kind.fields.map(\.name))
        case .field(let name, let error): "\(name): \(error)"
        case .noSuchSource(let name, _, _, let nearest):
            "no layer or input is named \(quoted(name))" + didYouMean(nearest)
        case .badName(let name):
            "\(quoted(name)) cannot be a name: a name has 1 to 64 characters, no spaces and none of []{}=*?,\"'\\"
        case .nameTaken(let name):
            "the name \(quoted(name)) is used twice; names are unique among layers and inputs"
        case .noSuchPosition(let position): "there is no position \(position)"
        case .tooManyLayers(let count):
            "\(count) layers are more than \(Network.nodeLimit), the most that a network may have"
        }
    }
}

extension Network {
    /// The network after a change; throws where it cannot be made.
    public func applying(_ edit: Edit) throws(EditError) -> Network {
        var network = self
        try network.apply(edit)
        return network
    }

    private mutating func apply(_ edit: Edit) throws(EditError) {
        switch edit {
        case .set(let layer, let field, let value):
            try update(layer) { (node) throws(EditError) in try node.layer.set(field, to: value) }
        case .replace(let name, let layer): try update(name) { $0.layer = layer }
        case .insert(let node, let position): try insert(node, at: position)
        case .remove(let layer): try remove(layer)
        case .move(let layer, let position): try move(layer, to: position)
        case .rename(let name, let newName): try rename(name, to: newName)
        case .rewire(let layer, let inputs): try update(layer) { $0.inputs = inputs }
        case .clearImported(let layer, let name):
            try update(layer) { (node) throws(EditError) in
                guard let flag = ImportedFlags.flags.first(where: { $0.name == name }) else {
                    throw .noSuchField(name, of: node.kind)
                }
                node.imported.set(flag, to: .unset)
            }
        case .annotate(let layer, let note): try update(layer) { $0.note = note }
        case .reshapeInput(let name, let shape): try setShape(shape, ofInput: name)
        case .addInput(let input): try add(input)
        case .setTask(let task): self.task = task
        case .all(_, let edits): for edit in edits { try apply(edit) }
        }
    }

    /// The change in words, against this network, which it has not been made in yet: "conv0 stride 1 to 2".
    public func title(of edit: Edit) -> String {
        switch edit {
        case .set(let layer, let field, let value):
            "\(layer) \(field) \(self[layer]?.layer.value(of: field)?.description ?? "?") to \(value)"
        case .replace(let name, let layer):
            "\(name) \(self[name]?.kind.rawValue ?? "?") to \(layer.kind.rawValue)"
        case .insert(let node, _): "add \(node.name) (\(node.kind.rawValue))"
        case .remove(let layer): "remove \(layer)"
        case .move(let layer, _): "move \(layer)"
        case .rename(let name, let newName): "rename \(name) to \(newName)"
        case .rewire(let layer, let inputs):
            "\(layer) reads "
                + (inputs.isEmpty ? "nothing" : inputs.map(\.description).joined(separator: ", "))
        case .clearImported(let layer, let flag): "\(layer) forget the imported \(flag)"
        case .annotate(let layer, _): "\(layer) note"
        case .reshapeInput(let name, let shape): "\(name) shape to \(shape)"
        case .addInput(let input): "add input \(input.name)"
        case .setTask(let task): "task \(task.kind.rawValue)"
        case .all(let title, _): title
        }
    }
}
