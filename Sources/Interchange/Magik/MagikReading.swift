import Devices
import Graph

/// What the stub wrote down, layer by layer.
struct MagikReading {
    /// What a file of our own says of itself.
    private let about: JSON
    /// The name of each call by its number.
    private var names: [String: String] = [:]
    /// What each layer was built with.
    private var arguments: [String: JSON] = [:]
    private(set) var notes: [String] = []

    init(about: JSON) { self.about = about }

    /// The chip that most layers name.
    func device(of json: JSON) throws(MagikError) -> Device {
        if let name = about["device"]?.text, let device = Device(name: name) { return device }
        var counts: [String: Int] = [:]
        for node in json["nodes"]?.list ?? [] {
            if let name = node["arguments"]?["target_device"]?.text { counts[name, default: 0] += 1 }
        }
        guard let name = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { return .t40 }
        guard let device = Device(name: name) else {
            throw .refused(
                "target_device is '\(name)'; the chips are "
                    + Device.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return device
    }

    /// The shape that a file of our own gives an input.
    func shape(of input: String) throws(MagikError) -> Shape? {
        guard let axes = about["inputs"]?[input] else { return nil }
        let numbers = (axes.list ?? []).compactMap(\.whole)
        guard let shape = Shape(dimensions: numbers), numbers.allSatisfy({ (1...65536).contains($0) }) else {
            throw .refused("the shape of input '\(input)' has 1 to 3 axes of 1 to 65536")
        }
        return shape
    }

    /// All layers, in the order of the file where it says one, else in that of the calls.
    mutating func nodes(of json: JSON) throws(MagikError) -> [Node] {
        var nodes: [Node] = []
        var taken = Set((json["inputs"]?.list ?? []).compactMap(\.text))
        for call in json["nodes"]?.list ?? [] {
            let attribute = call["name"]?.text ?? ""
            let name = unique(about["names"]?[attribute]?.text ?? MagikReading.name(attribute), &taken)
            if let number = call["id"]?.text { names[number] = name }
            arguments[name] = call["arguments"]
            guard let kind = OperatorKind(rawValue: call["op"]?.text ?? "") else {
                throw .layer(name, reason: "'\(call["op"]?.text ?? "")' is no operator of the manual")
            }
            let layer = try layer(kind, name, call["arguments"] ?? .null)
            let note = about["notes"]?[name]?.text ?? ""
            nodes.append(Node(name, layer, inputs: try sources(call, of: name), note: note))
        }
        let order = (about["order"]?.list ?? []).compactMap(\.text)
        guard order.count == nodes.count, Set(order) == Set(nodes.map(\.name)) else { return nodes }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        return nodes.sorted { (places[$0.name] ?? 0) < (places[$1.name] ?? 0) }
    }

    private func sources(_ call: JSON, of layer: String) throws(MagikError) -> [Source] {
        var sources: [Source] = []
        for wire in call["inputs"]?.list ?? [] {
            let source = wire.list.flatMap { pair -> Source? in
                guard pair.count == 2, let from = pair[0].text, let output = pair[1].whole else { return nil }
                return Source(names[from] ?? from, output: output)
            }
            guard let source, Source(text: source.description) == source else {
                throw .layer(layer, reason: "it reads \(wire.compact), which is no result of a layer")
            }
            sources.append(source)
        }
        return sources
    }

    /// A name that a layer can have, from the path of a module: "conv0" of a block whose only layer is "conv".
    private static func name(_ path: String) -> String {
        let allowed = path.map { "[]{}=*?,\"'\\ ".contains($0) ? "_" : $0 }
        let name = String(String(allowed).prefix(56))
        return name.hasSuffix(".conv") ? String(name.dropLast(5)) : name.isEmpty ? "layer" : name
    }

    /// A layer that is called again is another layer without weights of its own.
    private func unique(_ name: String, _ taken: inout Set<String>) -> String {
        var found = name
        var count = 2
        while taken.contains(found) {
            found = "\(name)_\(count)"
            count += 1
        }
        taken.insert(found)
        return found
    }

    // MARK: - Settings

    private mutating func layer(
        _ kind: OperatorKind, _ name: String, _ given: JSON
    ) throws(MagikError) -> Layer {
        var layer = kind.type.init().layer
        for field in kind.fields {
            guard let value = given[field.argument] else { continue }
            do {
                try layer.set(field.name, to: try read(value, field, name))
            } catch let error as MagikError {
                throw error
            } catch {
                throw .layer(name, reason: "\(field.argument): \(error)")
            }
        }
        return layer
    }

    private func read(_ value: JSON, _ field: LayerField, _ layer: String) throws(MagikError) -> FieldValue {
        if field.argument == "activation_fn" { return .choice(try activation(value, layer).rawValue) }
        if field.name == "outputBits", case .optionalBits = field.kind { return bits(value, of: layer) }
        func refuse(_ wanted: String) -> MagikError {
            .layer(layer, reason: "\(field.argument) is \(value.compact), and takes \(wanted)")
        }
        switch field.kind {
        case .flag:
            guard let isSet = value.truth else { throw refuse("True or False") }
            return .flag(isSet)
        case .choice:
            guard let word = value.text else { throw refuse("a word") }
            return .choice(word)
        case .integers:
            let numbers = (value.list ?? []).compactMap(\.whole)
            guard let list = value.list, list.count == numbers.count else {
                throw refuse("a list of whole numbers")
            }
            return .integers(numbers)
        case .number:
            if case .number(let number) = value { return .number(number) }
            guard case .integer(let number) = value else { throw refuse("a number") }
            return .number(Double(number))
        case .integer, .bits, .optionalInteger, .optionalBits:
            if value == .null { return .unset }
            guard let number = value.whole else { throw refuse("a whole number") }
            return .integer(number)
        }
    }

    /// Bits of a result that a layer may leave to its input. Files of other programs write them out always; then 32, which
    /// is the default, leaves them too.
    private func bits(_ value: JSON, of layer: String) -> FieldValue {
        if let unset = about["unset"]?.list {
            if unset.contains(.string(layer)) { return .unset }
            return value.whole.map(FieldValue.integer) ?? .unset
        }
        let input = arguments[layer]?["input_bitwidth"]?.whole
        guard let bits = value.whole, bits != Quantization.float, bits != input else { return .unset }
        return .integer(bits)
    }

    private func activation(_ value: JSON, _ layer: String) throws(MagikError) -> Activation {
        if value == .null { return .none }
        guard let name = value["function"]?.text, let activation = Activation(rawValue: name) else {
            throw .layer(layer, reason: "activation_fn is \(value.compact); it is one of ops or None")
        }
        return activation
    }

    // MARK: - What the wiring decides

    /// The network with what the file said against its wiring.
    mutating func flagged(_ network: Network, on device: Device) throws(MagikError) -> Network {
        let analysis = Analysis(network, on: device.family)
        var nodes = network.nodes
        for index in nodes.indices {
            let given = arguments[nodes[index].name] ?? .null
            let facts = analysis.facts.nodes[index]
            for flag in ImportedFlags.flags {
                guard let written = given[flag.argument] else { continue }
                if let value = disagreement(flag.name, written, facts, nodes[index]) {
                    nodes[index].imported.set(flag, to: value)
                }
            }
            compare(given, nodes[index], analysis, index)
        }
        do {
            return try network.with(nodes)
        } catch {
            throw .refused("\(error)")
        }
    }

    /// What was written, where the wiring says otherwise.
    private func disagreement(
        _ flag: String, _ written: JSON, _ facts: SignalAnalysis.Facts, _ node: Node
    ) -> FieldValue? {
        func against(_ fact: Bool) -> FieldValue? {
            written.truth.flatMap { $0 == fact ? nil : .flag($0) }
        }
        switch flag {
        case "inputBits":
            guard node.isQuantized, let bits = written.whole, let input = facts.inputs.first,
                bits != input.bits
            else {
                return nil
            }
            return (1...64).contains(bits) ? .integer(bits) : nil
        case "firstLayer": return against(facts.isFirst)
        case "lastLayer": return against(facts.isLast)
        case "preLstmLayer": return against(facts.isBeforeLSTM)
        case "multiInputs": return against(node.inputs.count > 1)
        case "batchFirst": return written.truth == false ? .flag(false) : nil
        case "numLayers": return written.whole.flatMap { $0 == 1 ? nil : .integer($0) }
        default: return nil
        }
    }

    /// Channels that the file says and the wiring does not give.
    private mutating func compare(_ given: JSON, _ node: Node, _ analysis: Analysis, _ index: Int) {
        guard let shape = analysis.shapes.known(index)?.first else { return }
        let isFocus = node.layer.value(of: "focus") == .flag(true)
        for argument in ["in_channels", "input_size"] {
            guard let written = given[argument]?.whole else { continue }
            let fits = written == shape.channels || isFocus && written == 4 * shape.channels
            if !fits {
                notes.append(
                    "layer '\(node.name)' has \(argument)=\(written) and reads \(shape.channels): the wiring counts here"
                )
            }
        }
    }
}
