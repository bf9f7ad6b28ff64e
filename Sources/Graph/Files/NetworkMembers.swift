/// A network as the members `inputs`, `layers` and `task` of a session's `network.json`: flat, one object a layer.
extension Network {
    /// Takes the network's members from the document; errors carry the path inside it.
    public init(reading document: inout ObjectReader) throws(FileError) {
        var inputs: [Input] = []
        for (index, value) in try document.takeList("inputs").enumerated() {
            inputs.append(try Input(value, at: "inputs[\(index)]"))
        }
        var nodes: [Node] = []
        for (index, value) in try document.takeList("layers", required: true).enumerated() {
            nodes.append(try Node(value, at: "layers[\(index)]"))
        }
        do {
            try self.init(inputs: inputs, nodes: nodes)
        } catch {
            throw FileError(Network.place(of: error, inputs: inputs, nodes: nodes), error.description)
        }
        if let value = document.take("task") { task = try NetworkTask(value, at: "task") }
    }

    /// The inputs as lines of a file.
    public var inputLines: [JSON] {
        inputs.map { ["name": .string($0.name), "shape": .array($0.shape.dimensions.map(JSON.integer))] }
    }

    /// The layers as lines of a file, with the fields that differ from the manual's defaults.
    public var layerLines: [JSON] { nodes.map(\.json) }

    /// Where in the file the error of a constructor lies.
    private static func place(of error: EditError, inputs: [Input], nodes: [Node]) -> String {
        let inputNames = inputs.map(\.name)
        switch error {
        case .noSuchSource(_, let node, let wire, _):
            return "layers[\(nodes.firstIndex { $0.name == node } ?? 0)].inputs[\(wire)]"
        case .badName(let name):
            if let index = inputNames.firstIndex(of: name) { return "inputs[\(index)].name" }
            return "layers[\(nodes.firstIndex { $0.name == name } ?? 0)].name"
        case .nameTaken(let name):
            if let index = nodes.lastIndex(where: { $0.name == name }) { return "layers[\(index)].name" }
            return "inputs[\(inputNames.lastIndex(of: name) ?? 0)].name"
        case .noSuchLayer, .noSuchInput, .noSuchField, .field, .noSuchPosition, .tooManyLayers:
            return "layers"
        }
    }
}

extension Input {
    init(_ json: JSON, at path: String) throws(FileError) {
        var object = try ObjectReader(json, at: path)
        let name = try object.requireText("name")
        let place = object.place("shape")
        let value = try object.require("shape")
        try object.finish("an input")
        guard let list = FieldValue(value, for: Input.axes) else {
            throw FileError(place, "is not a list of whole numbers")
        }
        do {
            guard case .integers(let dimensions) = try Input.axes.validated(list),
                let shape = Shape(dimensions: dimensions)
            else {
                throw FieldError.kind("\(list)", expected: "a list of 1 to 3 axes")
            }
            self.init(name, shape)
        } catch {
            throw FileError(place, "\(error)")
        }
        guard shape.elements <= Shape.elementLimit else {
            throw FileError(place, "\(ShapeError.tooLarge(shape))")
        }
    }
}

extension Node {
    init(_ json: JSON, at path: String) throws(FileError) {
        var object = try ObjectReader(json, at: path)
        let name = try object.requireText("name")
        let typeName = try object.requireText("type")
        guard let kind = OperatorKind(name: typeName) else {
            let names = OperatorKind.allCases.map(\.rawValue)
            throw FileError(
                object.place("type"),
                "no operator is named \(quoted(typeName))" + didYouMean(typeName, among: names))
        }
        var inputs: [Source] = []
        for (index, value) in try object.takeList("inputs").enumerated() {
            let place = object.place("inputs[\(index)]")
            guard case .string(let text) = value else {
                throw FileError(place, "is \(value.kind), a name is expected")
            }
            guard let source = Source(text: text) else {
                throw FileError(
                    place,
                    "\(quoted(text)) is not the name of a layer, nor one with an output like split[1]"
                )
            }
            inputs.append(source)
        }
        var layer = kind.defaultLayer
        for field in kind.fields { try Node.read(field, from: &object, into: &layer) }
        var imported = ImportedFlags()
        if let flags = object.take("imported") {
            imported = try ImportedFlags(flags, at: object.place("imported"))
        }
        let note = try object.takeText("note") ?? ""
        try object.finish(kind.rawValue)
        self.init(name, layer, inputs: inputs, imported: imported, note: note)
    }

    private static func read(
        _ field: LayerField, from object: inout ObjectReader, into layer: inout Layer
    ) throws(FileError) {
        guard let json = object.take(field.name) else {
            if field.isRequired {
                throw FileError(object.place(field.name), "is missing; takes \(field.kind.range)")
            }
            return
        }
        guard let value = FieldValue(json, for: field.kind) else {
            throw FileError(object.place(field.name), "is \(json.kind), takes \(field.kind.range)")
        }
        do {
            field.write(&layer, try field.kind.validated(value))
        } catch {
            throw FileError(object.place(field.name), "\(error)")
        }
    }

    /// The layer as one line of a file.
    var json: JSON {
        var members: [JSON.Member] = [
            .init("name", .string(name)), .init("type", .string(kind.rawValue)),
            .init("inputs", .array(inputs.map { .string($0.description) })),
        ]
        for field in kind.fields {
            let value = layer.value(of: field)
            if field.isRequired || value != field.defaultValue {
                members.append(.init(field.name, value.json))
            }
        }
        if !imported.isEmpty { members.append(.init("imported", imported.json)) }
        if !note.isEmpty { members.append(.init("note", .string(note))) }
        return .object(members)
    }
}

extension ImportedFlags {
    init(_ json: JSON, at path: String) throws(FileError) {
        self.init()
        var object = try ObjectReader(json, at: path)
        for flag in ImportedFlags.flags {
            guard let member = object.take(flag.name) else { continue }
            guard let value = FieldValue(member, for: flag.kind) else {
                throw FileError(object.place(flag.name), "is \(member.kind), takes \(flag.kind.range)")
            }
            do {
                set(flag, to: try flag.kind.validated(value))
            } catch {
                throw FileError(object.place(flag.name), "\(error)")
            }
        }
        try object.finish("an import")
    }

    var json: JSON {
        .object(
            ImportedFlags.flags.compactMap { flag in
                let value = value(of: flag)
                return value == .unset ? nil : JSON.Member(flag.name, value.json)
            })
    }
}

extension Network {
    /// A short name for everything in the network that its numbers depend on, as 16 hexadecimal digits: two networks of
    /// the same layers, settings and wires have the same.
    public var digest: String {
        // Over the lines of the file; notes do not count.
        var hash = FNVHash()
        let layers = nodes.map { node in
            var node = node
            node.note = ""
            return node.json
        }
        for line in inputLines + layers {
            hash.add(line.compact.utf8)
            hash.add(10)
        }
        let digits = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
