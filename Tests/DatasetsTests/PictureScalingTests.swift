import TestTraits
import Testing

@testable import Datasets

@Suite("PictureScaling", .limited)
struct PictureScalingTests {
    private func resized(
        _ values: [UInt8], _ from: (Int, Int), _ to: (Int, Int), channels: Int = 1
    ) -> [UInt8] {
        var resize = PictureScaling(from: from, to: to)
        var output: [UInt8] = []
        resize.run(values, channels: channels, into: &output)
        return output
    }

    @Test(
        "an image of one value stays one",
        arguments: [(1, 1), (3, 7), (32, 32), (5, 100), (100, 5), (224, 3)])
    func constant(size: (Int, Int)) {
        for value: UInt8 in [0, 1, 127, 255] {
            let output = resized([UInt8](repeating: value, count: 17 * 13 * 3), (17, 13), size, channels: 3)
            #expect(output == [UInt8](repeating: value, count: size.0 * size.1 * 3))
        }
    }

    @Test("the same size gives the same image")
    func identity() {
        #expect(resized(pattern(60), (5, 4), (5, 4), channels: 3) == pattern(60))
    }

    @Test("growing lies between the pixels, shrinking is a weighted mean")
    func values() {
        #expect(resized([0, 100], (1, 2), (1, 4)) == [0, 25, 75, 100])
        #expect(resized([0, 100], (2, 1), (4, 1)) == [0, 25, 75, 100])
        #expect(resized([0, 0, 100, 100], (1, 4), (1, 2)) == [13, 88])
        #expect(resized([0, 200, 0, 200], (2, 2), (1, 1)) == [100])
    }

    @Test("an image and its mirror image stay mirror images")
    func symmetry() {
        let output = resized(pattern(9), (1, 9), (1, 5))
        #expect(resized(pattern(9).reversed(), (1, 9), (1, 5)) == output.reversed())
    }

    @Test(
        "each channel is resized as if it were alone",
        arguments: [((17, 23), (9, 40)), ((40, 31), (7, 5)), ((5, 6), (11, 13)), ((64, 3), (64, 1))],
        [2, 3, 4, 5])
    func channels(sizes: ((Int, Int), (Int, Int)), channels: Int) {
        let (from, to) = sizes
        let values = pattern(from.0 * from.1 * channels, step: 37)
        let output = resized(values, from, to, channels: channels)
        for channel in 0..<channels {
            let alone = stride(from: channel, to: values.count, by: channels).map { values[$0] }
            let right = stride(from: channel, to: output.count, by: channels).map { output[$0] }
            #expect(resized(alone, from, to) == right)
        }
    }
}
