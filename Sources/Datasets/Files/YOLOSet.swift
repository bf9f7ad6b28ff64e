import Foundation
import Graph

/// Label files as YOLO has them: a line for each object with its class and the centre, width and height of its box as shares
/// of the picture; or its class and the corners of a polygon, whose box is taken.
struct YOLOLabels: LabelReader {
    /// The names of the classes; the numbers that occur where nothing names them.
    let classNames: [String]
    private let isNamed: Bool

    /// Numbers may be so far outside of 0 to 1: what rounding makes of a side at the edge.
    private static let rounding = 1e-3
    /// The largest number of a class.
    private static let classLimit = 1 << 16
    private static let fileLimit = 16 << 20

    init(classNames: [String]?) {
        self.classNames = classNames ?? []
        isNamed = classNames != nil
    }

    func labels(of picture: ListedPicture, height: Int, width: Int) -> PictureLabels {
        var labels = PictureLabels()
        guard access(picture.key, F_OK) == 0 else { return labels }
        labels.file = picture.key
        do throws(DatasetError) {
            for (line, text) in try TextLines(picture.key, needed: "it was there a moment ago").filled {
                let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
                switch object(words, height: Double(height), width: Double(width)) {
                case .success(var object):
                    object.line = line
                    labels.objects.append(object)
                case .failure(let reason):
                    labels.faults.append(LabelFault(picture.key, line: line, reason.text))
                }
            }
        } catch {
            labels.faults.append(error.fault(of: picture.key))
        }
        return labels
    }

    private struct Reason: Error { let text: String }

    private func object(_ words: [Substring], height: Double, width: Double) -> Result<StoredObject, Reason> {
        func wrong(_ text: String) -> Result<StoredObject, Reason> { .failure(Reason(text: text)) }
        var numbers: [Double] = []
        for word in words {
            guard let number = Double(word), number.isFinite else {
                return wrong("\(quoted(String(word))) is no number")
            }
            numbers.append(number)
        }
        guard numbers.count == 5 || numbers.count > 6 && !numbers.count.isMultiple(of: 2) else {
            return wrong(
                "there are \(counted(numbers.count, "number")), 5 are expected: class, centre x, centre y, width, height; or a class and the corners of a polygon"
            )
        }
        let number = numbers[0]
        let count = isNamed ? classNames.count : YOLOLabels.classLimit
        guard number >= 0, number < Double(count), number == number.rounded() else {
            return wrong("the class \(words[0]) is none of 0 to \(count - 1)")
        }
        for (word, share) in zip(words, numbers).dropFirst()
        where share < -YOLOLabels.rounding || share > 1 + YOLOLabels.rounding {
            return wrong("\(word) is no share of the picture, 0 to 1")
        }
        let name = isNamed ? classNames[Int(held: number)] : String(Int(held: number))
        if numbers.count == 5 {
            let (x, y, wide, high) = (numbers[1], numbers[2], numbers[3] / 2, numbers[4] / 2)
            return .success(
                StoredObject(
                    name: name, left: (x - wide) * width, top: (y - high) * height, right: (x + wide) * width,
                    bottom: (y + high) * height))
        }
        var object = StoredObject(name: name, left: .infinity, top: .infinity, right: 0, bottom: 0)
        for place in stride(from: 1, to: numbers.count, by: 2) {
            object.left = min(object.left, numbers[place] * width)
            object.right = max(object.right, numbers[place] * width)
            object.top = min(object.top, numbers[place + 1] * height)
            object.bottom = max(object.bottom, numbers[place + 1] * height)
        }
        return .success(object)
    }

    /// The label file of a picture: in the folder `labels` beside the folder `images` that the picture is in, else beside it.
    static func labelFile(of picture: String) -> String {
        var parts = picture.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let place = parts.dropLast().lastIndex(of: "images") { parts[place] = "labels" }
        let name = parts.removeLast()
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        return (parts + [stem + ".txt"]).joined(separator: "/")
    }
}

extension OpenedDataset {
    /// Opens a folder with `images/SPLIT` and `labels/SPLIT`, or pictures that list files name.
    static func yolo(
        _ folder: String, _ spec: DataSpec, task: NetworkTask
    ) throws(DatasetError) -> OpenedDataset {
        var search = YOLOSearch(folder)
        let isListed = ["train", "val", "test"].contains { spec.paths[$0] != nil }
        let readsLabels = task.kind == .detection
        if isListed {
            for (option, split) in [("train", Split.train), ("val", .validation), ("test", .test)] {
                guard let list = spec.paths[option] else { continue }
                try search.read(list: path(list, in: folder), for: split)
            }
        } else {
            try search.findPictures(readsLabels: readsLabels)
        }
        let names = readsLabels ? try search.classNames() : nil
        return try pictures(
            search.listed, YOLOLabels(classNames: names), spec, task: task, faults: search.faults,
            orphans: search.orphans)
    }
}

