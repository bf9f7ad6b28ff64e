import Datasets
import Editing
import Graph
public import Probing
import Terminal

// What keys and events do in view 6.
extension ScreenState {
    /// The layout of view 6 now.
    var dataLayout: DataLayout {
        let body = Rect(row: 3, column: 0, rows: size.rows - 5, columns: size.columns)
        return DataLayout(
            in: body, of: data.source?.shape ?? .vector(1), extraRows: data.extraRows)
    }

    /// The data set of the run form, or else that of the last run or the generated one, for the network as it is; nil where it has no input.
    var wantedData: PictureSet? {
        guard let input = editor.network.inputs.first else { return nil }
        let chosen = training.settings["--data"] ?? ""
        return PictureSet(
            data: chosen.isEmpty ? usualData : chosen, shape: input.shape, task: editor.network.task,
            seed: training.settings["--seed"].flatMap { UInt64($0) } ?? 1)
    }

    mutating func moveInData(_ movement: Movement) {
        guard data.count > 0 else { return }
        if data.cell != nil { return moveThroughCells(movement) }
        let layout = dataLayout
        let step = data.isEnlarged ? 1 : layout.perRow
        switch movement {
        case .rows(let count):
            let target = data.selected + count * step
            // From the row before the last, down leads to the last picture.
            guard target < data.count || data.selected / step < (data.count - 1) / step else { return }
            select(target < 0 ? data.selected : target)
        case .pages(let count): select(data.selected + count * (data.isEnlarged ? 10 : layout.perPage))
        case .first: select(0)
        case .last: select(data.count - 1)
        }
    }

    private mutating func moveThroughCells(_ movement: Movement) {
        switch movement {
        case .rows(let count): moveCell(rows: count, columns: 0)
        case .pages(let count): moveCell(rows: count * pageRows, columns: 0)
        case .first: moveCell(rows: -.max / 2, columns: 0)
        case .last: moveCell(rows: .max / 2, columns: 0)
        }
    }

    /// To the next picture or cell, or to the one before where the count is negative.
    mutating func stepThroughData(_ count: Int) {
        if data.cell != nil { return moveCell(rows: 0, columns: count) }
        if data.count > 0 { select(data.selected + count) }
    }

    /// Shows the selected picture large, or the pictures of the selected cell.
    mutating func openPicture() {
        if data.cell != nil { return openCell() }
        if data.count > 0 { data.isEnlarged = true }
    }

    private mutating func select(_ position: Int) { data.selected = min(max(0, position), data.count - 1) }

    mutating func clickPicture(_ position: Int) {
        if position == data.selected { data.isEnlarged = true }
        select(position)
    }

    /// Leaves the large picture, then augmentation, then the filter, back to its cell, then the confusion, then the order; false
    /// where there is nothing to leave.
    mutating func goBackInData() -> Bool {
        if data.isEnlarged {
            data.isEnlarged = false
        } else if data.epoch != nil {
            data.epoch = nil
        } else if case .cell(let cell)? = data.filter {
            data.filter(by: nil)
            data.cell = cell
        } else if data.filter != nil {
            data.filter(by: nil)
        } else if data.cell != nil {
            data.cell = nil
        } else if data.order != .number {
            data.sort(by: .number)
        } else {
            return false
        }
        return true
    }

    /// Shows samples as the next epoch of training changes them.
    mutating func showAugmented() {
        data.epoch = (data.epoch ?? -1) + 1
        say(
            "as epoch \((data.epoch ?? 0) + 1) of training shows them; \(key("augmented")) the next, \(key("back")) as they are stored"
        )
    }

    mutating func showNextSplit() {
        guard let outline = data.opened else { return }
        let all = Split.allCases.filter { outline.counts[$0] ?? 0 > 0 }
        guard let place = all.firstIndex(of: data.split) else {
            if let first = all.first { data.show(first) }
            return
        }
        data.show(all[(place + 1) % all.count])
    }

    /// Goes to a sample by its number, from 0.
    mutating func goToSample(_ text: String?) {
        guard let text else {
            return popups.append(
                Prompt("to sample", help: "its number, from 0 to \(data.total - 1)") { $0.goToSample($1) })
        }
        guard let number = Int(text) else {
            return refuse("'\(text.printable)' is no number; a sample is named by its number, from 0")
        }
        guard data.select(sample: number) else {
            return refuse(
                (0..<data.total).contains(number)
                    ? "sample \(number) is not among those that are shown; \(key("back")) shows all"
                    : "\(data.split.rawValue) has samples 0 to \(data.total - 1)")
        }
    }

