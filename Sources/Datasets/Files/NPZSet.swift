import Graph

/// The samples of two arrays: `x` with the sample as its first axis, `y` with one class for each, or with the numbers that a
/// network for regression is to give.
struct NPZSource: SampleSource {
    private let samples: ByteRange
    private let header: NPYHeader
    /// A class for each sample; empty for regression, and where none are read.
    private let labels: [Int32]
    /// The numbers of all answers, sample after sample; empty but for regression.
    private let answers: [Float]
    /// How many numbers an answer has.
    let answerCount: Int
    private let axisLayout: AxisLayout

    let fingerprint: UInt64
    /// The least and the largest number; nil for bytes. Of a file that is too large for the memory, of its first samples.
    private(set) var range: ClosedRange<Float>?

    /// So many samples of a file that is read piece by piece are looked at when it is opened.
    private static let firstSamples = 256

    init(
        _ archive: ZipFile, _ part: String, in file: String, shape: Shape, isRegression: Bool,
        readsLabels: Bool
    ) throws(DatasetError) {
        func array(_ name: String) throws(DatasetError) -> (ByteRange, NPYHeader) {
            guard let bytes = try archive.member("\(name).npy") else {
                throw .missing(
                    "\(file), array \(name)",
                    needed: "npz reads x_train, y_train, x_test, y_test; there are "
                        + archive.names.prefix(8).joined(separator: ", ").oneLine(upTo: 200))
            }
            return (bytes, try NPYHeader(bytes))
        }
        let (samples, header) = try array("x_\(part)")
        guard header.axes.count >= 2 else {
            throw .malformed(
                file: samples.name, byte: 0, expected: "2 to 4 axes, the samples first",
                found: "\(header.axes)")
        }
        axisLayout = try AxisLayout(axes: Array(header.axes.dropFirst()), for: shape)
        self.samples = samples
        self.header = header
        if readsLabels {
            let right = try Self.right(try array("y_\(part)"), of: header.axes[0], isRegression)
            labels = right.labels
            answers = right.answers
            fingerprint = samples.store.fingerprint << 32 ^ right.fingerprint
        } else {
            labels = []
            answers = []
            fingerprint = samples.store.fingerprint
        }
        answerCount = answers.count / header.axes[0]
        guard holdsNumbers else { return }
        var found: (least: Float, most: Float) = (.infinity, -.infinity)
        for index in 0..<(samples.store.isStreamed ? min(count, NPZSource.firstSamples) : count) {
            for number in try numbers(index) {
                found = (min(found.least, number), max(found.most, number))
            }
        }
        if found.least <= found.most { range = found.least...found.most }
    }

    /// What is right about so many samples: a class for each, or numbers.
    private static func right(
        _ array: (bytes: ByteRange, header: NPYHeader), of samples: Int, _ isRegression: Bool
    ) throws(DatasetError) -> (labels: [Int32], answers: [Float], fingerprint: UInt64) {
        let (classes, labels) = array
        let answered = labels.axes.reduce(1, *)
        guard
            isRegression
                ? labels.axes[0] == samples
                : answered == samples && labels.kind != .float
        else {
            throw .malformed(
                file: classes.name, byte: 0,
                expected: isRegression
                    ? "numbers for each of \(samples) samples"
                    : "\(samples) whole numbers, a class for each sample",
                found: "\(labels.axes) values of \(labels.kind)")
        }
        let values = try Self.values(classes, labels)
        return (
            isRegression ? [] : try Self.labels(values, classes, labels),
            isRegression ? try Self.answers(values, classes, labels) : [], classes.store.fingerprint
        )
    }

    var count: Int { header.axes[0] }
    var layout: Layout? { axisLayout.layout }
    var holdsNumbers: Bool { !(header.kind == .unsigned && header.width == 1) }

    /// One more than the largest class.
    var classes: Int { Int(labels.max() ?? 0) + 1 }

