/// A network: the data that enters it and its layers, wired by name.
///
/// Every name is unique and every wire leads to a layer or input that exists; cycles and wrong shapes are allowed,
/// because a person passes through them while building. A value: copies share storage, so undo is a list of networks.
public struct Network: Hashable, Sendable {
    /// The data that enters, in order.
    public private(set) var inputs: [Input] = []
    /// The layers, in the order of the file; the order of evaluation is `NetworkOrder`'s.
    public private(set) var nodes: [Node] = []
    /// What the network is for.
    public internal(set) var task = NetworkTask.classification
    private var places: [String: NodeOrInput] = [:]

    /// What a name stands for.
    public enum NodeOrInput: Hashable, Sendable {
        /// The layer at this position of `nodes`.
        case node(Int)
        /// The input at this position of `inputs`.
        case input(Int)
    }

    /// The most layers that a network may have.
    public static let nodeLimit = 20_000

    /// Nothing.
    public init() {}

    /// A network of these parts; throws where a name is wrong or used twice, or a wire leads nowhere.
    public init(inputs: [Input], nodes: [Node]) throws(EditError) {
        for input in inputs { try add(input) }
        try append(nodes)
    }

    /// A network of the same inputs and for the same task with other layers.
    public func with(_ nodes: [Node]) throws(EditError) -> Network {
        var network = try Network(inputs: inputs, nodes: nodes)
        network.task = task
        return network
    }

    /// Whether a text can name a layer: 1 to 64 characters without spaces or the signs that commands use.
    public static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.count <= 64 && text.utf8.count <= 256
            && text.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                    && scalar.properties.generalCategory != .format
                    && !"[]{}=*?,\"'\\".unicodeScalars.contains(scalar)
            }
    }

    /// What a name stands for, or nil.
    public func place(of name: String) -> NodeOrInput? { places[name] }

    /// The position of a layer in `nodes`, or nil.
    public func index(of name: String) -> Int? {
        guard case .node(let index) = places[name] else { return nil }
        return index
    }

    /// The layer of that name, or nil.
    public subscript(name: String) -> Node? { index(of: name).map { nodes[$0] } }

    /// All names, of inputs and layers.
    public var names: [String] { inputs.map(\.name) + nodes.map(\.name) }

    /// The layers that read any output of the one of that name.
    public func readers(of name: String) -> [Node] { nodes.filter { $0.inputs.contains { $0.name == name } } }

    /// A name made from `stem` that nothing has yet.
    public func freeName(_ stem: String) -> String {
        if stem.count <= 64, places[stem] == nil { return stem }
        // Of one that is too long the beginning and the end stay, with room for a number.
        let stem = stem.count > 60 ? "\(stem.prefix(30))_\(stem.suffix(29))" : stem
        if places[stem] == nil { return stem }
        var number = 2
        while places["\(stem)\(number)"] != nil { number += 1 }
        return "\(stem)\(number)"
    }
}

// The few changes that keep the promises above; everything else is made of them (`Edit`).
extension Network {
    mutating func add(_ input: Input) throws(EditError) {
        try Network.check(input.shape)
        try claim(input.name, as: .input(inputs.count))
        inputs.append(input)
    }

    mutating func append(_ added: [Node]) throws(EditError) {
        guard nodes.count + added.count <= Network.nodeLimit else {
            throw .tooManyLayers(nodes.count + added.count)
        }
        for (offset, node) in added.enumerated() { try claim(node.name, as: .node(nodes.count + offset)) }
        for node in added { try checkWires(node.inputs, of: node.name) }
        nodes += added
    }

    mutating func insert(_ node: Node, at position: Int) throws(EditError) {
        guard (0...nodes.count).contains(position) else { throw .noSuchPosition(position) }
        try append([node])
        nodes.removeLast()
        nodes.insert(node, at: position)
        renumber()
    }

    mutating func update(_ name: String, _ change: (inout Node) throws(EditError) -> Void) throws(EditError) {
        let index = try position(of: name)
        var node = nodes[index]
        try change(&node)
        try checkWires(node.inputs, of: name)
        nodes[index] = node
    }

    mutating func move(_ name: String, to position: Int) throws(EditError) {
        let index = try self.position(of: name)
        guard nodes.indices.contains(position) else { throw .noSuchPosition(position) }
        nodes.insert(nodes.remove(at: index), at: position)
        renumber()
    }

    mutating func rename(_ name: String, to newName: String) throws(EditError) {
        guard let place = places[name] else {
            throw .noSuchLayer(name, nearest: nearest(to: name, among: names))
        }
        try claim(newName, as: place)
        places[name] = nil
        switch place {
        case .node(let index): nodes[index].name = newName
        case .input(let index): inputs[index].name = newName
        }
        for index in nodes.indices {
            for wire in nodes[index].inputs.indices where nodes[index].inputs[wire].name == name {
                nodes[index].inputs[wire].name = newName
            }
        }
        task = task.renaming(name, to: newName)
    }

    /// Removes a layer. Its readers read its first input instead, or nothing if it had none.
    mutating func remove(_ name: String) throws(EditError) {
        let index = try position(of: name)
        let replacement = nodes[index].inputs.first { $0.name != name }
        nodes.remove(at: index)
        for reader in nodes.indices where nodes[reader].inputs.contains(where: { $0.name == name }) {
            nodes[reader].inputs = nodes[reader].inputs.compactMap { $0.name == name ? replacement : $0 }
        }
        renumber()
    }

    mutating func setShape(_ shape: Shape, ofInput name: String) throws(EditError) {
        guard case .input(let index) = places[name] else {
            throw .noSuchInput(name, nearest: nearest(to: name, among: inputs.map(\.name)))
        }
        try Network.check(shape)
        inputs[index].shape = shape
    }

    /// Throws where data of that shape cannot enter a network.
    private static func check(_ shape: Shape) throws(EditError) {
        do throws(FieldError) {
            _ = try Input.axes.validated(.integers(shape.dimensions))
            guard shape.elements <= Shape.elementLimit else {
                throw FieldError.above("\(shape)", greatest: "\(Shape.elementLimit) elements")
            }
        } catch {
            throw .field("shape", error)
        }
    }

    func position(of name: String) throws(EditError) -> Int {
        guard let index = index(of: name) else {
            throw .noSuchLayer(name, nearest: nearest(to: name, among: nodes.map(\.name)))
        }
        return index
    }

    private mutating func claim(_ name: String, as place: NodeOrInput) throws(EditError) {
        guard Network.isName(name) else { throw .badName(name) }
        guard places[name] == nil else { throw .nameTaken(name) }
        places[name] = place
    }

    private func checkWires(_ wires: [Source], of name: String) throws(EditError) {
        for (position, wire) in wires.enumerated() where places[wire.name] == nil {
            throw .noSuchSource(
                wire.name, of: name, input: position, nearest: nearest(to: wire.name, among: names))
        }
    }

    private mutating func renumber() {
        places.removeAll(keepingCapacity: true)
        for (index, input) in inputs.enumerated() { places[input.name] = .input(index) }
        for (index, node) in nodes.enumerated() { places[node.name] = .node(index) }
    }
}
