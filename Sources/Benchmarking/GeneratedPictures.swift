import CCodecs
import Foundation
import Graph
import QAT

/// JPEG files for benchmarks: soft shapes and noise, which pack about as well as photographs.
enum GeneratedPictures {
    /// Writes so many pictures of a height and width into a folder that exists.
    static func write(_ count: Int, height: Int, width: Int, into folder: String) throws {
        var random = SplitMix64(seed: 3)
        for index in 0..<count {
            let file = folder + "/\(index).jpg"
            try Data(jpeg(pixels(height, width, &random), height: height, width: width))
                .write(to: URL(fileURLWithPath: file))
        }
    }

    /// Red, green and blue, channels last.
    private static func pixels(_ height: Int, _ width: Int, _ random: inout SplitMix64) -> [UInt8] {
        let numbers: [Double] = (0..<9).map { _ in Double(random.next() >> 40) / Double(1 << 24) }
        /// A wave along an axis for each channel.
        func waves(_ length: Int, _ first: Int) -> [[Double]] {
            (0..<3).map { channel in
                let step: Double = 0.01 + 0.05 * numbers[channel + first]
                let start: Double = 6 * numbers[channel + 6]
                return (0..<length).map { 60 + 50 * sin(Double($0) * step + start) }
            }
        }
        let across = waves(width, 0)
        let down = waves(height, 3)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * height * width)
        for row in 0..<height {
            for column in 0..<width {
                let noise = Double(random.next() >> 60)
                for channel in 0..<3 {
                    bytes.append(UInt8(across[channel][column] + down[channel][row] + noise))
                }
            }
        }
        return bytes
    }

    private static func jpeg(_ pixels: [UInt8], height: Int, width: Int) -> [UInt8] {
        let encoder = tjInitCompress()
        defer { tjDestroy(encoder) }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count: UInt = 0
        tjCompress2(
            encoder, pixels, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &bytes, &count,
            Int32(TJSAMP_420.rawValue), 90, 0)
        defer { tjFree(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}