    func classes(of index: Int) -> [Int32] { labels.isEmpty ? [] : [labels[index]] }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        if labels.isEmpty {
            sample.answer.numbers = Array(answers[index * answerCount..<(index + 1) * answerCount])
        } else {
            sample.label = labels[index]
        }
        if holdsNumbers {
            sample.prepareNumbers(axisLayout.layout)
            try numbers(index).withUnsafeBufferPointer { numbers in
                sample.numbers.withUnsafeMutableBufferPointer { axisLayout.copy(numbers, into: $0) }
            }
        } else {
            sample.prepareBytes(axisLayout.layout)
            try samples.withBytes(place(of: index)) { (stored) throws(DatasetError) in
                sample.bytes.withUnsafeMutableBufferPointer { axisLayout.copy(stored, into: $0) }
            }
        }
    }

    private func place(of index: Int) -> Range<Int> {
        let bytes = axisLayout.layout.elements * header.width
        let first = header.start + index * bytes
        return first..<first + bytes
    }

    /// The numbers of a sample as they are stored; throws where one is none.
    private func numbers(_ index: Int) throws(DatasetError) -> [Float] {
        let (elements, place) = (axisLayout.layout.elements, place(of: index))
        let numbers = try samples.withBytes(place) { (stored) throws(DatasetError) in
            [Float](unsafeUninitializedCapacity: elements) { buffer, filled in
                header.numbers(stored, into: UnsafeMutableBufferPointer(rebasing: buffer[..<elements]))
                filled = elements
            }
        }
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
            throw .malformed(
                file: samples.name, byte: place.lowerBound + bad * header.width,
                expected: "finite numbers in 32 bits",
                found: "\(numbers[bad]) in sample \(index), counted from 0")
        }
        return numbers
    }

    /// The most classes that a set may have.
    private static let classLimit = 1 << 16

    /// All values of an array.
    private static func values(_ bytes: ByteRange, _ header: NPYHeader) throws(DatasetError) -> [Float] {
        let count = (bytes.count - header.start) / header.width
        return try bytes.withBytes(header.start..<bytes.count) { (stored) throws(DatasetError) in
            [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                header.numbers(stored, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                filled = count
            }
        }
    }

    /// The values as answers, which are finite.
    private static func answers(
        _ numbers: [Float], _ bytes: ByteRange, _ header: NPYHeader
    ) throws(DatasetError) -> [Float] {
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
            let count = numbers.count / header.axes[0]
            throw .malformed(
                file: bytes.name, byte: header.start + bad * header.width,
                expected: "finite numbers in 32 bits",
                found: "\(numbers[bad]) in the answer of sample \(bad / count), counted from 0")
        }
        return numbers
    }

    private static func labels(
        _ numbers: [Float], _ bytes: ByteRange, _ header: NPYHeader
    ) throws(DatasetError) -> [Int32] {
        var labels: [Int32] = []
        labels.reserveCapacity(numbers.count)
        for (index, number) in numbers.enumerated() {
            // 32-bit numbers hold every whole number of this range exactly.
            guard number >= 0, number < Float(classLimit) else {
                throw .malformed(
                    file: bytes.name, byte: header.start + index * header.width,
                    expected: "a class, 0 to \(classLimit - 1)", found: "\(number)")
            }
            labels.append(Int32(number))
        }
        return labels
    }
}

extension OpenedDataset {
    /// Opens the arrays of an .npz file.
    static func npz(
        _ file: String, _ spec: DataSpec, shape: Shape, task: NetworkTask
    ) throws(DatasetError) -> OpenedDataset {
        let isRegression = task.kind == .regression
        let archive = try ZipFile(ByteStore(file, needed: "npz reads arrays from it"))
        let train = try NPZSource(
            archive, "train", in: file, shape: shape, isRegression: isRegression,
            readsLabels: spec.readsLabels)
        var opened = OpenedDataset(train: train, classNames: [])
        var classes = train.classes
        if archive.names.contains("x_test.npy") || spec.validation == 0 {
            let test = try NPZSource(
                archive, "test", in: file, shape: shape, isRegression: isRegression,
                readsLabels: spec.readsLabels)
            guard test.answerCount == train.answerCount else {
                throw .malformed(
                    file: "\(file), array y_test", byte: 0,
                    expected: "\(train.answerCount) numbers for each sample, as y_train has",
                    found: "\(test.answerCount)")
            }
            opened.test = test
            classes = max(classes, test.classes)
        } else {
            opened.notes.append("x_test is not there: no test samples")
        }
        opened.numbers = train.answerCount
        opened.classNames =
            !spec.readsLabels
            ? ["unlabelled"] : isRegression ? ["numbers"] : (0..<classes).map(String.init)
        opened.isLabelled = spec.readsLabels
        if case .map = shape, let range = train.range, range.lowerBound >= 0, range.upperBound <= 1 {
            opened.notes.append(
                "numbers from \(range.lowerBound) to \(range.upperBound), not 0 to 255 as images have: mean and variance of Preprocess have to fit them"
            )
        }
        return opened
    }
}
