public import Graph

/// Changes of fields of one or several layers.
extension EditBuilder {
    /// Stores a value in a field of all layers that have it and take the value: "weightBits to 4 on 6 layers".
    public func setting(
        _ field: String, to value: FieldValue, on layers: [String]
    ) throws(EditingError) -> Edit {
        var edits: [Edit] = []
        var refusal: EditingError?
        for index in try indices(of: layers) {
            let node = network.nodes[index]
            guard let own = node.kind.fields.first(where: { $0.name == field }) else { continue }
            do {
                let taken = try own.kind.validated(value)
                edits.append(.set(layer: node.name, field: field, to: taken))
            } catch {
                refusal = refusal ?? .edit(.field(field, error))
            }
        }
        guard let first = edits.first else { throw refusal ?? .noneHas(field) }
        let changing = edits.filter { changes($0) }
        // A field that has the value everywhere is no change, and no error.
        guard changing.count > 1 else { return changing.first ?? first }
        return changing.titled("\(field) to \(value) on \(changing.count) layers")
    }

    /// Puts a field of some layers back to the manual's default.
    public func resetting(_ field: String, on layers: [String]) throws(EditingError) -> Edit {
        var edits: [Edit] = []
        for index in try indices(of: layers) {
            let node = network.nodes[index]
            guard let own = node.kind.fields.first(where: { $0.name == field }) else { continue }
            edits.append(.set(layer: node.name, field: field, to: own.defaultValue))
        }
        guard let first = edits.first else { throw .noneHas(field) }
        let changing = edits.filter { changes($0) }
        guard changing.count > 1 else { return changing.first ?? first }
        return changing.titled("\(field) to its default on \(changing.count) layers")
    }

    /// Stores what was typed for a field of some layers, the first of which decides how it is read.
    ///
    /// Besides the operator's fields, a layer has `inputs`, `name` and `note`, and an input `name` and `shape`.
    /// Nil where it says what is there already.
    public func typing(
        _ text: String, into field: String, on layers: [String]
    ) throws(EditingError) -> Edit? {
        guard let name = layers.first else { throw .nothingSelected }
        let place: EditablePlace
        switch network.place(of: name) {
        case .node(let index): place = .layer(network.nodes[index])
        case .input(let index): place = .input(network.inputs[index])
        case nil: throw .noSuchLayer(name)
        }
        let edit: Edit?
        do {
            edit = try place.edit(field, to: text)
        } catch {
            throw .place(error)
        }
        if layers.count > 1, case .layer(let node) = place,
            let own = node.kind.fields.first(where: { $0.name == field })
        {
            do {
                return try setting(field, to: try own.kind.parsed(text), on: layers)
            } catch let error as FieldError {
                throw .place(.value(error))
            } catch let error as EditingError {
                throw error
            } catch {
                preconditionFailure("a field is parsed and set: \(error)")
            }
        }
        guard let edit else { return nil }
        do {
            _ = try network.applying(edit)
        } catch {
            throw .edit(error)
        }
        return edit
    }

    private func changes(_ edit: Edit) -> Bool {
        guard case .set(let layer, let field, let value) = edit else { return true }
        return network[layer]?.layer.value(of: field) != value
    }
}
