import Graph

/// One thing that is wrong in the files of a data set.
public struct LabelFault: Hashable, Sendable {
    /// The file that has to be mended.
    public let file: String
    /// The line, counted from 1; nil where the fault is of the file as a whole.
    public let line: Int?
    /// What is wrong, and what would be right.
    public let reason: String

    /// A fault of a file, in a line of it.
    public init(_ file: String, line: Int? = nil, _ reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// A label file for which a folder has no picture.
    static func orphan(_ file: String, _ folder: String) -> LabelFault {
        LabelFault(file, "has no picture in \(folder); skip=bad leaves it out")
    }
}

extension LabelFault: CustomStringConvertible {
    /// "labels/train/1.txt:3: the class 80 is ...", on one line.
    public var description: String {
        file.oneLine(upTo: 300) + (line.map { ":\($0)" } ?? "") + ": " + reason.oneLine(upTo: 300)
    }
}

/// An object as a file has it, in pixels of the stored picture.
struct StoredObject: Sendable {
    /// The name of the class.
    var name: String
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
    /// Whether it is difficult, as VOC has it: neither learned nor counted.
    var isDifficult = false
    /// Whether it stands for a crowd, as COCO has it.
    var isCrowd = false
    /// The area in pixels where the file says it.
    var area: Double?
    /// Its line in the file; nil where lines say nothing.
    var line: Int?
    /// Where in the file it is, in words, where lines say nothing.
    var place = ""
}

/// What the label file of one picture says.
struct PictureLabels: Sendable {
    /// The file; nil where there is none and the picture has no objects.
    var file: String?
    var objects: [StoredObject] = []
    /// The classes in a mask; nil where labels are boxes.
    var maskClasses: [Int32]?
    var faults: [LabelFault] = []
}

/// A picture that a set names.
struct ListedPicture: Sendable {
    /// The path of the picture.
    var file: String
    /// What finds its labels: a path, or an identity.
    var key: String
}

/// A format of labels, of boxes unless it says otherwise.
protocol LabelReader: Sendable {
    /// The task that the labels are for; another one does not read them.
    static var task: NetworkTask.Kind { get }
    /// The classes that the set declares, also those without an object.
    var classNames: [String] { get }
    /// The labels of a picture of so many pixels; called from several threads.
    func labels(of picture: ListedPicture, height: Int, width: Int) -> PictureLabels
}

extension LabelReader {
    static var task: NetworkTask.Kind { .detection }
}
