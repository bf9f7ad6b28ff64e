public import Devices
public import Graph

/// What a session's `network.json` holds: a network, the chip that it is for, and what the user said about it.
///
/// A value without weights, so that undo is a list of documents.
public struct Document: Hashable, Sendable {
    /// The network. Waivers of layers that it no longer has are dropped.
    public var network: Network {
        didSet { waivers = Document.kept(waivers, in: network) }
    }
    /// The chip that the network is for.
    public var device: Device
    /// The waivers, each with its reason, in the order of the file.
    ///
    /// A waiver holds for a layer of the network and has a reason; others are dropped. The rule is any text: a file
    /// that names a rule which this version does not have, because it is older or newer, still loads and keeps it.
    public var waivers: [Waiver] {
        didSet { waivers = Document.kept(waivers, in: network) }
    }
    /// The member `plan` of the file, which stands for a training plan. Runs keep theirs in the run store; it is kept as it
    /// is, so that saving takes nothing away from a file that has one.
    public var plan: JSON?
    /// What the screen showed last, as the screen wrote it.
    public var screen: JSON?

    /// A network for a chip.
    public init(network: Network, device: Device, waivers: [Waiver] = []) {
        self.network = network
        self.device = device
        self.waivers = Document.kept(waivers, in: network)
    }

    /// Changes the network. Waivers follow renamed layers, and go with removed ones.
    public mutating func apply(_ edit: Edit) throws(EditError) {
        let edited = try network.applying(edit)
        var followed = waivers
        Document.follow(edit, in: &followed)
        // The network comes first: each waiver is held against the layers that are there then.
        network = edited
        waivers = followed
    }

    /// The document in a line: "22 layers, 3x32x32, 1853680 parameters, T40".
    public var summary: String {
        let parameters = Analysis(network, on: device.family).cost.total.parameters
        let shapes = network.inputs.map(\.shape.description).joined(separator: " and ")
        return [
            counted(network.nodes.count, "layer"), shapes.isEmpty ? "no inputs" : shapes,
            counted(parameters, "parameter"), device.rawValue,
        ].joined(separator: ", ")
    }

    private static func kept(_ waivers: [Waiver], in network: Network) -> [Waiver] {
        waivers.filter { network[$0.layer] != nil && hasReason($0) }
    }

    /// Whether a waiver says anything at all about why.
    static func hasReason(_ waiver: Waiver) -> Bool { !waiver.reason.allSatisfy(\.isWhitespace) }

    private static func follow(_ edit: Edit, in waivers: inout [Waiver]) {
        switch edit {
        case .rename(let name, let newName):
            for index in waivers.indices where waivers[index].layer == name { waivers[index].layer = newName }
        case .remove(let layer): waivers.removeAll { $0.layer == layer }
        case .all(_, let edits): for edit in edits { follow(edit, in: &waivers) }
        case .set, .replace, .insert, .move, .rewire, .clearImported, .annotate, .reshapeInput, .addInput,
            .setTask:
            break
        }
    }
}
