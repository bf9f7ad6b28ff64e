import Foundation

/// A data set in IDX files that is read in no time: blots of ten kinds.
public enum SmallImages {
    /// Writes 64 training and 24 test images of 8x8 with their labels.
    public static func write(to folder: String) throws {
        var random = SeededGenerator(seed: 1)
        for (prefix, count) in [("train", 64), ("t10k", 24)] {
            var images: [UInt8] = []
            let labels = (0..<count).map { UInt8($0 % 10) }
            for label in labels {
                images += (0..<64).map { place in
                    let isLit = place / 8 == Int(label) % 8 || place % 8 == Int(label) / 2
                    return UInt8((isLit ? 180 : 20) + random.below(60))
                }
            }
            let name = folder + "/" + prefix
            try Data(header([count, 8, 8]) + images).write(to: URL(filePath: name + "-images-idx3-ubyte"))
            try Data(header([count]) + labels).write(to: URL(filePath: name + "-labels-idx1-ubyte"))
        }
    }

    /// The type for bytes, the number of axes, and their lengths.
    private static func header(_ axes: [Int]) -> [UInt8] {
        [0, 0, 8, UInt8(axes.count)]
            + axes.flatMap { axis in (0..<4).map { UInt8(axis >> (24 - 8 * $0) & 255) } }
    }
}
