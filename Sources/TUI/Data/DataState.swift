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
    var split = Split.train
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
    /// Only samples of this class are shown; nil shows all.
    var label: Int32?
    /// The classes of the samples by split, as far as they were looked up.
    private(set) var labels: [Split: [[Int32]]] = [:]
    /// The samples of the class that were found; nil where all are shown.
    private(set) var matches: [Int]?
    /// The pictures that were read.
    var pictures = KeptPictures()
    /// What was last requested; nil for nothing.
    var asked: PictureRequest?
}

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
    var count: Int { matches?.count ?? total }

    /// The sample at a position among those that are shown.
    func sample(at position: Int) -> Int { matches.map { $0[position] } ?? position }

    /// The selected sample; nil where none is shown.
    var sample: Int? { count > 0 ? sample(at: min(selected, count - 1)) : nil }

    /// The samples of the split whose classes are known.
    var labelled: Int { labels[split]?.count ?? 0 }

    /// Whether classes have to be looked up for what is shown.
    var needsLabels: Bool { label != nil && labelled < total }

    /// What is shown of a data set that is opened anew.
    mutating func show(_ source: PictureSet?) {
        let old = self
        self = DataState()
        self.source = source
        split = old.split
        extraRows = old.extraRows
    }

    /// Shows only samples of a class; nil shows all.
    mutating func filter(by label: Int32?) {
        let sample = sample
        self.label = label
        matches = label.map { label in
            (labels[split] ?? []).indices.filter { labels[split]?[$0].contains(label) == true }
        }
        top = 0
        selected = 0
        if let sample { select(sample: sample) }
    }

    /// Shows another split, without a filter.
    mutating func show(_ split: Split) {
        filter(by: nil)
        self.split = split
        selected = 0
        top = 0
    }

    /// Selects a sample; false where it is not among those that are shown.
    @discardableResult
    mutating func select(sample: Int) -> Bool {
        guard let position = matches.map({ $0.firstIndex(of: sample) }) ?? sample,
            (0..<count).contains(position)
        else { return false }
        selected = position
        return true
    }

    /// Takes the classes of samples from a place on, where they follow what is known.
    mutating func take(_ found: [[Int32]], from place: PictureRequest.LabelPlace) {
        guard place.index == labels[place.split]?.count ?? 0 else { return }
        labels[place.split, default: []] += found
        guard let label, place.split == split else { return }
        for (offset, classes) in found.enumerated() where classes.contains(label) {
            matches?.append(place.index + offset)
        }
    }

    /// The name of a class; its number where the data set has no name for it.
    func className(_ label: Int32) -> String {
        guard let names = opened?.classNames, names.indices.contains(Int(label)) else { return "\(label)" }
        return names[Int(label)]
    }
}
