import Terminal

// View 1: layers, where the bits go, the inspector.
extension View {
    static let network: View = View(
        number: 1, title: "Network", help: "layers, where the bits go, inspector",
        panes: [
            Pane(.list, "layers", [.upDown("layer"), .command("fields", "fields")]),
            Pane(.inspector, "inspector", [.upDown("field"), .leftRight("value", "step-down", "step-up")]),
            Pane(
                .boxes, "boxes", [.upDown("wire"), .leftRight("beside", "box-left", "box-right")],
                enter: "list"),
        ],
        enterLabel: "edit", commands: Command.layers + Command.boxes + Command.values,
        draw: { $0.drawNetwork(in: $1, on: &$2) }, move: { $0.moveInNetwork($1) },
        open: { screen in
            if screen.pane.scope == .boxes { screen.toggleBoxes() } else { screen.openValue() }
        },
        copy: { screen in
            guard let name = screen.selectedName else { return ("", []) }
            return ("the layer \(name)", screen.layerText(name))
        },
        lines: { $0.networkLines }, row: { $0.selectedLayerLines },
        note: { screen in
            screen.list.marked.isEmpty
                ? "" : " \(screen.appearance.glyphs.marked)\(screen.list.marked.count)"
        },
        goBack: { screen in
            if screen.pane.scope == .boxes {
                screen.toggleBoxes()
                return true
            }
            guard screen.pane.scope == .inspector else { return false }
            screen.panes[.network] = 0
            return true
        },
        goToRow: { $0.goToLayer($1) },
        shownPanes: { view, screen in
            let list = view.panes[0]
            let inspector = view.panes[1]
            let boxes = view.panes[2]
            return [screen.list.showsBoxes ? boxes : list, inspector]
        })
}

extension Scope {
    static let list = Scope(rawValue: 1 << 0)
    static let inspector = Scope(rawValue: 1 << 1)
    static let boxes = Scope(rawValue: 1 << 14)
    static let network: Scope = [.list, .inspector, .boxes]
}

extension Filter {
    /// Narrows the list of layers.
    static let layers = Filter(
        help: {
            "text in a name, operator or note; \($0.key("mark-shown")) then marks all that is shown"
        },
        text: { $0.list.filter }
    ) { screen, text in
        screen.list.filter = text
        screen.list.selected = screen.rows.first?.name
    }
}
