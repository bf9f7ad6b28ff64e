import Foundation
import Graph

/// What a COCO file of instances says: pictures, categories, and a box for each annotation.
struct COCOFile: LabelReader {
    private struct Picture {
        var name: String
        var height: Int?
        var width: Int?
        var place: Int
    }

    private struct Annotation {
        var object: StoredObject
        var picture: Int
        var category: Int
        var place: Int
        var index: Int
    }

    /// The largest file that is read.
    private static let sizeLimit = 1 << 30
    /// What a file of instances has; the pictures are all that is read without labels.
    private static let members = ["images", "annotations", "categories"]

    let file: String
    private(set) var classNames: [String] = []
    private(set) var faults: [LabelFault] = []
    private var pictures: [Int: Picture] = [:]
    private var objects: [Int: [StoredObject]] = [:]

    /// Reads a file; what is wrong in it is among the faults.
    init(_ file: String, needed: String, readsLabels: Bool) throws(DatasetError) {
        self.file = file
        let bytes = try wholeFile(file, limit: Self.sizeLimit, needed: needed)
        var reading = Reading(bytes, members: readsLabels ? Self.members : [Self.members[0]])
        reading.read()
        pictures = reading.pictures
        classNames = reading.categories.sorted { $0.key < $1.key }.map(\.value)
        for annotation in reading.annotations {
            let what = "annotations[\(annotation.index)]"
            guard reading.pictures[annotation.picture] != nil else {
                reading.note(
                    annotation.place, "\(what).image_id is \(annotation.picture), which no image has")
                continue
            }
            guard let name = reading.categories[annotation.category] else {
                reading.note(
                    annotation.place, "\(what).category_id is \(annotation.category), which no category has")
                continue
            }
            var object = annotation.object
            object.name = name
            object.place = "\(what): "
            objects[annotation.picture, default: []].append(object)
        }
        faults = Self.lined(reading.faults, in: file, bytes)
    }

    /// The pictures in the order of their names.
    mutating func pictures(in folder: String) -> [ListedPicture] {
        let sorted = pictures.sorted { $0.value.name.utf8.lexicographicallyPrecedes($1.value.name.utf8) }
        return sorted.compactMap { identity, picture in
            let path = OpenedDataset.path(picture.name, in: folder)
            guard access(path, F_OK) == 0 else {
                faults.append(LabelFault(file, "the picture \(path) is not there"))
                return nil
            }
            return ListedPicture(file: path, key: String(identity))
        }
    }

    func labels(of picture: ListedPicture, height: Int, width: Int) -> PictureLabels {
        guard let identity = Int(picture.key), let known = pictures[identity] else {
            return PictureLabels(file: file)
        }
        var labels = PictureLabels(file: file, objects: objects[identity] ?? [])
        let sizes = [("height", known.height, height), ("width", known.width, width)]
        for (name, said, found) in sizes where said != nil && said != found {
            labels.faults.append(
                LabelFault(
                    file, "\(name) of image \(identity) is \(said ?? 0), \(picture.file) has \(found)"))
        }
        return labels
    }

    /// Faults with the lines that their places are in.
    private static func lined(
        _ faults: [(place: Int, reason: String)], in file: String, _ bytes: [UInt8]
    ) -> [LabelFault] {
        var line = 1
        var read = 0
        return faults.sorted { $0.place < $1.place }.map { fault in
            line += bytes[read..<fault.place].count { $0 == UInt8(ascii: "\n") }
            read = fault.place
            return LabelFault(file, line: line, fault.reason)
        }
    }

    /// One walk through the file.
    private struct Reading {
        private var scanner: JSONScanner
        private let members: [String]
        var pictures: [Int: Picture] = [:]
        var categories: [Int: String] = [:]
        var annotations: [Annotation] = []
        var faults: [(place: Int, reason: String)] = []

        init(_ bytes: [UInt8], members: [String]) {
            scanner = JSONScanner(bytes)
            self.members = members
        }

        mutating func note(_ place: Int, _ reason: String) { faults.append((place, reason)) }

        mutating func read() {
            do throws(JSONFault) {
                var scanner = scanner
                var found: Set<String> = []
                try scanner.members { (scanner, key) throws(JSONFault) in
                    guard members.contains(key) else {
                        try scanner.skip()
                        return
                    }
                    found.insert(key)
                    let place = scanner.place
                    guard scanner.isAtList() else {
                        note(place, "\(key) is no list")
                        try scanner.skip()
                        return
                    }
                    try scanner.elements { (scanner, index) throws(JSONFault) in
                        let place = scanner.place
                        guard scanner.isAtObject() else {
                            note(place, "\(key)[\(index)] is no object")
                            try scanner.skip()
                            return
                        }
                        switch key {
                        case "images": try image(&scanner, index)
                        case "annotations": try annotation(&scanner, index)
                        default: try category(&scanner, index)
                        }
                    }
                }
                try scanner.finish()
                for key in members where !found.contains(key) {
                    note(0, "\(key) is missing: coco reads a file of instances")
                }
            } catch {
                note(error.place, error.reason)
            }
        }

