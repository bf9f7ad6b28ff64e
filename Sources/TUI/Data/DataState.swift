import Datasets
import Graph
import Probing
import Terminal

/// What view 6 shows, and how.
struct DataState: Sendable {
    /// The data set that is shown; nil before the first look, and where the network has no input.
    var source: PictureSet?
    /// What the data set holds, or why it cannot be opened; nil while it is being opened.
    var outline: Result<PictureOutline, DatasetError>?
    /// The part of the data set.
    private(set) var split = Split.train
    /// The epoch whose augmentation is shown; nil shows samples as they are stored.
    var epoch: Int?
    /// The position of the selected sample among those that are shown.
    var selected = 0
    /// The first row of pictures on the screen.
    var top = 0
    /// Whether the selected picture is shown alone and large.
    var isEnlarged = false
    /// How many rows of pictures there are more than usual, or less.
    var extraRows = 0
    /// Which samples are shown; nil shows all.
    private(set) var filter: DataFilter?
    /// Their order.
    private(set) var order = DataOrder.number
    /// The samples that are shown, in their order; nil shows all by number.
    private(set) var shown: [Int]?
    /// The classes of the samples by split, as far as they were looked up.
    private(set) var labels: [Split: [[Int32]]] = [:]
    /// The pictures that were read.
    var pictures = KeptPictures()
    /// What was last requested; nil for nothing.
    var asked: PictureRequest?

    /// The cell of the confusion matrix that is selected; nil where pictures are shown.
    var cell: DataCell?
    /// What the network said, by split.
    private(set) var answers: [Split: DataAnswers] = [:]
    /// Which network with which weights on which data the answers are of.
    private(set) var generation = 0
    /// Whether all samples are asked about, not only those on the screen.
    var asksAll = false
    /// Which samples were last asked about; nil for none.
    var askedAbout: JudgeAsk?
    /// Why there are no answers; nil where there are some, or will be.
    var problem: String?
    /// Why answers have no loss; nil where they have one.
    var whyNoLoss: String?
}

// What is shown.
extension DataState {
    /// What the data set holds; nil where it is not open.
    var opened: PictureOutline? {
        switch outline {
        case .success(let outline): outline
        case .failure, nil: nil
        }
    }

    /// The number of samples of the split.
    var total: Int { opened?.counts[split] ?? 0 }

    /// The number of samples that are shown.
    var count: Int { shown?.count ?? total }

    /// The sample at a position among those that are shown.
    func sample(at position: Int) -> Int { shown.map { $0[position] } ?? position }

    /// The selected sample; nil where none is shown.
    var sample: Int? { count > 0 ? sample(at: min(selected, count - 1)) : nil }

    /// The class whose samples are shown; nil where no class was chosen.
    var label: Int32? {
        switch filter {
        case .label(let label): label
        case .cell, nil: nil
        }
    }

    /// The samples of the split whose classes are known.
    var labelled: Int { labels[split]?.count ?? 0 }

    /// Whether classes have to be looked up for what is shown.
    var needsLabels: Bool { label != nil && labelled < total }

    /// How many samples of the split have each class; nil where not all were looked up.
    var labelCounts: [Int32: Int]? {
        guard total > 0, labelled == total, let all = labels[split] else { return nil }
        return all.reduce(into: [:]) { counts, classes in
            for label in classes { counts[label, default: 0] += 1 }
        }
    }

    /// The name of a class; its number where the data set has no name for it.
    func className(_ label: Int32) -> String {
        opened.map { AnswerWords($0.dataset).name(label) } ?? "\(label)"
    }

    /// Shows a data set that is opened anew.
    mutating func show(_ source: PictureSet?) {
        let old = self
        self = DataState()
        self.source = source
        split = old.split
        extraRows = old.extraRows
        generation = old.generation + 1
    }

    /// Shows another split, without a filter.
    mutating func show(_ split: Split) {
        self.split = split
        filter = nil
        cell = nil
        selected = 0
        arrange()
    }

    /// Shows only some samples; nil shows all.
    mutating func filter(by filter: DataFilter?) {
        self.filter = filter
        arrange()
    }

    /// Shows the samples in an order as far as it is known; `arrange` is due again once more is known.
    mutating func sort(by order: DataOrder) {
        self.order = order
        selected = 0
        arrange()
    }

    /// Selects a sample; false where it is not among those that are shown.
    @discardableResult
    mutating func select(sample: Int) -> Bool {
        guard let position = shown.map({ $0.firstIndex(of: sample) }) ?? sample,
            (0..<count).contains(position)
        else { return false }
        selected = position
        return true
    }

    /// Filters and sorts anew. The selected sample stays selected, unless it is the first: then the first is.
    private mutating func arrange() {
        let old = selected > 0 ? sample : nil
        let all: [Int]
        switch filter {
        case .label(let label):
            let labels = labels[split] ?? []
            all = labels.indices.filter { labels[$0].contains(label) }
        case .cell(let cell):
            let classes = opened?.classNames.count ?? 0
            all = (answers[split]?.samples ?? [:]).values
                .filter { cell.holds($0, classes: classes) }.map(\.index).sorted()
        case nil: all = Array(0..<total)
        }
        shown = filter == nil && order == .number ? nil : sorted(all)
        selected = 0
        top = 0
        if let old { select(sample: old) }
    }

    /// Samples in the order that was chosen; those without answers last, by number.
    private func sorted(_ all: [Int]) -> [Int] {
        guard let answers = answers[split]?.samples, order != .number else { return all }
        let known = all.compactMap { answers[$0] }
        let unknown = all.filter { answers[$0] == nil }
        switch order {
        case .worst: return known.sorted(by: JudgedSample.isWorse).map(\.index) + unknown
        case .changed: return known.sorted(by: JudgedSample.isMoreChanged).map(\.index) + unknown
        case .number: return all
        }
    }
}

// What workers found.
extension DataState {
    /// Takes the classes of samples from a place on, where they follow what is known.
    mutating func take(_ found: [[Int32]], from place: PictureRequest.LabelPlace) {
        guard place.index == labels[place.split]?.count ?? 0 else { return }
        labels[place.split, default: []] += found
        guard let label, place.split == split else { return }
        for (offset, classes) in found.enumerated() where classes.contains(label) {
            shown?.append(place.index + offset)
        }
    }

    /// The number of samples of the split that the network was asked about.
    var answered: Int { answers[split]?.samples.count ?? 0 }

    /// What the network said about a sample as it is stored; nil where that is not known.
    func answer(_ sample: Int) -> JudgedSample? { epoch == nil ? answers[split]?.samples[sample] : nil }

    /// Takes answers. Pictures keep their places until all are known: then they are sorted once.
    mutating func take(_ found: [JudgedSample], of split: Split) {
        let wasComplete = answered == total
        var known = answers[split] ?? DataAnswers(classes: opened?.classNames.count ?? 0)
        known.take(found)
        answers[split] = known
        if !wasComplete, answered == total, order != .number { arrange() }
    }

    /// The network or its weights are others: what it said is of no use.
    mutating func forgetAnswers() {
        generation += 1
        answers = [:]
        askedAbout = nil
        problem = nil
        whyNoLoss = nil
        if order != .number || filter?.isOfAnswers == true {
            if filter?.isOfAnswers == true { filter = nil }
            arrange()
        }
    }
}

extension DataFilter {
    /// Whether it depends on what the network said.
    var isOfAnswers: Bool {
        switch self {
        case .label: false
        case .cell: true
        }
    }
}
