import Graph

/// The samples of two arrays: `x` with the sample as its first axis, `y` with one class for each.
struct NPZSource: SampleSource {
    private let samples: ByteRange
    private let header: NPYHeader
    private let labels: [Int32]
    private let arrangement: Arrangement

    let fingerprint: UInt64

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
        arrangement = try Arrangement(axes: Array(header.axes.dropFirst()), for: shape)
        (self.samples, self.header) = (samples, header)
        self.labels = try Self.labels(classes, labels)
        fingerprint = samples.store.fingerprint << 32 ^ classes.store.fingerprint
    }

    var count: Int { labels.count }
    var layout: Layout? { arrangement.layout }
    var holdsNumbers: Bool { !(header.kind == .unsigned && header.width == 1) }

    /// One more than the largest class.
    var classes: Int { Int(labels.max() ?? 0) + 1 }

    func read(_ index: Int, into sample: inout Sample) throws(DatasetError) {
        let elements = arrangement.layout.elements
        let bytes = elements * header.width
        let first = header.start + index * bytes
        sample.label = labels[index]
        if holdsNumbers {
            sample.prepareNumbers(arrangement.layout)
            try samples.withBytes(first..<first + bytes) { (stored) throws(DatasetError) in
                let numbers = [Float](unsafeUninitializedCapacity: elements) { buffer, filled in
                    header.numbers(stored, into: UnsafeMutableBufferPointer(rebasing: buffer[..<elements]))
                    filled = elements
                }
                numbers.withUnsafeBufferPointer { numbers in
                    sample.numbers.withUnsafeMutableBufferPointer { arrangement.copy(numbers, into: $0) }
                }
            }
        } else {
            sample.prepareBytes(arrangement.layout)
            try samples.withBytes(first..<first + bytes) { (stored) throws(DatasetError) in
                sample.bytes.withUnsafeMutableBufferPointer { arrangement.copy(stored, into: $0) }
            }
        }
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

extension Opened {
    /// Opens the arrays of an .npz file.
    static func npz(_ file: String, _ spec: DataSpec, shape: Shape) throws(DatasetError) -> Opened {
        let archive = try ZipFile(ByteStore(file, needed: "npz reads arrays from it"))
        let train = try NPZSource(archive, "train", in: file, shape: shape)
        var opened = Opened(train: train, classNames: [])
        var classes = train.classes
        if archive.names.contains("x_test.npy") || spec.validation == 0 {
            let test = try NPZSource(archive, "test", in: file, shape: shape)
            opened.test = test
            classes = max(classes, test.classes)
        } else {
            opened.notes.append("x_test is not there: no test samples")
        }
        opened.classNames = (0..<classes).map(String.init)
        return opened
    }
}
