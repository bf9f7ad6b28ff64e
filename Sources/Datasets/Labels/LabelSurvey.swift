import Graph

/// What is found of the pictures of a set and of their labels while it is opened, all splits together.
struct LabelSurvey<Reader: LabelReader> {
    private let reader: Reader
    /// The classes that the task asks for.
    private let classes: [String: Int32]
    /// Whether the task is the one that the labels are for.
    let readsLabels: Bool
    private let skipsBad: Bool
    /// Everything that is wrong.
    private(set) var faults: [LabelFault]
    /// Classes of the data, also those without an object.
    private var found: Set<String>
    private var otherClasses: Set<String> = []
    private var otherObjects = 0
    private var flat = 0
    private var withoutLabels = 0
    private var cut = 0
    private var bad: [String] = []

    /// Boxes below this many pixels in height or width have no area.
    private static var least: Double { 1e-3 }

    /// Labels are read for the task that they are for, where any are asked for.
    init(_ reader: Reader, task: NetworkTask, _ spec: DataSpec, faults: [LabelFault]) {
        self.reader = reader
        skipsBad = spec.skipsBad
        self.faults = faults
        found = Set(reader.classNames)
        readsLabels = task.kind == Reader.task && spec.readsLabels
        classes = Dictionary(
            (task.classes ?? []).enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first }
        )
    }

    /// Reads the labels of pictures that are there, and gives those that can be used.
    mutating func pictures(_ listed: [ListedPicture]) -> [LabelledPicture] {
        let check = ImageCheck(listed.map(\.file), decodes: skipsBad)
        var usable: [(picture: ListedPicture, height: Int, width: Int)] = []
        for (index, picture) in listed.enumerated() {
            let size = check.sizes[index] ?? (0, 0)
            switch check.findings[index] {
            case .good: usable.append((picture, size.height, size.width))
            case .cut:
                cut += 1
                usable.append((picture, size.height, size.width))
            case .bad(let reason):
                if skipsBad {
                    bad.append("\(picture.file) (\(reason))")
                } else {
                    faults.append(
                        LabelFault(picture.file, "does not decode: \(reason); skip=bad leaves it out"))
                }
            }
        }
        guard readsLabels else {
            return usable.map {
                LabelledPicture(file: $0.picture.file, height: $0.height, width: $0.width)
            }
        }
        let reader = reader
        let labels = concurrentMap(usable) {
            reader.labels(of: $0.picture, height: $0.height, width: $0.width)
        }
        return zip(usable, labels).map { (picture, labels) in
            faults += labels.faults
            if labels.file == nil { withoutLabels += 1 }
            var result = LabelledPicture(
                file: picture.picture.file, height: picture.height, width: picture.width)
            if let found = labels.maskClasses {
                result.mask = labels.file
                result.classes = found
            }
            for object in labels.objects {
                found.insert(object.name)
                guard let clipped = clipped(object, of: result, in: labels.file ?? "") else { continue }
                guard let label = classes[object.name] else {
                    otherClasses.insert(object.name)
                    otherObjects += 1
                    continue
                }
                result.boxes.append(box(object, clipped, label))
                if !object.isCrowd, !object.isDifficult, !result.classes.contains(label) {
                    result.classes.append(label)
                }
            }
            return result
        }
    }

    private func box(_ object: StoredObject, _ clipped: StoredObject, _ label: Int32) -> ObjectBox {
        let area = object.area ?? (clipped.right - clipped.left) * (clipped.bottom - clipped.top)
        return ObjectBox(
            left: Float(clipped.left), top: Float(clipped.top), right: Float(clipped.right),
            bottom: Float(clipped.bottom), label: label, isIgnored: object.isDifficult || object.isCrowd,
            isCrowd: object.isCrowd, area: Float(area))
    }

    /// The object without what lies outside of its picture; nil where nothing is left of it.
    private mutating func clipped(
        _ object: StoredObject, of picture: LabelledPicture, in file: String
    ) -> StoredObject? {
        guard object.right - object.left >= Self.least, object.bottom - object.top >= Self.least else {
            flat += 1
            return nil
        }
        let height = Double(picture.height)
        let width = Double(picture.width)
        guard object.left < width, object.top < height, object.right > 0, object.bottom > 0 else {
            func shown(_ number: Double) -> Double { (number * 100).rounded() / 100 }
            faults.append(
                LabelFault(
                    file, line: object.line,
                    "\(object.place)a box from x \(shown(object.left)), y \(shown(object.top)) to x \(shown(object.right)), y \(shown(object.bottom)) lies outside of its picture, which has a height of \(picture.height) and a width of \(picture.width)"
                ))
            return nil
        }
        var clipped = object
        clipped.left = max(0, object.left)
        clipped.top = max(0, object.top)
        clipped.right = min(width, object.right)
        clipped.bottom = min(height, object.bottom)
        guard clipped.right - clipped.left >= Self.least, clipped.bottom - clipped.top >= Self.least else {
            flat += 1
            return nil
        }
        return clipped
    }

    /// Throws where something is wrong, all at once, or where no class is the one that is asked for.
    func check() throws(DatasetError) {
        guard faults.isEmpty else { throw .labels(faults) }
        guard readsLabels, Reader.task == .detection else { return }
        guard classes.keys.contains(where: found.contains) else {
            throw .classes(
                task: classes.sorted { $0.value < $1.value }.map(\.key),
                data: reader.classNames + found.subtracting(reader.classNames).sorted())
        }
    }

    /// What a person should know, a sentence each.
    var notes: [String] {
        func list(_ files: [String]) -> String {
            files.prefix(3).joined(separator: ", ") + (files.count > 3 ? " and \(files.count - 3) more" : "")
        }
        let isOne = otherClasses.count == 1
        return [
            (
                otherObjects,
                "\(counted(otherObjects, "object")) of \(otherClasses.count) other class\(isOne ? "" : "es") \(otherObjects == 1 ? "is" : "are") left out"
            ),
            (flat, "\(counted(flat, "box", plural: "boxes")) without an area left out"),
            (
                withoutLabels,
                "\(counted(withoutLabels, "picture")) without a label file: taken as without objects"
            ),
            (cut, "\(counted(cut, "JPEG")) without an end, decoded as far as they go"),
            (bad.count, "\(counted(bad.count, "picture")) left out, for they do not decode: \(list(bad))"),
        ].filter { $0.0 > 0 }.map(\.1)
    }
}

