import Graph
import TestTraits
import Testing

@testable import Datasets

@Suite("JPEG files that are far larger than the network", .limited)
struct ReducedDecodingTests {
    /// Slopes along both axes, another for each channel.
    private func slopes(height: Int, width: Int) -> [UInt8] {
        (0..<height * width * 3).map { place in
            let (row, column, channel) = (place / 3 / width, place / 3 % width, place % 3)
            return UInt8((row * 90 / height + column * (60 + 40 * channel) / width) % 256)
        }
    }

    private func decoded(
        height: Int, width: Int, for shape: Shape, orientation: Int? = nil
    ) throws -> Sample {
        var file = jpegFile(height: height, width: width, channels: 3, slopes(height: height, width: width))
        if let orientation {
            let tiff: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0]
            let exif = Array("Exif\0\0".utf8) + tiff + [UInt8(orientation), 0, 0, 0, 0, 0, 0, 0]
            file.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: 2)
        }
        var sample = Sample()
        try ImageDecoding.decode(file, file: "a.jpg", for: Resizing(shape), into: &sample)
        return sample
    }

    @Test(
        "at least twice the pixels that are needed stay along each axis",
        arguments: [
            (32, 48, [32, 48]), (63, 200, [63, 200]), (64, 96, [32, 48]), (127, 500, [64, 250]),
            (128, 192, [32, 48]), (255, 385, [64, 97]), (256, 384, [32, 48]), (600, 900, [75, 113]),
        ])
    func factors(height: Int, width: Int, axes: [Int]) throws {
        let sample = try decoded(
            height: height, width: width, for: .map(channels: 3, height: 16, width: 24))
        #expect([sample.layout.height, sample.layout.width] == axes)
        #expect(sample.bytes.count == axes[0] * axes[1] * 3)
        #expect([sample.stored.height, sample.stored.width] == [height, width])
    }

    @Test("a picture that is turned is judged by its upright axes")
    func turned() throws {
        // 128 rows and 200 columns when it is upright.
        let sample = try decoded(
            height: 200, width: 128, for: .map(channels: 3, height: 16, width: 50), orientation: 6)
        #expect([sample.layout.height, sample.layout.width] == [64, 100])
        #expect([sample.stored.height, sample.stored.width] == [128, 200])
    }

    @Test("the samples of a vector are taken as they are")
    func vectors() throws {
        let sample = try decoded(height: 128, width: 128, for: .vector(128 * 128 * 3))
        #expect(sample.layout == Layout(height: 128, width: 128, channels: 3))
    }

    @Test("the picture that the network gets is that of the whole file, within its rounding")
    func pixels() throws {
        let shape = Shape.map(channels: 3, height: 24, width: 36)
        var whole = Sample()
        let file = jpegFile(height: 384, width: 576, channels: 3, slopes(height: 384, width: 576))
        try ImageDecoding.decode(file, file: "a.jpg", into: &whole)
        var reduced = try decoded(height: 384, width: 576, for: shape)
        #expect(whole.layout.height == 384 && reduced.layout.height == 48)
        var resizer = Resizer(Resizing(shape))
        try resizer.fit(&whole, holdsNumbers: false)
        try resizer.fit(&reduced, holdsNumbers: false)
        let differences = zip(whole.bytes, reduced.bytes).map { abs(Int($0) - Int($1)) }
        #expect(differences.count == 24 * 36 * 3)
        #expect(differences.max() ?? 255 <= 2)
        #expect(reduced.answer.placing == whole.answer.placing && whole.answer.placing.height == 384)
    }
}
