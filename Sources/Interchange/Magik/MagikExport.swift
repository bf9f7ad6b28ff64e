public import Devices
public import Graph

/// A network as a module for the vendor's training kit: every argument of the manual written out, those that follow from
/// the wiring too.
///
/// What the kit's arguments cannot say (names that Python does not take, remarks, what was left unset, shapes of inputs)
/// stands in `MAGIKBENCH` at the end of the file, so that reading it again gives the same network.
public struct MagikExport {
    private let analysis: Analysis
    private let device: Device
    private let title: String
    private let waivers: [Waiver]
    /// For each input and layer, its name as an attribute or variable.
    private let names: [String: String]

    /// A network for a chip, with its waivers.
    public init(_ network: Network, for device: Device, title: String, waivers: [Waiver] = []) {
        analysis = Analysis(network, on: device.family)
        self.device = device
        self.title = title
        self.waivers = waivers
        names = MagikExport.names(network)
    }

    private var network: Network { analysis.network }

    /// The key of the variable for an LSTM's states, which no layer's name can be.
    private static func states(of layer: String) -> String { "\(layer) states" }

    /// Names that Python takes; an LSTM's states have a variable of their own.
    private static func names(_ network: Network) -> [String: String] {
        var python = PythonNames(besides: PythonNames.reserved.union(["ops"]))
        var names: [String: String] = [:]
        for name in network.inputs.map(\.name) + network.nodes.map(\.name) {
            names[name] = python.name(for: name)
            if network[name]?.kind == .lstm {
                names[states(of: name)] = python.name(for: "\(names[name] ?? name)_states")
            }
        }
        return names
    }

    /// The file. Throws where a layer stands on a cycle, or waits for one that does.
    public func text() throws(MagikError) -> String {
        let sorted = analysis.order.evaluation
        if let stuck = network.nodes.indices.first(where: { !sorted.contains($0) }) {
            throw .cycle(network.nodes[stuck].name)
        }
        let layers = network.nodes.indices.map { "        self.\(name(of: $0)) = \(constructor($0))" }
        let calls = sorted.map { "        \(call($0))" }
        let arguments = network.inputs.map { names[$0.name] ?? $0.name }
        return """
            \(PythonCall.literal("\(title) on \(device.rawValue), written by magikbench."))
            from torch import nn

            from ingenic_magik_trainingkit.QuantizationTrainingPlugin.python import ops


            class Network(nn.Module):
                def __init__(self):
                    super().__init__()
            \(layers.joined(separator: "\n"))

                def forward(self, \(arguments.joined(separator: ", "))):
            \(calls.joined(separator: "\n"))
                    return \(results)


            MAGIKBENCH = \(about)

            """
    }

    private func name(of index: Int) -> String {
        names[network.nodes[index].name] ?? network.nodes[index].name
    }

    // MARK: - Layers

    private func constructor(_ index: Int) -> String {
        let node = network.nodes[index]
        let signature = MagikSignature(node.kind)
        let words = signature.arguments.map { "\($0.name)=\(value(of: $0.name, index))" }
        let name = "ops.\(signature.name)("
        let line = name + words.joined(separator: ", ") + ")"
        if line.count <= 88 { return line }
        return name + "\n            " + words.joined(separator: ",\n            ") + ")"
    }

    private func value(of argument: String, _ index: Int) -> String {
        let node = network.nodes[index]
        // What an import said against the wiring is written as it was said.
        for flag in ImportedFlags.flags where flag.argument == argument {
            switch node.imported.value(of: flag) {
            case .integer(let number): return "\(number)"
            case .flag(let isSet): return PythonCall.literal(isSet)
            case .unset, .number, .choice, .integers: break
            }
        }
        if let field = node.kind.fields.first(where: { $0.argument == argument }),
            let value = node.layer.value(of: field.name)
        {
            return text(value, of: argument, index)
        }
        return derived(argument, index)
    }

    private func text(_ value: FieldValue, of argument: String, _ index: Int) -> String {
        switch value {
        case .integer(let number): return "\(number)"
        case .number(let number): return PythonCall.literal(number)
        case .flag(let isSet): return PythonCall.literal(isSet)
        case .choice(let word):
            guard argument == "activation_fn" else { return PythonCall.literal(word) }
            return activation(Activation(rawValue: word) ?? .none, index)
        case .integers(let numbers): return "[" + numbers.map(String.init).joined(separator: ", ") + "]"
        case .unset:
            return argument == "output_bitwidth" ? "\(bits(analysis.facts.nodes[index].output))" : "None"
        }
    }

