import Devices
import Editing
import Graph
import Terminal

// The network as boxes and wires, in place of the list. The selected box stands in the middle, as far as there is more.
extension ScreenState {
    func drawBoxes(in rect: Rect, on canvas: inout Canvas) {
        guard let layout = wiring.boxes, let name = selectedName,
            let selected = editor.network.item(of: name).map({ layout.firstOf[$0] }),
            let box = layout.box(of: selected)
        else { return drawEmptyList(in: rect, on: &canvas) }
        let level = layout.levels[layout.levelOf[selected]]
        let window = BoxWindow(
            rect: rect,
            top: BoxWindow.first(showing: level.top + 1, of: layout.rows, in: rect.rows, isCentred: false),
            left: BoxWindow.first(
                showing: box.port, of: layout.columns, in: rect.columns - 1, isCentred: true))
        let wires = Wires(of: name, in: editor)
        let near = Set(
            (wires.reads + wires.readers).compactMap {
                editor.network.item(of: $0).map { layout.firstOf[$0] }
            })
        drawLines(layout, window, selected, on: &canvas)
        for level in layout.levels(in: window.top..<window.top + rect.rows) {
            for box in level.boxes where window.shows(box) {
                drawBox(
                    box, level, layout, window, isSelected: box.item == selected,
                    isNear: near.contains(box.item), on: &canvas)
            }
        }
        drawScrollBar(in: rect, top: max(0, window.top), count: layout.rows, on: &canvas)
        drawMoreSigns(layout, window, on: &canvas)
    }

    /// Signs at the edges where the drawing goes on to a side.
    private func drawMoreSigns(_ layout: BoxLayout, _ window: BoxWindow, on canvas: inout Canvas) {
        let rect = window.rect
        let row = rect.row + rect.rows / 2
        if window.left > 0 { canvas.frame[row, rect.column] = Cell(canvas.glyphs.stepDown, .accent.bold) }
        if layout.columns - window.left > rect.columns - 1 {
            canvas.frame[row, rect.endColumn - 2] = Cell(canvas.glyphs.stepUp, .accent.bold)
        }
    }

    private func drawLines(_ layout: BoxLayout, _ window: BoxWindow, _ selected: Int, on canvas: inout Canvas)
    {
        var lines = BoxLines(window)
        for level in layout.levels(in: window.top..<window.top + window.rect.rows) {
            for pass in level.passes {
                let isBright = pass.source == selected || pass.readers.contains(selected)
                lines.goDown(pass.column, level.top..<level.bottom, isBright)
            }
            for bundle in level.bundles {
                for end in bundle.ends {
                    let isBright = bundle.source == selected || end.readers.contains(selected)
                    lines.add(
                        from: bundle.column, to: end.column, rows: level.bottom..<level.bottom + level.tracks,
                        track: level.bottom + bundle.track, isBright)
                }
            }
        }
        lines.draw(on: &canvas)
    }

