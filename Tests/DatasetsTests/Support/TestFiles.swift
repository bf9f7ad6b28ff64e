import Datasets
import Foundation
import Graph

/// A folder that is there for one test.
final class TestFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("datasets-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and the folders that lead to it.
    func write(_ bytes: [UInt8], to name: String) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}

/// An IDX file of bytes.
func idxFile(_ axes: [Int], _ values: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(axes.count)]
        + axes.flatMap { axis in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: axis >> $0) } } + values
}

/// Bytes that repeat only after a while.
func pattern(_ count: Int, step: Int = 7) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * step) }
}

/// Writes a small MNIST: `count` images of height x width whose pixels are all ten times the label.
func writeMNIST(in folder: TestFolder, count: Int = 20, height: Int = 4, width: Int = 4) throws {
    for part in ["train", "t10k"] {
        let labels = (0..<count).map { UInt8($0 % 10) }
        let pixels = labels.flatMap { [UInt8](repeating: $0 * 10, count: height * width) }
        try folder.write(idxFile([count, height, width], pixels), to: "\(part)-images-idx3-ubyte")
        try folder.write(idxFile([count], labels), to: "\(part)-labels-idx1-ubyte")
    }
}

/// A CIFAR-10 file: labels take turns, pixels are a pattern.
func cifarFile(_ records: Int) -> [UInt8] {
    (0..<records).flatMap { [UInt8($0 % 10)] + pattern(3072, step: 2 * $0 + 1) }
}