    private func activation(_ activation: Activation, _ index: Int) -> String {
        guard let signature = MagikSignature(activation) else { return "None" }
        let words = signature.arguments.map { argument in
            switch argument.name {
            case "in_channels": "in_channels=\(outChannels(index))"
            case "target_device": "target_device=\"\(device.rawValue)\""
            default: "\(argument.name)=\(argument.standard ?? "None")"
            }
        }
        return "ops.\(signature.name)(\(words.joined(separator: ", ")))"
    }

    /// What the wiring decides.
    private func derived(_ argument: String, _ index: Int) -> String {
        let facts = analysis.facts.nodes[index]
        let node = network.nodes[index]
        let shapes = analysis.shapes.known(index)
        switch argument {
        case "in_channels", "input_size":
            let isFocus = node.layer.value(of: "focus") == .flag(true)
            return "\((shapes?.first?.channels ?? 0) * (isFocus ? 4 : 1))"
        case "out_channels": return "\(outChannels(index))"
        case "input_bitwidth": return "\(bits(facts.inputs.first ?? .float))"
        case "output_bitwidth": return "\(bits(facts.output))"
        case "first_layer": return PythonCall.literal(facts.isFirst)
        case "last_layer": return PythonCall.literal(facts.isLast)
        case "pre_lstm_layer": return PythonCall.literal(facts.isBeforeLSTM)
        case "target_device": return "\"\(device.rawValue)\""
        case "data_format":
            if case .sequence? = shapes?.first { return "\"NHWC\"" }
            return "\"NCHW\""
        case "multi_inputs": return PythonCall.literal(node.inputs.count > 1)
        default:
            return MagikSignature(node.kind).arguments.first { $0.name == argument }?.standard ?? "None"
        }
    }

    private func outChannels(_ index: Int) -> Int {
        analysis.shapes.outputs(of: index).first?.channels ?? 0
    }

    private func bits(_ signal: Signal) -> Int { signal.bits }

    // MARK: - Wires

    private func call(_ index: Int) -> String {
        let node = network.nodes[index]
        let name = name(of: index)
        let inputs = node.inputs.map(value)
        let isList = inputs.count > 1 || node.kind.type.family == .combining
        let given = isList ? "[" + inputs.joined(separator: ", ") + "]" : inputs.joined()
        let states = names[MagikExport.states(of: node.name)]
        let result = states.map { "\(name), \($0)" } ?? name
        return "\(result) = self.\(name)(\(given))"
    }

    private func value(_ source: Source) -> String {
        let name = names[source.name] ?? source.name
        guard let node = network[source.name] else { return name }
        if case .parts = node.layer.settings.channelFlow { return "\(name)[\(source.output)]" }
        // Only an LSTM has other outputs besides: its states.
        guard source.output > 0 else { return name }
        return "\(names[MagikExport.states(of: source.name)] ?? name)[\(source.output - 1)]"
    }

    private var results: String {
        let ends = network.nodes.indices.filter { analysis.facts.nodes[$0].isLast }
            .map { value(Source(network.nodes[$0].name)) }
        return ends.isEmpty ? "None" : ends.joined(separator: ", ")
    }

    // MARK: - What arguments cannot say

    private var about: String {
        let nodes = network.nodes
        var members: [JSON.Member] = [
            .init("class", "Network"), .init("device", .string(device.rawValue)),
            .init(
                "inputs",
                .object(
                    network.inputs.map { .init($0.name, .array($0.shape.dimensions.map(JSON.integer))) })),
        ]
        let renamed = nodes.filter { names[$0.name] != $0.name }
        if !renamed.isEmpty {
            members.append(
                .init("names", .object(renamed.map { .init(names[$0.name] ?? $0.name, .string($0.name)) })))
        }
        let noted = nodes.filter { !$0.note.isEmpty }
        if !noted.isEmpty {
            members.append(.init("notes", .object(noted.map { .init($0.name, .string($0.note)) })))
        }
        let unset = nodes.filter { $0.layer.value(of: "outputBits") == .unset }
        members.append(.init("unset", .array(unset.map { .string($0.name) })))
        if !waivers.isEmpty {
            let lists = waivers.map { JSON.array([$0.rule, $0.layer, $0.reason].map(JSON.string)) }
            members.append(.init("waivers", .array(lists)))
        }
        if analysis.order.evaluation != Array(nodes.indices) {
            members.append(.init("order", .array(nodes.map { .string($0.name) })))
        }
        return JSON.object(members).python(indent: 0)
    }
}