extension OpenedDataset {
    /// Opens pictures with labels: those of the task's classes, or none where the labels are for another task. `orphans` are
    /// label files without a picture.
    static func pictures<Reader: LabelReader>(
        _ listed: [Split: [ListedPicture]], _ reader: Reader, _ spec: DataSpec, task: NetworkTask,
        faults: [LabelFault], orphans: [LabelFault] = []
    ) throws(DatasetError) -> OpenedDataset {
        var survey = LabelSurvey(
            reader, task: task, spec, faults: faults + (spec.skipsBad ? [] : orphans))
        let train = survey.pictures(listed[.train] ?? [])
        let validation = survey.pictures(listed[.validation] ?? [])
        let test = survey.pictures(listed[.test] ?? [])
        try survey.check()
        guard !train.isEmpty else {
            throw .empty(
                "the training split of \(spec.path ?? "")", advice: "it needs .png, .jpg or .jpeg files")
        }
        var opened = OpenedDataset(train: try PictureSource(train), classNames: ["unlabelled"])
        if survey.readsLabels, let classes = task.classes {
            opened.classNames = classes
            opened.holdsBoxes = Reader.task == .detection
            opened.holdsMasks = Reader.task == .segmentation
        } else {
            opened.isLabelled = false
        }
        if !validation.isEmpty {
            guard spec.validation == 0 else {
                throw .optionValue(
                    "validation", value: "\(spec.validation)",
                    expected: "needed: the set has \(counted(validation.count, "picture")) for it")
            }
            opened.validation = try PictureSource(validation)
        }
        if !test.isEmpty { opened.test = try PictureSource(test) }
        opened.notes += survey.notes
        if spec.skipsBad, !orphans.isEmpty {
            opened.notes.append("\(counted(orphans.count, "label file")) without a picture left out")
        }
        if validation.isEmpty, test.isEmpty, spec.validation == 0 {
            opened.notes.append("no validation and no test pictures; validation=0.1 holds some back")
        }
        return opened
    }
}
