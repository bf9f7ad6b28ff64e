import Graph
import TestTraits
import Testing

@testable import Datasets

@Suite("Samples as pictures", .limited)
struct SamplePictureTests {
    private func opened(_ data: String, _ shape: Shape) throws -> Dataset {
        try Dataset.open(try DataSpec(data), shape: shape, seed: 1)
    }

    @Test("a picture has the bytes that the network gets, before they are normalized")
    func bytes() throws {
        let data = try opened("glyphs,limit=4", .map(channels: 3, height: 12, width: 10))
        var sample = Sample()
        try data.read(2, of: .train, into: &sample)
        let picture = try data.picture(2, of: .train)
        #expect(picture.image.height == 12 && picture.image.width == 10)
        #expect(picture.image.bytes == sample.bytes && picture.answer.label == sample.label)
        #expect(picture.name == nil)
    }

    @Test("grey is shown as grey, and of four channels the first three")
    func channels() throws {
        let grey = try opened("glyphs,limit=2", .map(channels: 1, height: 8, width: 8)).picture(0, of: .train)
        #expect((0..<64).allSatisfy { grey.image.bytes[3 * $0] == grey.image.bytes[3 * $0 + 1] })
        let four = PixelImage([1, 2, 3, 9, 4, 5, 6, 9], of: .map(channels: 4, height: 1, width: 2))
        #expect(four.bytes == [1, 2, 3, 4, 5, 6])
    }

    @Test("a sequence has its time from left to right and its features from the bottom up")
    func sequence() throws {
        let data = try opened("tones,limit=2", .sequence(length: 20, features: 6))
        var sample = Sample()
        try data.read(1, of: .train, into: &sample)
        let image = try data.picture(1, of: .train).image
        #expect(image.height == 6 && image.width == 20)
        #expect(image.bytes[3 * (5 * 20 + 7)] == sample.bytes[7 * 6])
        #expect(image.bytes[3 * 7] == sample.bytes[7 * 6 + 5])
    }

    @Test("an augmented picture is that of its epoch, the same whenever it is read")
    func augmented() throws {
        let data = try opened("glyphs,limit=8,augment=crop", .map(channels: 3, height: 16, width: 16))
        let plain = try data.picture(3, of: .train)
        let epochs = try (0..<6).map { try data.picture(3, of: .train, epoch: $0, seed: 5) }
        #expect(Set(epochs).count > 1)
        #expect(try data.picture(3, of: .train, epoch: 4, seed: 5) == epochs[4])
        #expect(try data.picture(3, of: .train) == plain)
    }

    @Test("a class is known without its picture, and the same")
    func answers() throws {
        let data = try opened("glyphs,limit=40,validation=0.25", .map(channels: 3, height: 8, width: 8))
        for split in Split.allCases {
            for index in 0..<min(10, data.count(split)) {
                #expect(
                    try data.classes(of: index, in: split) == [data.picture(index, of: split).answer.label])
            }
        }
    }
}
