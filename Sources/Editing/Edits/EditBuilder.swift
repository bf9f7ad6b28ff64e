public import Devices
public import Graph

/// Turns what a person asks for into a change of a network, or says in words why it cannot be made.
///
/// Nothing here changes anything: each function looks at a network in its place and gives an `Edit`.
public struct EditBuilder: Sendable {
    /// Everything that follows from the network.
    public let analysis: Analysis
    /// The chip that the network is for.
    public let device: Device

    /// A network, analysed for the chip's family of arithmetic.
    public init(_ analysis: Analysis, for device: Device) {
        self.analysis = analysis
        self.device = device
    }

    /// The network.
    public var network: Network { analysis.network }
}

extension EditorState {
    /// What can be done to the network.
    public var editing: EditBuilder { EditBuilder(analysis, for: device) }
}

// What the functions ask of the network.
extension EditBuilder {
    /// Whether new layers quantize: at least half of the layers that can do, or none can yet, as in an empty network.
    var isQuantized: Bool {
        let able = network.nodes.filter { $0.layer.value(of: "quantize") != nil }
        return 2 * able.count(where: \.isQuantized) >= able.count
    }

    /// The channels that activations and weights are stored in at a time.
    var block: Int { device.family.channelBlock }

    func index(of layer: String) throws(EditingError) -> Int {
        guard let index = network.index(of: layer) else { throw .noSuchLayer(layer) }
        return index
    }

    /// The shape that a wire carries, or nil while it is unknown.
    func shape(of source: Source) -> Shape? {
        switch network.place(of: source.name) {
        case .input(let index): return source.output == 0 ? network.inputs[index].shape : nil
        case .node(let index):
            guard case .success(let shapes) = analysis.shapes.outputs[index],
                shapes.indices.contains(source.output)
            else { return nil }
            return shapes[source.output]
        case nil: return nil
        }
    }

    /// The bits and sign that a wire carries.
    func signal(of source: Source) -> Signal {
        network.index(of: source.name).map { analysis.facts.nodes[$0].output }
            ?? Signal(bits: Preprocess.bits, isSigned: false)
    }

    /// The layers whose values depend on a layer, itself among them.
    func dependents(on index: Int) -> Set<Int> {
        var found: Set<Int> = [index]
        var waiting = [index]
        while let next = waiting.popLast() {
            for reader in analysis.order.readers[next] where found.insert(reader).inserted {
                waiting.append(reader)
            }
        }
        return found
    }

    /// How many outputs a layer has.
    func outputCount(_ index: Int) -> Int {
        guard case .success(let shapes) = analysis.shapes.outputs[index] else { return 1 }
        return shapes.count
    }
}

extension [Edit] {
    /// The changes as one, under a title.
    func titled(_ title: String) -> Edit { .all(title, self) }
}
