import Graph

/// The samples of two arrays: `x` with the sample as its first axis, `y` with one class for each.
struct NPZSource: SampleSource {
    private let samples: ByteRange
    private let header: NPYHeader
    private let labels: [Int32]
    private let axisLayout: AxisLayout

    let fingerprint: UInt64
    /// The least and the largest number; nil for bytes. Of a file that is too large for the memory, of its first samples.
    private(set) var range: ClosedRange<Float>?

    /// So many samples of a file that is read piece by piece are looked at when it is opened.
    private static let firstSamples = 256

    init(_ archive: ZipFile, _ part: String, in file: String, shape: Shape) throws(DatasetError) {
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
        let (classes, labels) = try array("y_\(part)")
        guard header.axes.count >= 2 else {
            throw .malformed(
                file: samples.name, byte: 0, expected: "2 to 4 axes, the samples first",
                found: "\(header.axes)")
        }
        guard labels.axes.reduce(1, *) == header.axes[0], labels.kind != .float else {
            throw .malformed(
                file: classes.name, byte: 0,
                expected: "\(header.axes[0]) whole numbers, a class for each sample",
                found: "\(labels.axes) values of \(labels.kind)")
        }
        axisLayout = try AxisLayout(axes: Array(header.axes.dropFirst()), for: shape)
        self.samples = samples
        self.header = header
        self.labels = try Self.labels(classes, labels)
        fingerprint = samples.store.fingerprint << 32 ^ classes.store.fingerprint
        guard holdsNumbers else { return }
        var found: (least: Float, most: Float) = (.infinity, -.infinity)
        for index in 0..<(samples.store.isStreamed ? min(count, NPZSource.firstSamples) : count) {
            for number in try numbers(index) {
                found = (min(found.least, number), max(found.most, number))
            }
        }
        if found.least <= found.most { range = found.least...found.most }
    }

    var count: Int { labels.count }
    var layout: Layout? { axisLayout.layout }
    var holdsNumbers: Bool { !(header.kind == .unsigned && header.width == 1) }

    /// One more than the largest class.
    var classes: Int { Int(labels.max() ?? 0) + 1 }

    func read(_ index: Int, into sample: inout Sample) throws(DatasetError) {
        sample.label = labels[index]
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

    private static func labels(_ bytes: ByteRange, _ header: NPYHeader) throws(DatasetError) -> [Int32] {
        let count = (bytes.count - header.start) / header.width
        let numbers = try bytes.withBytes(header.start..<bytes.count) { (stored) throws(DatasetError) in
            [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                header.numbers(stored, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                filled = count
            }
        }
        var labels: [Int32] = []
        labels.reserveCapacity(count)
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
    static func npz(_ file: String, _ spec: DataSpec, shape: Shape) throws(DatasetError) -> OpenedDataset {
        let archive = try ZipFile(ByteStore(file, needed: "npz reads arrays from it"))
        let train = try NPZSource(archive, "train", in: file, shape: shape)
        var opened = OpenedDataset(train: train, classNames: [])
        var classes = train.classes
        if archive.names.contains("x_test.npy") || spec.validation == 0 {
            let test = try NPZSource(archive, "test", in: file, shape: shape)
            opened.test = test
            classes = max(classes, test.classes)
        } else {
            opened.notes.append("x_test is not there: no test samples")
        }
        opened.classNames = (0..<classes).map(String.init)
        if case .map = shape, let range = train.range, range.lowerBound >= 0, range.upperBound <= 1 {
            opened.notes.append(
                "numbers from \(range.lowerBound) to \(range.upperBound), not 0 to 255 as images have: mean and variance of Preprocess have to fit them"
            )
        }
        return opened
    }
}