    /// Shows only samples of a class; asks for it where none is named.
    mutating func chooseClass(_ name: String?) {
        guard let outline = data.opened else { return }
        if let name {
            guard let label = outline.classNames.firstIndex(of: name) else {
                return refuse("the data set has no class '\(name.printable)'")
            }
            return filterData(by: Int32(label))
        }
        let counts = data.labelCounts
        var entries = [Picker.Entry(title: "all classes") { $0.filterData(by: nil) }]
        for (label, name) in outline.classNames.enumerated() {
            entries.append(
                Picker.Entry(
                    title: name.printable, note: counts.map { Figures.grouped($0[Int32(label)] ?? 0) } ?? "",
                    completion: name
                ) { $0.filterData(by: Int32(label)) })
        }
        popups.append(
            Picker("class", entries, width: 48, selected: data.label.map { Int($0) + 1 } ?? 0))
    }

    /// Tries to open a data set again that could not be opened.
    mutating func openDataAgain() {
        if case .failure? = data.outline { data.show(nil) }
    }

    private mutating func filterData(by label: Int32?) {
        data.cell = nil
        data.filter(by: label.map { .label($0) })
    }

    /// Shows a data set, which the next run takes too; asks for it where none is named.
    mutating func chooseData(_ text: String?) {
        guard let text else {
            popups.append(
                Prompt(
                    "data set",
                    help: "\(DataName.generated.joined(separator: " or ")) are generated; "
                        + DataName.read.joined(separator: ", ") + "; options follow after commas",
                    text: data.source?.data ?? wantedData?.data ?? "", paths: .data,
                    check: { _, text in ScreenState.problem(ofData: text) }
                ) { screen, text in screen.chooseData(text) })
            return
        }
        if let problem = ScreenState.problem(ofData: text) { return refuse(problem) }
        training.settings["--data"] = text == usualData ? nil : text
        // A set that could not be opened is tried again.
        data.show(nil)
    }

    /// Why a text names no data set; nil where it does.
    private static func problem(ofData text: String) -> String? {
        do throws(DatasetError) {
            _ = try DataSpec(text)
            return nil
        } catch {
            return error.description
        }
    }
}

// What the worker is asked for, and what it found.
extension ScreenState {
    /// After every change: asks for the pictures that are shown and those around them.
    mutating func updateData() {
        guard view == .data else {
            if data.asked != nil {
                data.asked = nil
                effects.append(.showPictures(nil))
            }
            if data.askedAbout != nil {
                data.askedAbout = nil
                effects.append(.judge([], nil))
            }
            return
        }
        let wanted = wantedData
        if data.source != wanted { data.show(wanted) }
        guard let source = data.source else { return }
        let layout = dataLayout
        data.selected = min(data.selected, max(0, data.count - 1))
        data.top = Scrolling.top(
            data.top, showing: data.selected / layout.perRow,
            of: (data.count + layout.perRow - 1) / layout.perRow, room: layout.rows)
        // One that cannot be opened is not asked for again by itself.
        if case .failure? = data.outline { return }
        updateAnswers(layout)
        var request = PictureRequest(
            source, needsOutline: data.outline == nil, pictures: wantedPictures(layout),
            labels: data.needsLabels ? PictureRequest.LabelPlace(data.split, 0) : nil)
        guard request != data.asked else { return }
        data.asked = request
        request.pictures.removeAll { data.pictures[$0] != nil }
        if request.labels != nil { request.labels?.index = data.labelled }
        effects.append(.showPictures(request))
    }

    /// The pictures on the screen, then those that come next, then those before.
    private func wantedPictures(_ layout: DataLayout) -> [PictureKey] {
        guard data.count > 0 else { return [] }
        if data.isEnlarged {
            return [0, 1, -1, 2, -2].map { data.selected + $0 }.filter { (0..<data.count).contains($0) }
                .map { largeKey(data.sample(at: $0), layout) }
        }
        let first = data.top * layout.perRow
        let last = min(data.count, first + layout.perPage)
        let positions =
            Array(first..<last) + Array(last..<min(data.count, last + layout.perPage))
            + Array(max(0, first - layout.perPage)..<first).reversed()
        return positions.map { smallKey(data.sample(at: $0), layout) }
    }

    /// The key of a small picture.
    func smallKey(_ sample: Int, _ layout: DataLayout) -> PictureKey {
        PictureKey(
            split: data.split, index: sample, epoch: data.epoch, height: layout.small.height,
            width: layout.small.width)
    }

    /// The key of the large picture.
    func largeKey(_ sample: Int, _ layout: DataLayout) -> PictureKey {
        PictureKey(
            split: data.split, index: sample, epoch: data.epoch, height: 2 * layout.large.rows,
            width: layout.large.columns)
    }

    /// The worker has found something.
    public mutating func take(_ update: PictureUpdate) {
        guard update.source == data.source else { return }
        switch update.content {
        case .outline(let outline):
            data.outline = outline
            if data.total == 0, let outline = data.opened,
                let split = Split.allCases.first(where: { outline.counts[$0] ?? 0 > 0 })
            {
                data.show(split)
            }
        case .picture(let key, let picture): data.pictures.keep(picture, for: key)
        case .labels(let place, let found): data.take(found, from: place)
        }
        updateData()
    }
}
