import Foundation
import Graph

/// The names of the four files of an IDX set.
struct IDXNames: Hashable, Sendable {
    var trainImages = "train-images-idx3-ubyte"
    var trainLabels = "train-labels-idx1-ubyte"
    var testImages = "t10k-images-idx3-ubyte"
    var testLabels = "t10k-labels-idx1-ubyte"

    /// The options that rename them.
    static let options = ["train-images", "train-labels", "test-images", "test-labels"]

    mutating func set(_ option: String, to file: String) throws(DatasetError) {
        guard !file.isEmpty, !file.utf8.contains(0) else {
            throw .optionValue(option, value: file, expected: "the name of a file in the folder")
        }
        switch option {
        case "train-images": trainImages = file
        case "train-labels": trainLabels = file
        case "test-images": testImages = file
        case "test-labels": testLabels = file
        default: preconditionFailure("\(option) names no file")
        }
    }
}

/// The samples of two IDX files, images and labels; or of the images alone.
///
/// Images have the axes count and then height, width; time, features; one axis; or three, with the channels first
/// or last, whichever fits the network.
struct IDXSource: SampleSource {
    private let images: IDXFile
    /// A class for each sample; empty where none are read.
    private let labels: [UInt8]
    private let axisLayout: AxisLayout

    init(images: IDXFile, labels: IDXFile?, shape: Shape) throws(DatasetError) {
        self.images = images
        axisLayout = try AxisLayout(axes: Array(images.axes.dropFirst()), for: shape)
        guard let labels else {
            self.labels = []
            return
        }
        guard labels.axes[0] == images.axes[0] else {
            throw .malformed(
                file: labels.store.file, byte: 4, expected: "\(images.axes[0]) labels, one for each sample",
                found: "\(labels.axes[0])")
        }
        self.labels = try labels.store.bytes(labels.start..<labels.store.count)
    }

    var count: Int { images.axes[0] }
    var layout: Layout? { axisLayout.layout }
    var fingerprint: UInt64 { images.store.fingerprint << 32 ^ checksum(labels) }

    /// One more than the largest label.
    var classes: Int { (labels.max().map(Int.init) ?? 0) + 1 }

    func classes(of index: Int) -> [Int32] { labels.isEmpty ? [] : [Int32(labels[index])] }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        sample.prepareBytes(axisLayout.layout)
        if !labels.isEmpty { sample.label = Int32(labels[index]) }
        try images.store.withBytes(images.range(of: index)) { (stored) throws(DatasetError) in
            sample.bytes.withUnsafeMutableBufferPointer { axisLayout.copy(stored, into: $0) }
        }
    }
}

extension OpenedDataset {
    /// Opens the four files of an IDX set.
    static func idx(
        _ folder: String, _ names: IDXNames, _ spec: DataSpec, shape: Shape
    ) throws(DatasetError) -> OpenedDataset {
        func file(_ name: String, axes: ClosedRange<Int>) throws(DatasetError) -> IDXFile {
            let needed = "\(spec.name.rawValue) reads it, or the same with .gz"
            return try IDXFile(ByteStore(existing(name, in: folder), needed: needed), axes: axes)
        }
        let train = try IDXSource(
            images: try file(names.trainImages, axes: 2...4),
            labels: spec.readsLabels ? try file(names.trainLabels, axes: 1...1) : nil,
            shape: shape)
        var opened = OpenedDataset(train: train, classNames: [])
        var classes = train.classes
        if try opened.needsTest(spec, named: names.testImages, in: folder) {
            let test = try IDXSource(
                images: try file(names.testImages, axes: 2...4),
                labels: spec.readsLabels ? try file(names.testLabels, axes: 1...1) : nil,
                shape: shape)
            opened.test = test
            classes = max(classes, test.classes)
        }
        opened.classNames = spec.readsLabels ? (0..<classes).map(String.init) : ["unlabelled"]
        opened.isLabelled = spec.readsLabels
        return opened
    }
}
