import Foundation
import Graph

/// Finds the pictures of a set whose labels are a file for each picture, in folders of the same form.
struct PictureSearch {
    private let folder: String
    /// The folder beside `images` that labels are in, and what their names end with.
    private let labels: String
    private let ending: String
    var listed: [Split: [ListedPicture]] = [:]
    var faults: [LabelFault] = []
    /// Label files without a picture.
    var orphans: [LabelFault] = []

    init(_ folder: String, labels: String, ending: String) {
        self.folder = folder
        self.labels = labels
        self.ending = ending
    }

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
                images,
                needed: "pictures are read in images/train, and what is right about them in \(labels)/train")
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
            ListedPicture(file: $0, key: labelFile(of: $0))
        }
    }

    /// Names label files that have no picture.
    private mutating func checkLabels(of pictures: [String], in images: String) throws(DatasetError) {
        // A label file lies beside a picture of any name.
        var place = labelFile(of: OpenedDataset.path("x.png", in: images))
        place.removeLast("/x".count + ending.count)
        guard place != images, isFolder(place) else { return }
        let known = Set(pictures.map(labelFile))
        for name in try paths(in: place) where name.hasSuffix(ending) {
            // Programs that draw labels leave a list of classes there.
            guard name != "classes.txt" else { continue }
            let file = OpenedDataset.path(name, in: place)
            if !known.contains(file) {
                orphans.append(.orphan(file, images))
            }
        }
    }

    /// The label file of a picture: in the folder for labels beside the folder `images` that the picture
    /// is in, else beside the picture.
    private func labelFile(of picture: String) -> String {
        var parts = picture.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if let place = parts.dropLast().lastIndex(of: "images") { parts[place] = labels }
        let name = parts.removeLast()
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        return (parts + [stem + ending]).joined(separator: "/")
    }
}
