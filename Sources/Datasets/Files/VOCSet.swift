import Foundation
import Graph

/// Label files as Pascal VOC has them: an XML file for each picture, with corners in pixels.
struct VOCLabels: LabelReader {
    /// A set names its classes only where objects are.
    var classNames: [String] { [] }

    func labels(of picture: ListedPicture, height: Int, width: Int) -> PictureLabels {
        var labels = PictureLabels(file: picture.key)
        do throws(DatasetError) {
            let bytes = try wholeFile(
                picture.key, limit: XMLDocument.sizeLimit, needed: "it was there a moment ago")
            do throws(XMLFault) {
                var reading = Reading(file: picture.key)
                reading.read(try XMLDocument.root(bytes), height: height, width: width)
                labels.objects = reading.objects
                labels.faults = reading.faults
            } catch {
                labels.faults.append(LabelFault(picture.key, line: error.line, error.reason))
            }
        } catch {
            labels.faults.append(error.fault(of: picture.key))
        }
        return labels
    }

    /// What is found of one document.
    private struct Reading {
        let file: String
        var objects: [StoredObject] = []
        var faults: [LabelFault] = []

        init(file: String) { self.file = file }

        private mutating func note(_ element: XMLElement, _ reason: String) {
            faults.append(LabelFault(file, line: element.line, reason))
        }

        mutating func read(_ root: XMLElement, height: Int, width: Int) {
            guard root.name == "annotation" else {
                note(root, "<annotation> is expected, found <\(root.name)>")
                return
            }
            if let size = root.first("size") { check(size, height: height, width: width) }
            for element in root.children where element.name == "object" { read(object: element) }
        }

        /// Compares with the size of the picture; 0 is written where a program did not know it.
        private mutating func check(_ size: XMLElement, height: Int, width: Int) {
            for (name, pixels) in [("width", width), ("height", height)] {
                guard let element = size.first(name) else { continue }
                guard let number = Double(element.text) else {
                    note(element, "<\(name)> is \(quoted(element.text)), a number is expected")
                    continue
                }
                if number != 0, number != Double(pixels) {
                    note(element, "<\(name)> is \(element.text), the picture has \(pixels)")
                }
            }
        }

        private mutating func read(object element: XMLElement) {
            let before = faults.count
            var object = StoredObject(name: "", left: 0, top: 0, right: 0, bottom: 0, line: element.line)
            if let name = element.first("name"), !name.text.isEmpty {
                object.name = name.text
            } else {
                note(element, "an object has no <name>")
            }
            if let flag = element.first("difficult") {
                if flag.text != "0", flag.text != "1" {
                    note(flag, "<difficult> is \(quoted(flag.text)), 0 or 1 is expected")
                }
                object.isDifficult = flag.text == "1"
            }
            if let box = element.first("bndbox") {
                object.line = box.line
                object.left = side("xmin", of: box)
                object.top = side("ymin", of: box)
                object.right = side("xmax", of: box)
                object.bottom = side("ymax", of: box)
                if object.right < object.left { note(box, "<xmax> is less than <xmin>") }
                if object.bottom < object.top { note(box, "<ymax> is less than <ymin>") }
            } else {
                note(element, "an object has no <bndbox>")
            }
            if faults.count == before { objects.append(object) }
        }

        private mutating func side(_ name: String, of box: XMLElement) -> Double {
            guard let element = box.first(name) else {
                note(box, "a box has no <\(name)>")
                return 0
            }
            guard let number = Double(element.text), number.isFinite, abs(number) < 1e9 else {
                note(element, "<\(name)> is \(quoted(element.text)), a number is expected")
                return 0
            }
            return number
        }
    }
}

extension OpenedDataset {
    /// Opens a folder with JPEGImages, Annotations and ImageSets/Main.
    static func voc(
        _ folder: String, _ spec: DataSpec, task: NetworkTask
    ) throws(DatasetError) -> OpenedDataset {
        let readsLabels = task.kind == .detection && spec.readsLabels
        var faults: [LabelFault] = []
        var listed: [Split: [ListedPicture]] = [:]
        let images = path("JPEGImages", in: folder)
        let annotations = path("Annotations", in: folder)
        var pictures: [String: String] = [:]
        for name in try entries(of: images) where isPicture(name) { pictures[stem(name)] = name }
        let lists = path("ImageSets/Main", in: folder)
        // Without train.txt the pictures of val.txt are learned from as well.
        let hasTrain = access(path("train.txt", in: lists), F_OK) == 0
        let splits: [(name: String, split: Split)] =
            hasTrain
            ? [("train", .train), ("val", .validation), ("test", .test)]
            : [("trainval", .train), ("test", .test)]
        for (name, split) in splits {
            let list = path("\(name).txt", in: lists)
            guard split == .train || access(list, F_OK) == 0 else { continue }
            let needed = "it names the pictures of the split, one a line"
            for (line, text) in try TextLines(list, needed: needed).filled {
                // Lists of one class have a number behind the name.
                let identity = String(text.prefix { $0 != " " && $0 != "\t" })
                guard let picture = pictures[identity] else {
                    faults.append(
                        LabelFault(list, line: line, "there is no picture \(quoted(identity)) in \(images)"))
                    continue
                }
                let labels = path("\(identity).xml", in: annotations)
                guard !readsLabels || access(labels, F_OK) == 0 else {
                    faults.append(
                        LabelFault(
                            list, line: line,
                            "there are no labels \(quoted(identity + ".xml")) in \(annotations)"))
                    continue
                }
                listed[split, default: []].append(
                    ListedPicture(file: path(picture, in: images), key: labels))
            }
        }
        var orphans: [LabelFault] = []
        let names = readsLabels ? try entries(of: annotations) : []
        for name in names where name.hasSuffix(".xml") && pictures[stem(name)] == nil {
            orphans.append(.orphan(path(name, in: annotations), images))
        }
        return try OpenedDataset.pictures(
            listed, VOCLabels(), spec, task: task, faults: faults, orphans: orphans)
    }

    private static func stem(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}
