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
            let x = numbers[1]
            let y = numbers[2]
            let wide = numbers[3] / 2
            let high = numbers[4] / 2
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
}

extension OpenedDataset {
    /// Opens a folder with `images/SPLIT` and `labels/SPLIT`, or pictures that list files name.
    static func yolo(
        _ folder: String, _ spec: DataSpec, task: NetworkTask
    ) throws(DatasetError) -> OpenedDataset {
        var search = PictureSearch(folder, labels: "labels", ending: ".txt")
        let isListed = ["train", "val", "test"].contains { spec.paths[$0] != nil }
        let readsLabels = task.kind == .detection && spec.readsLabels
        if isListed {
            for (option, split) in [("train", Split.train), ("val", .validation), ("test", .test)] {
                guard let list = spec.paths[option] else { continue }
                try search.read(list: path(list, in: folder), for: split)
            }
        } else {
            try search.findPictures(readsLabels: readsLabels)
        }
        var faults = search.faults
        let names = readsLabels ? try ClassNames.find(in: folder, &faults) : nil
        return try pictures(
            search.listed, YOLOLabels(classNames: names), spec, task: task, faults: faults,
            orphans: search.orphans)
    }
}
