import Foundation
import Graph

/// The samples of CIFAR-10 files: records of one label byte and 32x32 pixels, plane by plane.
struct CIFARSource: SampleSource {
    /// The pixels of a record.
    static let axisLayout = AxisLayout(layout: Layout(height: 32, width: 32, channels: 3), isPlanar: true)
    /// The bytes of a record, label included.
    static let record = 3073
    /// The classes of CIFAR-10 in label order.
    static let classNames = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    private let stores: [ByteStore]
    /// The number of records before each file, and in all files.
    private let starts: [Int]
    private let labels: [UInt8]

    init(_ stores: [ByteStore]) throws(DatasetError) {
        var starts = [0]
        var labels: [UInt8] = []
        for store in stores {
            let records = store.count / Self.record
            guard records > 0, store.count % Self.record == 0 else {
                throw .malformed(
                    file: store.file, byte: records * Self.record,
                    expected: "a record of \(Self.record) bytes",
                    found: "\(store.count % Self.record) bytes and the end of the file")
            }
            for record in 0..<records {
                let byte = record * Self.record
                let label = try store.withBytes(byte..<byte + 1) { (bytes) throws(DatasetError) in bytes[0] }
                guard label < Self.classNames.count else {
                    throw .malformed(
                        file: store.file, byte: byte, expected: "a label, 0 to 9", found: "\(label)")
                }
                labels.append(label)
            }
            starts.append((starts.last ?? 0) + records)
        }
        self.stores = stores
        self.starts = starts
        self.labels = labels
    }

    var count: Int { starts.last ?? 0 }
    var layout: Layout? { Self.axisLayout.layout }
    var fingerprint: UInt64 { stores.reduce(0) { $0 &* 31 &+ $1.fingerprint } }

    func classes(of index: Int) -> [Int32] { [Int32(labels[index])] }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        guard let file = starts.lastIndex(where: { $0 <= index }), file < stores.count else {
            preconditionFailure("record \(index) of \(count)")
        }
        let byte = (index - starts[file]) * Self.record
        sample.prepareBytes(Self.axisLayout.layout)
        try stores[file].withBytes(byte..<byte + Self.record) { (record) throws(DatasetError) in
            // A streamed file can have changed since its labels were checked.
            guard record[0] < Self.classNames.count else {
                throw .malformed(
                    file: stores[file].file, byte: byte, expected: "a label, 0 to 9", found: "\(record[0])")
            }
            sample.label = Int32(record[0])
            sample.bytes.withUnsafeMutableBufferPointer {
                Self.axisLayout.copy(UnsafeBufferPointer(rebasing: record[1...]), into: $0)
            }
        }
    }
}

extension OpenedDataset {
    /// Opens the batches of CIFAR-10 that are there.
    static func cifar10(_ folder: String, _ spec: DataSpec) throws(DatasetError) -> OpenedDataset {
        let names = (1...5).map { "data_batch_\($0).bin" }
        let there = names.filter { isThere($0, in: folder) }
        let needed = "cifar10 reads data_batch_1.bin to data_batch_5.bin and test_batch.bin, plain or .gz"
        guard !there.isEmpty else { throw .missing(path(names[0], in: folder), needed: needed) }
        func source(_ names: [String]) throws(DatasetError) -> CIFARSource {
            var stores: [ByteStore] = []
            for name in names { stores.append(try ByteStore(existing(name, in: folder), needed: needed)) }
            return try CIFARSource(stores)
        }
        var opened = OpenedDataset(train: try source(there), classNames: CIFARSource.classNames)
        let missing = names.filter { !there.contains($0) }
        if !missing.isEmpty {
            let verb = missing.count == 1 ? "is" : "are"
            opened.notes.append(
                "\(missing.joined(separator: ", ")) \(verb) not there: \(opened.train.count) training images")
        }
        if try opened.needsTest(spec, named: "test_batch.bin", in: folder) {
            opened.test = try source(["test_batch.bin"])
        }
        return opened
    }
}
