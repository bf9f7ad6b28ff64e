import Devices
import Editing
import Graph
import Terminal

// Going about in the network as boxes.
extension ScreenState {
    /// Shows the network as boxes in place of the list, or the list again.
    mutating func toggleBoxes() {
        list.showsBoxes.toggle()
        panes[.network] = 0
    }

    /// A click on a box selects it; a click on the selected one is Enter.
    mutating func clickBox(_ name: String) {
        panes[.network] = 0
        if name == selectedName { return toggleBoxes() }
        select(name)
    }

    mutating func moveThroughBoxes(_ movement: Movement) {
        guard let layout = wiring.boxes, let name = selectedName,
            let item = editor.network.item(of: name), let box = layout.box(of: item)
        else { return }
        switch movement {
        case .rows(let count):
            for _ in 0..<abs(count) where !followWire(isDown: count > 0) { return }
        case .pages(let count):
            let step = max(1, pageRows / (BoxLayout.boxHeight + 2))
            let level = min(max(0, layout.levelOf[item] + count * step), layout.levels.count - 1)
            select(layout.nearest(to: box.port, inLevel: level))
        case .first: select(layout.levels.first?.boxes.first)
        case .last: select(layout.levels.last?.boxes.first)
        }
    }

    /// Selects what reads the selected box, or what it reads: the nearest one. Returns false, with the reason said, where
    /// there is none.
    private mutating func followWire(isDown: Bool) -> Bool {
        guard let layout = wiring.boxes, let name = selectedName,
            let item = editor.network.item(of: name), let box = layout.box(of: item)
        else { return false }
        let first = layout.firstOf[item]
        let ends = editor.network.itemWires.compactMap { wire -> Int? in
            let own = isDown ? wire.source : wire.reader
            let other = isDown ? wire.reader : wire.source
            return layout.firstOf[own] == first && layout.firstOf[other] != first ? other : nil
        }
        // The nearest one to a side, and of those the one that is fewest levels away.
        func distance(_ other: BoxLayout.Box) -> (Int, Int) {
            (abs(other.port - box.port), abs(layout.levelOf[other.item] - layout.levelOf[item]))
        }
        let nearest = ends.compactMap(layout.box(of:)).min { distance($0) < distance($1) }
        guard let nearest else {
            refuse(isDown ? "nothing reads \(name)" : "\(name) reads nothing")
            return false
        }
        select(nearest)
        return true
    }

    /// Selects the box beside the selected one.
    mutating func moveBeside(_ step: Int) {
        guard let layout = wiring.boxes, let name = selectedName,
            let item = editor.network.item(of: name).map({ layout.firstOf[$0] })
        else { return }
        let boxes = layout.levels[layout.levelOf[item]].boxes
        guard let place = boxes.firstIndex(where: { $0.item == item }) else { return }
        guard boxes.indices.contains(place + step) else {
            return refuse(
                "no layer is \(step < 0 ? "left" : "right") of \(name); up and down follow its wires")
        }
        select(boxes[place + step])
    }

    private mutating func select(_ box: BoxLayout.Box?) {
        if let box { select(editor.network.name(ofItem: box.item)) }
    }
}
