public import Graph

/// One wire of a layer, and what it may read.
public struct WireSlot: Hashable, Sendable {
    /// The number of the wire, counted from 0; one more than there are for a wire that can be added.
    public let position: Int
    /// What it reads, or nil where it is still to be added.
    public let current: Source?
    /// Everything that it may read without a cycle: the inputs, then the layers in the order of the file.
    public let candidates: [WireCandidate]
}

/// Something that a wire may read.
public struct WireCandidate: Hashable, Sendable {
    /// The output.
    public let source: Source
    /// Its shape, or nil while it is unknown.
    public let shape: Shape?
    /// Why the layer does not take it beside its other wires, or nil where it does or it is not known yet.
    public let obstacle: ShapeError?

    /// Whether the layer takes the shape, as far as one can tell.
    public var fits: Bool { obstacle == nil }
}

extension EditBuilder {
    /// The wires of a layer, and one that can be added where the operator takes more.
    public func slots(of layer: String) throws(EditingError) -> [WireSlot] {
        let index = try index(of: layer)
        let node = network.nodes[index]
        let dependents = dependents(on: index)
        let sources =
            network.inputs.map { Source($0.name) }
            + network.nodes.indices.filter { !dependents.contains($0) }.flatMap { other in
                (0..<outputCount(other)).map { Source(network.nodes[other].name, output: $0) }
            }
        let more = node.inputs.count < node.kind.inputs.upperBound ? 1 : 0
        return (0..<node.inputs.count + more).map { position in
            WireSlot(
                position: position,
                current: node.inputs.indices.contains(position) ? node.inputs[position] : nil,
                candidates: sources.map { candidate($0, on: position, of: index) })
        }
    }

    /// Lets a wire of a layer read something else; nil takes the wire away, one more than there are adds one.
    public func rewiring(_ layer: String, wire position: Int, to source: Source?) throws(EditingError) -> Edit
    {
        let index = try index(of: layer)
        var inputs = network.nodes[index].inputs
        guard (0...inputs.count).contains(position), source != nil || position < inputs.count else {
            throw .noSuchWire(position, of: layer)
        }
        if let source {
            if let producer = network.index(of: source.name), dependents(on: index).contains(producer) {
                throw .cycle(layer, source)
            }
            if position == inputs.count { inputs.append(source) } else { inputs[position] = source }
        } else {
            inputs.remove(at: position)
        }
        return .rewire(layer: layer, inputs: inputs)
    }

    private func candidate(_ source: Source, on position: Int, of index: Int) -> WireCandidate {
        let shape = shape(of: source)
        return WireCandidate(
            source: source, shape: shape,
            obstacle: shape.flatMap { obstacle(to: $0, on: position, of: index) })
    }

    /// Why a layer does not take a shape on one of its wires beside the shapes on the others.
    private func obstacle(to shape: Shape, on position: Int, of index: Int) -> ShapeError? {
        let node = network.nodes[index]
        // A wire whose shape is unknown may turn out to carry the same.
        var shapes = analysis.shapes.inputs[index].map { $0 ?? shape }
        if position < shapes.count { shapes[position] = shape } else { shapes.append(shape) }
        while shapes.count < node.kind.inputs.lowerBound { shapes.append(shape) }
        guard node.kind.inputs.contains(shapes.count) else {
            return .inputCount(expected: node.kind.inputs, found: shapes.count)
        }
        do throws(ShapeError) {
            _ = try node.layer.settings.outputShapes(of: shapes)
            return nil
        } catch {
            return error
        }
    }
}
