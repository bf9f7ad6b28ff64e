import Devices
import Editing
import Graph
import Terminal

/// How the network's wires are drawn: worked out after changes, and not for every picture.
struct WiringState: Sendable {
    /// The network and the folded blocks that the lanes are of.
    private var network: Network?
    private var folded: Set<String> = []
    /// The lanes beside the list in the order of the file.
    private(set) var rails = Rails()
    /// The widest texts of the list.
    private(set) var widths = ListColumns.Widths()

    /// The network that the boxes are of.
    private var boxed: Network?
    private var boxedFolds: [Int: Int] = [:]
    /// The network as boxes; nil until they were shown.
    private(set) var boxes: BoxLayout?

    /// Brings the lanes and widths up to date with rows in the order of the file, and the operators' words.
    mutating func updateList(
        _ network: Network, folded: Set<String>, rows: () -> [ListRow], kind: (Int) -> String
    ) {
        guard self.network != network || self.folded != folded else { return }
        self.network = network
        self.folded = folded
        let rows = rows()
        var rowOf = [Int](repeating: 0, count: network.inputs.count + network.nodes.count)
        for (number, row) in rows.enumerated() {
            switch row.kind {
            case .input(let index): rowOf[index] = number
            case .node(let index): rowOf[network.inputs.count + index] = number
            case .block(let index, let count):
                for member in index..<index + count { rowOf[network.inputs.count + member] = number }
            }
        }
        widths.names = (network.names.map(\.displayWidth) + [8]).max() ?? 8
        widths.kinds = (network.nodes.indices.map { kind($0).displayWidth } + [8]).max() ?? 8
        widths.notes = network.nodes.map(\.note.displayWidth).max() ?? 0
        rails = Rails(
            rows: rows.count, wires: network.itemWires.map { (rowOf[$0.source], rowOf[$0.reader]) })
    }

    /// Brings the boxes up to date; folded blocks, by their first layers with how many they have, are one box each.
    mutating func updateBoxes(_ network: Network, folded blocks: [Int: Int]) {
        guard boxed != network || boxedFolds != blocks else { return }
        boxed = network
        boxedFolds = blocks
        var firstOf = Array(0..<network.inputs.count + network.nodes.count)
        for (first, count) in blocks {
            let item = network.inputs.count + first
            for member in item..<min(item + count, firstOf.count) { firstOf[member] = item }
        }
        boxes = BoxLayout(sharing: firstOf, wires: network.itemWires)
    }
}

// Inputs and layers together: items, the inputs first.
extension Network {
    /// The number of an input or layer.
    func item(of name: String) -> Int? {
        switch place(of: name) {
        case .input(let index): index
        case .node(let index): inputs.count + index
        case nil: nil
        }
    }

    /// The position of the layer that an item is; nil for an input.
    func node(ofItem item: Int) -> Int? { item < inputs.count ? nil : item - inputs.count }

    /// The name of an item.
    func name(ofItem item: Int) -> String { node(ofItem: item).map { nodes[$0].name } ?? inputs[item].name }

    /// Every wire from the item that is read to the layer that reads it.
    var itemWires: [(source: Int, reader: Int)] {
        nodes.enumerated().flatMap { index, node in
            node.inputs.compactMap { source in
                item(of: source.name).map { (source: $0, reader: inputs.count + index) }
            }
        }
    }
}

extension ScreenState {
    /// After every change: the wires are drawn as the network is.
    mutating func updateWiring() {
        let screen = self
        wiring.updateList(
            editor.network, folded: list.folded,
            rows: {
                var all = screen
                all.list.filter = ""
                all.list.order = .file
                return all.rows
            }, kind: screen.kindLabel)
        if list.showsBoxes {
            wiring.updateBoxes(editor.network, folded: list.folded.isEmpty ? [:] : foldedBlocks)
        }
    }

    /// The lanes beside the list; none where its rows are not all rows in the order of the file.
    var shownRails: Rails { list.filter.isEmpty && list.order == .file ? wiring.rails : Rails() }
}

/// What a layer or input reads and what reads it, by name.
struct Wires: Hashable, Sendable {
    /// What it reads, in the order of its wires, each once.
    let reads: [String]
    /// The layers that read it, in the order of the file.
    let readers: [String]

    init(of name: String, in editor: EditorState) {
        let network = editor.network
        guard let index = network.index(of: name) else {
            reads = []
            readers = network.readers(of: name).map(\.name)
            return
        }
        var seen: Set<String> = []
        reads = network.nodes[index].inputs.map(\.name).filter { seen.insert($0).inserted }
        readers = editor.analysis.order.readers[index].map { network.nodes[$0].name }
    }

    /// "reads bn; read by maxpool, route".
    var words: String {
        var parts: [String] = []
        if !reads.isEmpty { parts.append("reads \(reads.joined(separator: ", "))") }
        parts.append(readers.isEmpty ? "nothing reads it" : "read by \(readers.joined(separator: ", "))")
        return parts.joined(separator: "; ")
    }
}
