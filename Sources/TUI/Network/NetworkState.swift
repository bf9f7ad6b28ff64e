import Devices
import Editing
import Graph
import QAT
import Terminal

/// What the list of layers shows of the network, and what is chosen in it.
struct ListState: Hashable, Sendable {
    /// How the rows are ordered.
    enum SortOrder: String, CaseIterable, Hashable, Sendable {
        case file, sqnr, bytes, macs

        /// The word for it.
        var title: String {
            switch self {
            case .file: "file order"
            case .sqnr: "worst SQNR first"
            case .bytes: "most weight bytes first"
            case .macs: "most MACs first"
            }
        }
    }

    /// The name of the selected row.
    var selected: String?
    /// Where the selected row was, for when it is gone.
    var lastIndex = 0
    /// Names of the layers that are marked.
    var marked: Set<String> = []
    /// First layers of blocks that are folded.
    var folded: Set<String> = []
    /// Only rows with this text are shown.
    var filter = ""
    var order = SortOrder.file
    /// The first row on the screen.
    var top = 0
    /// Whether the network is shown as boxes in place of the list.
    var showsBoxes = false
}

/// Which field of the selected layer is being looked at.
struct InspectorState: Hashable, Sendable {
    /// The name of the field; kept from layer to layer where they have it.
    var field = "quantize"
    /// The first field on the screen.
    var top = 0
}

/// A row of the list.
struct ListRow: Hashable, Sendable {
    /// What it stands for.
    enum Kind: Hashable, Sendable {
        /// The input at this position.
        case input(Int)
        /// The layer at this position.
        case node(Int)
        /// So many layers from this position on, folded into a row.
        case block(Int, count: Int)
    }

    let kind: Kind
    let name: String

    /// The position of its layer, or of its first one.
    var node: Int? {
        switch kind {
        case .node(let index), .block(let index, _): index
        case .input: nil
        }
    }
}

extension ScreenState {
    /// The rows of the list: inputs, then layers, as filter, folding and order have them.
    var rows: [ListRow] {
        let network = editor.network
        var rows: [ListRow] = []
        rows.reserveCapacity(network.inputs.count + network.nodes.count)
        let wanted = Array(list.filter.lowercased().utf8)
        if list.order == .file {
            for (index, input) in network.inputs.enumerated() where matches(wanted, [input.name, "input"]) {
                rows.append(ListRow(kind: .input(index), name: input.name))
            }
        }
        let blocks = list.folded.isEmpty ? [:] : foldedBlocks
        var index = 0
        while index < network.nodes.count {
            // Frames ask often: a node is not copied for its name.
            let name = network.nodes[index].name
            if wanted.isEmpty, list.order == .file, let count = blocks[index] {
                rows.append(ListRow(kind: .block(index, count: count), name: name))
                index += count
                continue
            }
            if wanted.isEmpty || matches(wanted, network.nodes[index]) {
                rows.append(ListRow(kind: .node(index), name: name))
            }
            index += 1
        }
        return ordered(rows)
    }

    private func matches(_ wanted: [UInt8], _ node: Node) -> Bool {
        matches(wanted, [node.name, node.kind.rawValue, node.note])
    }

    private func matches(_ wanted: [UInt8], _ words: [String]) -> Bool {
        wanted.isEmpty || words.contains { $0.lowercased().contains(bytes: wanted) }
    }

    private func ordered(_ rows: [ListRow]) -> [ListRow] {
        func sorted(by key: (Int) -> Double) -> [ListRow] {
            rows.enumerated().sorted { first, second in
                let a = key(first.element.node ?? 0)
                let b = key(second.element.node ?? 0)
                return a == b ? first.offset < second.offset : a < b
            }.map(\.element)
        }
        switch list.order {
        case .file: return rows
        case .sqnr: return sorted { probe.sqnr(of: editor.network.nodes[$0].name) ?? .infinity }
        case .bytes: return sorted { -Double(editor.analysis.cost.nodes[$0].weightBytes) }
        case .macs: return sorted { -Double(editor.analysis.cost.nodes[$0].multiplyAccumulates) }
        }
    }

    /// The selected row and its position; nil where nothing is shown.
    func selection(in rows: [ListRow]) -> (row: ListRow, index: Int)? {
        if let index = rows.firstIndex(where: { $0.name == list.selected }) { return (rows[index], index) }
        guard !rows.isEmpty else { return nil }
        let index = min(max(0, list.lastIndex), rows.count - 1)
        return (rows[index], index)
    }

    /// The selected layer or input; nil where the network has none.
    var selectedName: String? { selection(in: rows)?.row.name }

    /// The selected layer; nil where an input or nothing is selected.
    var selectedNode: Node? { selectedName.flatMap { editor.network[$0] } }

    /// The layers that an edit is made for: the marked ones, or the selected one.
    var editedNames: [String] {
        let marked = editor.network.nodes.map(\.name).filter(list.marked.contains)
        return marked.isEmpty ? selectedName.map { [$0] } ?? [] : marked
    }

    /// For which layers an edit is made, where that is not for the selected one alone: "for all 11 that are marked".
    var editedOthers: String? {
        let names = editedNames
        if names.count > 1 { return "for all \(names.count) that are marked" }
        guard let name = names.first, name != selectedName else { return nil }
        return "for \(name), which is marked"
    }

    /// Selects a row by its name.
    mutating func select(_ name: String?) {
        list.selected = name
        if let index = rows.firstIndex(where: { $0.name == name }) {
            list.lastIndex = index
        } else if let name, let node = editor.network.index(of: name) {
            // A row that filter or folding hides is brought back.
            list.filter = ""
            list.folded = list.folded.filter { first in
                guard let start = editor.network.index(of: first) else { return false }
                return !(foldedBlocks[start].map { (start..<start + $0).contains(node) } ?? false)
            }
            list.lastIndex = rows.firstIndex { $0.name == name } ?? 0
        }
    }
}

extension String {
    /// Whether the text has another one in it, given as UTF-8. Bytes, because this is asked of every layer for every
    /// picture, and comparing characters takes a hundred times as long.
    fileprivate func contains(bytes wanted: [UInt8]) -> Bool {
        let bytes = Array(utf8)
        guard wanted.count <= bytes.count else { return false }
        return (0...bytes.count - wanted.count).contains { start in
            wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
        }
    }
}