    private func drawBox(
        _ box: BoxLayout.Box, _ level: BoxLayout.Level, _ layout: BoxLayout, _ window: BoxWindow,
        isSelected: Bool, isNear: Bool, on canvas: inout Canvas
    ) {
        let glyphs = canvas.glyphs
        let row = window.row(level.top)
        let column = window.column(box.column)
        let whole = Rect(row: row, column: column, rows: BoxLayout.boxHeight, columns: BoxLayout.boxWidth)
        let visible = whole.clipped(to: window.rect)
        guard !visible.isEmpty else { return }
        var picture = Canvas(Size(rows: BoxLayout.boxHeight, columns: BoxLayout.boxWidth), glyphs)
        let (name, words) = boxWords(box.item, layout)
        let members = layout.firstOf.indices.filter { layout.firstOf[$0] == box.item }
        let edge: Style = isSelected ? .accent.bold : isNear ? .accent : .dim
        drawEdges(of: members, edge, on: &picture)
        let isMarked = members.contains { list.marked.contains(editor.network.name(ofItem: $0)) }
        let sign = worstFinding(of: members.compactMap(editor.network.node(ofItem:))).map(mark(of:))
        let end = BoxLayout.boxWidth - 2 - (isMarked ? 2 : 0) - (sign == nil ? 0 : 2)
        let style: Style = isSelected ? .strong : .text
        var place = picture.frame.put(" ", 0, 1)
        if !words.number.isEmpty { place = picture.frame.put(words.number + " ", 0, place, .dim) }
        place = picture.frame.put(name.shortened(to: end - place), 0, place, style)
        // A wire that comes in behind a short name ends at the edge.
        if picture.frame[0, place].scalar == picture.glyphs.horizontal { picture.frame.put(" ", 0, place) }
        if isMarked { picture.frame[0, end + 1] = Cell(glyphs.marked, .accent) }
        if let sign { picture.frame[0, BoxLayout.boxWidth - 3] = sign }
        let inside = BoxLayout.boxWidth - 4
        picture.frame.put(
            words.kind.clipped(to: inside - words.bits.displayWidth - 1), 1, 2, isSelected ? .strong : .text)
        picture.frame.putRight(words.bits, 1, end: 2 + inside, .text)
        picture.frame.put(
            " \(words.shape.clipped(to: BoxLayout.port - 3)) ", 2, 1, words.shape == "?" ? .error : .text)
        if isSelected {
            let hasFocus = pane.scope == .boxes && popups.isEmpty
            picture.frame[1, 0] = Cell(hasFocus ? glyphs.selected : glyphs.selectedAway, .accent.bold)
            if hasFocus, window.rect.contains(Position(row: row, column: column + 2)) {
                canvas.frame.cursor = Position(row: row, column: column + 2)
            }
        }
        for offset in 0..<visible.rows {
            for place in 0..<visible.columns {
                let line = visible.row + offset
                let cell = visible.column + place
                canvas.frame[line, cell] = picture.frame[line - row, cell - column]
            }
        }
        canvas.target(visible) { $0.clickBox(name) }
    }

    /// The edges of the box of some items, with where its wires come in and go out.
    private func drawEdges(of items: [Int], _ style: Style, on picture: inout Canvas) {
        let glyphs = picture.glyphs
        let last = BoxLayout.boxWidth - 1
        let bottom = BoxLayout.boxHeight - 1
        for column in 1..<last {
            for row in [0, bottom] { picture.frame[row, column] = Cell(glyphs.horizontal, style) }
        }
        for row in 1..<bottom {
            for column in [0, last] { picture.frame[row, column] = Cell(glyphs.vertical, style) }
        }
        let (topLeft, topRight, bottomLeft, bottomRight) = glyphs.corners
        picture.frame[0, 0] = Cell(topLeft, style)
        picture.frame[0, last] = Cell(topRight, style)
        picture.frame[bottom, 0] = Cell(bottomLeft, style)
        picture.frame[bottom, last] = Cell(bottomRight, style)
        if readsSomething(items[0]) { picture.frame[0, BoxLayout.port] = Cell(glyphs.teeUp, style) }
        if items.contains(where: isRead) {
            picture.frame[bottom, BoxLayout.port] = Cell(glyphs.teeDown, style)
        }
    }

    private func readsSomething(_ item: Int) -> Bool {
        editor.network.node(ofItem: item).map { !editor.network.nodes[$0].inputs.isEmpty } ?? false
    }

    private func isRead(_ item: Int) -> Bool {
        let order = editor.analysis.order
        guard let index = editor.network.node(ofItem: item) else { return !order.unreadInputs.contains(item) }
        return !order.readers[index].isEmpty
    }

    /// How many layers are folded into the box of the one at a position; nil where it stands alone.
    private func foldedCount(_ index: Int, _ layout: BoxLayout) -> Int? {
        let item = editor.network.inputs.count + index
        let count = layout.firstOf.count { $0 == item }
        return count > 1 ? count : nil
    }