        private mutating func image(_ scanner: inout JSONScanner, _ index: Int) throws(JSONFault) {
            let place = scanner.place
            var identity = Int?.none
            var picture = Picture(name: "", place: place)
            try scanner.members { (scanner, key) throws(JSONFault) in
                switch key {
                case "id": identity = try scanner.whole()
                case "file_name": picture.name = try scanner.text() ?? ""
                case "height": picture.height = try scanner.whole()
                case "width": picture.width = try scanner.whole()
                default: try scanner.skip()
                }
            }
            guard let identity else {
                note(place, "images[\(index)].id is no whole number")
                return
            }
            guard !picture.name.isEmpty, !picture.name.utf8.contains(0) else {
                note(place, "images[\(index)].file_name is no name of a file")
                return
            }
            if pictures.updateValue(picture, forKey: identity) != nil {
                note(place, "images[\(index)].id is \(identity), as of another image")
            }
        }

        private mutating func category(_ scanner: inout JSONScanner, _ index: Int) throws(JSONFault) {
            let place = scanner.place
            var identity = Int?.none
            var name = ""
            try scanner.members { (scanner, key) throws(JSONFault) in
                switch key {
                case "id": identity = try scanner.whole()
                case "name": name = try scanner.text() ?? ""
                default: try scanner.skip()
                }
            }
            guard let identity, !name.isEmpty else {
                let member = identity == nil ? "id is no whole number" : "name is no text"
                note(place, "categories[\(index)].\(member)")
                return
            }
            if categories.updateValue(name, forKey: identity) != nil {
                note(place, "categories[\(index)].id is \(identity), as of another category")
            }
        }

        private mutating func annotation(_ scanner: inout JSONScanner, _ index: Int) throws(JSONFault) {
            let place = scanner.place
            var picture = Int?.none
            var category = Int?.none
            var box = [Double]?.none
            var crowd = Int?.some(0)
            var area = Double?.none
            try scanner.members { (scanner, key) throws(JSONFault) in
                switch key {
                case "image_id": picture = try scanner.whole()
                case "category_id": category = try scanner.whole()
                case "bbox": box = try scanner.numbers()
                case "iscrowd": crowd = try scanner.whole()
                case "area": area = try scanner.number().map { max(0, min($0, 1e12)) }
                default: try scanner.skip()
                }
            }
            let what = "annotations[\(index)]"
            if picture == nil { note(place, "\(what).image_id is no whole number") }
            if category == nil { note(place, "\(what).category_id is no whole number") }
            if crowd != 0, crowd != 1 { note(place, "\(what).iscrowd is neither 0 nor 1") }
            guard let box, box.count == 4, box.allSatisfy({ abs($0) < 1e9 }) else {
                note(place, "\(what).bbox is no list of four numbers: x, y, width, height")
                return
            }
            guard box[2] >= 0, box[3] >= 0 else {
                note(place, "\(what).bbox has a width or height below 0")
                return
            }
            guard let picture, let category, crowd == 0 || crowd == 1 else { return }
            var object = StoredObject(
                name: "", left: box[0], top: box[1], right: box[0] + box[2], bottom: box[1] + box[3])
            object.isCrowd = crowd == 1
            object.area = area
            annotations.append(
                Annotation(object: object, picture: picture, category: category, place: place, index: index))
        }
    }
}

/// The files of a COCO set together: training, and test where it is there.
private struct COCOFiles: LabelReader {
    let train: COCOFile
    let test: COCOFile?

    var classNames: [String] {
        let names = train.classNames
        return names + (test?.classNames ?? []).filter { !names.contains($0) }
    }

    func labels(of picture: ListedPicture, height: Int, width: Int) -> PictureLabels {
        var picture = picture
        // Identities of both files may be the same; those of the test file have a mark in front.
        guard picture.key.hasPrefix("t"), let test else {
            return train.labels(of: picture, height: height, width: width)
        }
        picture.key.removeFirst()
        return test.labels(of: picture, height: height, width: width)
    }
}

extension OpenedDataset {
    /// Opens a file of instances, and another one with test pictures where the options name one.
    static func coco(
        _ file: String, _ spec: DataSpec, task: NetworkTask
    ) throws(DatasetError) -> OpenedDataset {
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
        let images = spec.paths["images"] ?? folder
        let readsLabels = spec.readsLabels
        var train = try COCOFile(
            file, needed: "coco reads images, annotations and categories from it", readsLabels: readsLabels)
        var listed: [Split: [ListedPicture]] = [.train: train.pictures(in: images)]
        var test: COCOFile?
        if let name = spec.paths["test"] {
            var found = try COCOFile(
                name, needed: "test= names a file as the first one", readsLabels: readsLabels)
            listed[.test] = found.pictures(in: spec.paths["test-images"] ?? images).map {
                ListedPicture(file: $0.file, key: "t" + $0.key)
            }
            test = found
        }
        return try pictures(
            listed, COCOFiles(train: train, test: test), spec, task: task,
            faults: train.faults + (test?.faults ?? []))
    }
}
