import Foundation
import Graph

/// Image files in a folder for each class, or in one folder without classes, decoded when they are asked for.
struct ImageFolder: SampleSource {
    private let folder: String
    /// Paths inside the folder, sorted.
    private let files: [String]
    private let labels: [Int32]

    let fingerprint: UInt64

    /// Images have their own sizes.
    var layout: Layout? { nil }
    var count: Int { files.count }
    var isDecoded: Bool { true }

    /// Takes the images of every class, those in folders inside a class's too.
    init(_ folder: String, classNames: [String], _ survey: inout ImageSurvey) throws(DatasetError) {
        var names: [(path: String, label: Int32)] = []
        for (label, name) in classNames.enumerated() {
            let inside = OpenedDataset.path(name, in: folder)
            // A class that only the other split has has no folder here.
            guard access(inside, F_OK) == 0 else { continue }
            let found = survey.images(try paths(in: inside))
            if found.isEmpty { survey.emptyClasses.append(inside) }
            names += found.map { ("\(name)/\($0)", Int32(label)) }
        }
        try self.init(folder, names, &survey)
    }

    /// Takes the images that lie in the folder itself, all with the label 0.
    init(unlabelled folder: String, _ survey: inout ImageSurvey) throws(DatasetError) {
        let files = try entries(of: folder).filter { !isFolder(OpenedDataset.path($0, in: folder)) }
        try self.init(folder, survey.images(files).map { ($0, 0) }, &survey)
    }

    private init(
        _ folder: String, _ names: [(path: String, label: Int32)], _ survey: inout ImageSurvey
    ) throws(DatasetError) {
        var files: [String] = []
        var labels: [Int32] = []
        var sum = Random(0)
        for (path, label) in try survey.decodable(names, in: folder) {
            var status = stat()
            guard stat(OpenedDataset.path(path, in: folder), &status) == 0 else {
                throw .unreadable(OpenedDataset.path(path, in: folder), reason: systemReason())
            }
            files.append(path)
            labels.append(label)
            sum = Random(sum.next(), checksum(Array(path.utf8)), UInt64(clamping: status.st_size))
        }
        self.folder = folder
        self.files = files
        self.labels = labels
        fingerprint = sum.next()
    }

    func file(_ index: Int) -> String? { OpenedDataset.path(files[index], in: folder) }

    func classes(of index: Int) -> [Int32] { [labels[index]] }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        let file = OpenedDataset.path(files[index], in: folder)
        let bytes = try wholeFile(
            file, limit: ImageDecoding.fileLimit, needed: "it was there when the set was opened")
        try ImageDecoding.decode(bytes, file: file, for: resizing, into: &sample)
        sample.label = labels[index]
    }
}

extension OpenedDataset {
    /// Opens a folder with train/CLASS/IMAGE and test/CLASS/IMAGE; or one whose images have no classes, in train and
    /// test or in the folder itself.
    static func images(_ folder: String, _ spec: DataSpec) throws(DatasetError) -> OpenedDataset {
        let train = path("train", in: folder)
        guard access(train, F_OK) == 0 else { return try unlabelled(folder, test: nil, spec) }
        let classNames = try folders(in: train)
        guard !classNames.isEmpty else {
            let test = path("test", in: folder)
            return try unlabelled(train, test: access(test, F_OK) == 0 ? test : nil, spec)
        }
        var survey = ImageSurvey(skipsBad: spec.skipsBad)
        var opened = OpenedDataset(
            train: try ImageFolder(train, classNames: classNames, &survey), classNames: classNames)
        guard opened.train.count > 0 else {
            throw .empty(train, advice: "it needs .png, .jpg or .jpeg files in its folders")
        }
        if try opened.needsTest(spec, named: "test", in: folder) {
            let test = path("test", in: folder)
            for name in try folders(in: test) where spec.readsLabels && !classNames.contains(name) {
                throw .missing(
                    path(name, in: train),
                    needed: "test has a class \(quoted(name)) that train does not have"
                        + didYouMean(name, among: classNames))
            }
            opened.test = try ImageFolder(test, classNames: classNames, &survey)
        }
        opened.notes += survey.notes
        return opened
    }

    /// Opens the images that lie in a folder itself, without classes. They need no test samples: nothing is right or
    /// wrong about them.
    private static func unlabelled(
        _ folder: String, test: String?, _ spec: DataSpec
    ) throws(DatasetError) -> OpenedDataset {
        var survey = ImageSurvey(skipsBad: spec.skipsBad)
        var opened = OpenedDataset(
            train: try ImageFolder(unlabelled: folder, &survey), classNames: ["unlabelled"],
            isLabelled: false)
        guard opened.train.count > 0 else {
            throw .empty(
                folder,
                advice:
                    "it needs .png, .jpg or .jpeg files, or with labels a folder for each class in train, "
                    + "such as train/cat/1.png")
        }
        if let test { opened.test = try ImageFolder(unlabelled: test, &survey) }
        opened.notes += survey.notes
        return opened
    }

    private static func folders(in folder: String) throws(DatasetError) -> [String] {
        var names: [String] = []
        for name in try entries(of: folder) where isFolder(path(name, in: folder)) { names.append(name) }
        return names
    }
}

/// Whether a file is a picture by its name.
func isPicture(_ file: String) -> Bool {
    [".png", ".jpg", ".jpeg"].contains { file.lowercased().hasSuffix($0) }
}

/// The names in a folder without hidden ones, sorted byte by byte, so that every machine has the same order.
func entries(of folder: String) throws(DatasetError) -> [String] {
    do {
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
        throw .unreadable(folder, reason: "it is no folder that can be listed")
    }
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The paths of all files in a folder and the folders in it, as deep as eight, sorted.
func paths(in folder: String, depth: Int = 0) throws(DatasetError) -> [String] {
    var found: [String] = []
    for name in try entries(of: folder) {
        let inside = OpenedDataset.path(name, in: folder)
        if !isFolder(inside) {
            found.append(name)
        } else if depth < 8 {
            found += try paths(in: inside, depth: depth + 1).map { "\(name)/\($0)" }
        }
    }
    return found
}