/// Finds the pictures of a set for YOLO.
private struct YOLOSearch {
    private let folder: String
    var listed: [Split: [ListedPicture]] = [:]
    var faults: [LabelFault] = []
    /// Label files without a picture.
    var orphans: [LabelFault] = []

    init(_ folder: String) { self.folder = folder }

    /// The split whose name a folder's name begins with.
    private static func split(_ name: String) -> Split? {
        let name = name.lowercased()
        return name.hasPrefix("train")
            ? .train : name.hasPrefix("val") ? .validation : name.hasPrefix("test") ? .test : nil
    }

    /// Takes the pictures in `images`: those in folders of splits, or all of them where there are no such folders; or in
    /// SPLIT/images.
    mutating func findPictures(readsLabels: Bool) throws(DatasetError) {
        let images = OpenedDataset.path("images", in: folder)
        var places: [(folder: String, split: Split)] = []
        if isFolder(images) {
            for name in try entries(of: images) {
                let inside = OpenedDataset.path(name, in: images)
                if isFolder(inside), let split = Self.split(name) { places.append((inside, split)) }
            }
            if places.isEmpty { places.append((images, .train)) }
        } else if isFolder(folder) {
            for name in try entries(of: folder) {
                let inside = OpenedDataset.path("images", in: OpenedDataset.path(name, in: folder))
                if isFolder(inside), let split = Self.split(name) { places.append((inside, split)) }
            }
        }
        guard !places.isEmpty else {
            throw .missing(
                images, needed: "yolo reads pictures in images/train and their labels in labels/train")
        }
        for (place, split) in places {
            let pictures = try paths(in: place).filter(isPicture).map { OpenedDataset.path($0, in: place) }
            add(pictures, to: split)
            if readsLabels { try checkLabels(of: pictures, in: place) }
        }
    }

    /// Takes the pictures that the lines of a file name, by paths from the set's folder on.
    mutating func read(list: String, for split: Split) throws(DatasetError) {
        let lines = try TextLines(list, needed: "it lists pictures, a path a line").filled
        guard !lines.isEmpty else { throw .empty(list, advice: "it lists pictures, a path a line") }
        var pictures: [String] = []
        for (line, text) in lines {
            let name = text.hasPrefix("./") ? text.dropFirst(2) : text
            let picture = OpenedDataset.path(String(name), in: folder)
            guard !picture.utf8.contains(0), access(picture, F_OK) == 0 else {
                faults.append(LabelFault(list, line: line, "the picture \(picture) is not there"))
                continue
            }
            pictures.append(picture)
        }
        add(pictures, to: split)
    }

    private mutating func add(_ pictures: [String], to split: Split) {
        listed[split, default: []] += pictures.map {
            ListedPicture(file: $0, key: YOLOLabels.labelFile(of: $0))
        }
    }

    /// Names label files that have no picture.
    private mutating func checkLabels(of pictures: [String], in images: String) throws(DatasetError) {
        // A label file lies beside a picture of any name.
        var place = YOLOLabels.labelFile(of: OpenedDataset.path("x.png", in: images))
        place.removeLast("/x.txt".count)
        guard place != images, isFolder(place) else { return }
        let known = Set(pictures.map(YOLOLabels.labelFile))
        for name in try paths(in: place) where name.hasSuffix(".txt") {
            // Programs that draw labels leave a list of classes there.
            guard name != "classes.txt" else { continue }
            let file = OpenedDataset.path(name, in: place)
            if !known.contains(file) {
                orphans.append(.orphan(file, images))
            }
        }
    }

    /// The names in the one YAML file that has some; nil where there is none.
    mutating func classNames() throws(DatasetError) -> [String]? {
        var found: [(file: String, names: ClassNames)] = []
        for name in try entries(of: folder) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let file = OpenedDataset.path(name, in: folder)
            guard !isFolder(file) else { continue }
            if let names = ClassNames(try TextLines(file, needed: "it names the classes")) {
                found.append((file, names))
            }
        }
        guard let first = found.first else { return nil }
        guard found.count == 1 else {
            faults.append(
                LabelFault(
                    found[1].file,
                    "names classes, as \(first.file) does; leave one of them in the folder"))
            return first.names.names
        }
        faults += first.names.faults
        return first.names.names
    }
}
