public import Graph
public import Terminal

/// Every setting with its value and where that comes from, as `magikbench config` and the screen show it.
public struct SettingsTable: Sendable {
    /// One setting.
    struct Row: Sendable {
        let name: String
        let value: JSON
        /// The line of the file; nil where the standard holds.
        let line: Int?
        /// What holds in place of it here, and why; empty where it holds.
        let remark: String
    }

    private let file: SettingsFile
    let rows: [Row]

    /// The settings of a file. `hasColour` and `plots` are what environment and locale leave of them.
    public init(_ file: SettingsFile, hasColour: Bool, plots: Glyphs.Kind) {
        self.file = file
        let settings = file.settings
        func row(_ name: String, _ value: JSON, _ remark: String = "") -> Row {
            Row(name: name, value: value, line: file.places[name]?.line, remark: remark)
        }
        let own = Setting.all.map { setting in
            var remark = ""
            if setting.name == "theme", !hasColour { remark = "no colours: NO_COLOR is set" }
            if setting.name == "plots", settings.plots != plots {
                remark =
                    settings.plots == nil
                    ? "\(plots.rawValue) here" : "\(plots.rawValue): the locale has no more"
            }
            return row(setting.name, setting.value(settings), remark)
        }
        let keys = settings.keys.sorted { $0.key < $1.key }.map { name, keys in
            row("keys." + name, .array(keys.map { .string($0.name()) }))
        }
        let run = settings.runOptions.sorted { $0.key < $1.key }.map { option, value in
            let standard = OptionForm.runOptions.first { $0.option == option }?.standard ?? ""
            return row("run." + option.dropFirst(2), .string(value.isEmpty ? standard : value))
        }
        rows = own + keys + run
    }

    /// The table as lines.
    public var lines: [String] {
        let cells = rows.map { row -> [TextTable.Cell] in
            let value: String
            if case .array(let keys) = row.value {
                value = keys.map(\.text).joined(separator: " ")
            } else {
                value = row.value.text
            }
            return [
                .init(row.name), .init(value), .init(row.line.map { "line \($0)" } ?? "standard"),
                .init(row.remark),
            ]
        }
        return TextTable(
            columns: [
                .init(title: "setting"), .init(title: "value", least: 12), .init(title: "from"),
                .init(title: ""),
            ],
            rows: cells
        ).lines(fitting: Paragraph.width)
    }

    /// The table as a JSON document, with what is wrong in the file.
    public var json: JSON {
        [
            "file": file.path.map(JSON.string) ?? .null,
            "settings": .array(
                rows.map { row in
                    [
                        "name": .string(row.name), "value": row.value,
                        "line": row.line.map(JSON.integer) ?? .null,
                    ]
                }),
            "problems": .array(
                file.problems.map { problem in
                    [
                        "name": problem.name.map(JSON.string) ?? .null,
                        "line": problem.place.map { .integer($0.line) } ?? .null,
                        "column": problem.place.map { .integer($0.column) } ?? .null,
                        "text": .string(problem.text),
                    ]
                }),
        ]
    }
}

extension JSON {
    /// A value as a person types it: texts without quotes.
    var text: String {
        if case .string(let word) = self { return word }
        return compact
    }
}