    /// What a box says: number, operator, shape, bits; of a folded block how many layers it has, and its last shape.
    private func boxWords(
        _ item: Int, _ layout: BoxLayout
    ) -> (name: String, words: (number: String, kind: String, shape: String, bits: String)) {
        guard let index = editor.network.node(ofItem: item) else {
            let input = editor.network.inputs[item]
            return (input.name, ("", "input", input.shape.description, ""))
        }
        if let count = foldedCount(index, layout) {
            let title = editor.network.nodes[index].name
            let shape = editor.analysis.shapes.label(index + count - 1) ?? "?"
            return (title, ("\(index + 1)", "\(count) layers folded", shape, ""))
        }
        let node = editor.network.nodes[index]
        let facts = editor.analysis.facts.nodes[index]
        let weights = facts.weightBits.map { "w\(Figures.bits($0)) " } ?? ""
        // A wire that would pass very many levels is a name.
        let far = layout.farReads[item].map { editor.network.name(ofItem: $0) }
        let arrow = appearance.glyphs.kind == .ascii ? "<- " : "← "
        let kind = node.layer.label + (far.isEmpty ? "" : " " + arrow + far.joined(separator: ","))
        return (
            node.name,
            (
                "\(index + 1)", kind, editor.analysis.shapes.label(index) ?? "?",
                weights + "a" + Figures.bits(facts.output.bits)
            )
        )
    }
}

/// The part of the drawing that is on the screen.
struct BoxWindow {
    let rect: Rect
    /// The row and the column of the drawing at its top left; below 0 where the drawing is narrower.
    let top: Int
    let left: Int

    /// The first row or column, so that a place is in the middle of the room, as far as there is more on both sides.
    static func first(showing place: Int, of count: Int, in room: Int, isCentred: Bool) -> Int {
        guard count > room else { return isCentred ? -(room - count) / 2 : 0 }
        return min(max(0, place - room / 2), count - room)
    }

    /// Where a row of the drawing is on the screen.
    func row(_ row: Int) -> Int { rect.row + row - top }
    /// Where a column of the drawing is on the screen.
    func column(_ column: Int) -> Int { rect.column + column - left }

    /// Whether some column of a box is on the screen.
    func shows(_ box: BoxLayout.Box) -> Bool {
        box.column - left < rect.columns && box.column + BoxLayout.boxWidth - left > 0
    }
}

/// The lines of the part of a drawing that is on the screen, joined where they meet.
struct BoxLines {
    private let window: BoxWindow
    private var joints: [Joint]
    private var isBright: [Bool]

    init(_ window: BoxWindow) {
        self.window = window
        joints = [Joint](repeating: [], count: window.rect.rows * window.rect.columns)
        isBright = [Bool](repeating: false, count: joints.count)
    }

    /// A wire through some rows, which changes its column in the row of its track.
    mutating func add(from start: Int, to end: Int, rows: Range<Int>, track: Int, _ isBright: Bool) {
        guard start != end else { return goDown(start, rows, isBright) }
        goDown(start, rows.lowerBound..<track, isBright)
        put([.up, end > start ? .right : .left], track, start, isBright)
        let first = max(min(start, end) + 1, window.left)
        let last = min(max(start, end), window.left + window.rect.columns)
        if first < last { for column in first..<last { put(.flat, track, column, isBright) } }
        put([.down, end > start ? .left : .right], track, end, isBright)
        goDown(end, track + 1..<rows.upperBound, isBright)
    }

    /// A line from top to bottom.
    mutating func goDown(_ column: Int, _ rows: Range<Int>, _ isBright: Bool) {
        for row in rows.clamped(to: window.top..<window.top + window.rect.rows) {
            put(.upright, row, column, isBright)
        }
    }

    private mutating func put(_ joint: Joint, _ row: Int, _ column: Int, _ isBright: Bool) {
        let (row, column) = (row - window.top, column - window.left)
        guard row >= 0, row < window.rect.rows, column >= 0, column < window.rect.columns else { return }
        let place = row * window.rect.columns + column
        joints[place].formUnion(joint)
        if isBright { self.isBright[place] = true }
    }

    func draw(on canvas: inout Canvas) {
        for (place, joint) in joints.enumerated() where joint != [] {
            let (row, column) = place.quotientAndRemainder(dividingBy: window.rect.columns)
            canvas.frame[window.rect.row + row, window.rect.column + column] = Cell(
                canvas.glyphs.sign(of: joint), isBright[place] ? .accent.bold : .dim)
        }
    }
}
