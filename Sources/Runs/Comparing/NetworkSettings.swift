import Editing
import Graph

/// The settings of several networks side by side. Layers of one name are the same layer; a field in which several layers
/// differ in the same way is one row.
struct NetworkSettings {
    let networks: [Network]

    init(_ networks: [Network]) { self.networks = networks }

    var rows: [SettingRow] {
        var rows = inputRows
        var fields = FieldRows(networks: networks.count)
        for layer in layers {
            let nodes = networks.map { $0[layer] }
            let known = nodes.compactMap { $0 }
            guard known.count == nodes.count else {
                let presence = nodes.map { $0.map(\.layer.label) ?? Figures.none }
                rows.append(SettingRow(title: "layer \(layer)", values: presence, layers: [layer]))
                continue
            }
            fields.add("operator", layer, known.map(\.kind.rawValue))
            fields.add("inputs", layer, known.map { $0.inputs.map(\.description).joined(separator: ", ") })
            guard let kind = known.first?.kind, known.allSatisfy({ $0.kind == kind }) else { continue }
            for field in kind.fields {
                fields.add(field.name, layer, known.map { $0.layer.value(of: field).shown })
            }
        }
        return NetworkSettings.foldedPresence(rows) + fields.rows
    }

    /// The names of all layers: those of the first network in its order, then what the others have besides.
    private var layers: [String] {
        var seen: Set<String> = []
        return networks.flatMap { $0.nodes.map(\.name) }.filter { seen.insert($0).inserted }
    }

    private var inputRows: [SettingRow] {
        var seen: Set<String> = []
        let names = networks.flatMap { $0.inputs.map(\.name) }.filter { seen.insert($0).inserted }
        return names.map { name in
            let shapes = networks.map { network in
                network.inputs.first { $0.name == name }.map { "\($0.shape)" } ?? Figures.none
            }
            return SettingRow(title: "\(name) shape", values: shapes)
        }
    }

    /// Many layers that the same runs lack are one row.
    private static func foldedPresence(_ rows: [SettingRow]) -> [SettingRow] {
        var folded: [SettingRow] = []
        var groups: [[Bool]: [SettingRow]] = [:]
        var order: [[Bool]] = []
        for row in rows {
            guard !row.layers.isEmpty else {
                folded.append(row)
                continue
            }
            let presence = row.values.map { $0 != Figures.none }
            if groups[presence] == nil { order.append(presence) }
            groups[presence, default: []].append(row)
        }
        for presence in order {
            let group = groups[presence] ?? []
            guard group.count > 3 else {
                folded += group
                continue
            }
            folded.append(
                SettingRow(
                    title: "\(group.count) layers from \(group[0].layers[0])",
                    values: presence.map { $0 ? "yes" : Figures.none }, layers: group.flatMap(\.layers)))
        }
        return folded
    }
}

/// Values of fields by layer, told in as few rows as they have patterns.
private struct FieldRows {
    /// One field: the layers that have it, and those in which the networks differ, by how.
    private struct Entry {
        var layers: [String] = []
        /// The value that all layers and networks have, as far as they agree.
        var common: String?
        var isVaried = false
        var patterns: [(values: [String], layers: [String])] = []
    }

    /// How many networks there are.
    let networks: Int
    private var order: [String] = []
    private var entries: [String: Entry] = [:]

    init(networks: Int) { self.networks = networks }

    mutating func add(_ field: String, _ layer: String, _ values: [String]) {
        if entries[field] == nil { order.append(field) }
        var entry = entries[field] ?? Entry()
        entry.layers.append(layer)
        if Set(values).count == 1 {
            if let common = entry.common, common != values[0] { entry.isVaried = true }
            entry.common = values[0]
        } else if let index = entry.patterns.firstIndex(where: { $0.values == values }) {
            entry.patterns[index].layers.append(layer)
        } else {
            entry.patterns.append((values, [layer]))
        }
        entries[field] = entry
    }

    var rows: [SettingRow] {
        order.flatMap { field -> [SettingRow] in
            guard let entry = entries[field] else { return [] }
            let title = FieldWords.title(field)
            guard !entry.patterns.isEmpty else {
                let value = entry.isVaried ? "by layer" : entry.common ?? ""
                return [
                    SettingRow(
                        title: title, values: Array(repeating: value, count: networks), layers: entry.layers)
                ]
            }
            // What most layers share needs no list of them.
            let isGeneral =
                entry.patterns.count == 1 && entry.patterns[0].layers.count * 2 > entry.layers.count
            return entry.patterns.map { values, layers in
                let words =
                    isGeneral
                    ? title
                    : layers.count == 1 ? "\(layers[0]) \(title)" : "\(title) of \(layers.count) layers"
                return SettingRow(title: words, values: values, layers: layers)
            }
        }
    }
}
