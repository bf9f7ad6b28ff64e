import Datasets
import Graph
import TestTraits
import Testing

@Suite("Augmentation with boxes", .limited)
struct BoxAugmentationTests {
    /// One sample as the network gets it: pixels of one channel, and its boxes.
    private struct Seen: Hashable {
        var pixels: [Float]
        var boxes: [ObjectBox]

        /// The mean of the pixels whose middle is in a box, one pixel away from its sides.
        func mean(in box: ObjectBox, width: Int) -> Float {
            var (sum, count) = (Float(0), Float(0))
            for (place, value) in pixels.enumerated() {
                let x = Float(place % width) + 0.5
                let y = Float(place / width) + 0.5
                if x > box.left + 1, x < box.right - 1, y > box.top + 1, y < box.bottom - 1 {
                    sum += value
                    count += 1
                }
            }
            return sum / count
        }
    }

    let height = 48
    let width = 64

    /// Dark pictures, each with a bright rectangle, a box around it.
    private func folder(_ count: Int = 6) throws -> TestFolder {
        let folder = try TestFolder()
        for index in 0..<count {
            var pixels = [UInt8](repeating: 20, count: height * width)
            let left = 8 + 4 * index
            for row in 10..<26 { for column in left..<left + 20 { pixels[row * width + column] = 240 } }
            try folder.write(
                pngFile(height: height, width: width, channels: 1, pixels), to: "images/train/\(index).png")
            let (x, y) = ((Float(left) + 10) / Float(width), 18 / Float(height))
            try folder.write(
                "\(index % 2) \(x) \(y) \(20 / Float(width)) \(16 / Float(height))",
                to: "labels/train/\(index).txt")
        }
        try folder.write("names: [cat, dog]", to: "set.yaml")
        return folder
    }

    private func epochs(
        _ count: Int, _ augment: String, seed: UInt64 = 1, threads: Int = 1, channels: Int = 1
    ) throws -> [[Seen]] {
        let folder = try folder()
        let set = try Dataset.open(
            DataSpec("yolo:\(folder.path),augment=\(augment)"),
            shape: .map(channels: channels, height: height, width: width), task: petTask())
        let loader = Loader(
            set, split: .train, batch: 6, seed: seed, shuffled: false, augmented: true, dropsLast: false,
            mean: 0, variance: 1, threads: threads)
        return try (0..<count).map { _ in
            let batch = try loader.nextBatch()
            let answers = loader.answers
            _ = try loader.nextBatch()
            let size = batch.values.count / 6
            return answers.enumerated().map { index, answer in
                Seen(pixels: Array(batch.values[index * size..<(index + 1) * size]), boxes: answer.boxes)
            }
        }
    }

    @Test(
        "boxes stay around their objects",
        arguments: [
            "flip", "vflip", "crop", "scale", "mosaic", "flip+vflip+crop", "scale+mosaic", "detection",
        ])
    func follow(words: String) throws {
        var (boxes, samples) = (0, 0)
        for seen in try epochs(12, words).joined() {
            samples += 1
            boxes += seen.boxes.count
            for box in seen.boxes {
                #expect(box.left >= 0 && box.top >= 0)
                #expect(box.right <= Float(width) && box.bottom <= Float(height))
                #expect(box.width >= 2 && box.height >= 2)
                guard box.width > 5, box.height > 5 else { continue }
                // The preset makes pixels lighter or darker.
                let least: Float = words == "detection" ? 130 : 235
                #expect(seen.mean(in: box, width: width) > least)
            }
        }
        #expect(boxes > samples / 2, "\(boxes) boxes in \(samples) samples")
        if words == "mosaic" { #expect(boxes > samples) }
    }

    @Test("without a word, and where a change leaves a sample as it is, pixels and boxes stay")
    func none() throws {
        let plain = try epochs(1, "none")[0]
        #expect(try epochs(1, "flip")[0] != plain)
        let unmoved = Set(try epochs(8, "mosaic").joined()).intersection(plain)
        #expect(unmoved.count == 6)
    }

    @Test("the same seed gives the same samples at any number of threads, another one others")
    func seeds() throws {
        let first = try epochs(3, "detection")
        #expect(try epochs(3, "detection", threads: 3) == first)
        #expect(try epochs(3, "detection", seed: 2) != first)
        #expect(first[0] != first[1])
    }

    @Test("colour changes keep shapes, and change colour pictures of three channels too", arguments: [1, 3])
    func hsv(channels: Int) throws {
        let plain = try epochs(1, "none", channels: channels)[0]
        for epoch in try epochs(4, "hsv", channels: channels) {
            for (seen, before) in zip(epoch, plain) {
                #expect(seen.boxes == before.boxes)
                #expect(Set(seen.pixels).count == 2)
                #expect(seen.pixels != before.pixels)
            }
        }
    }

    @Test("mixup shows some images as the mean of two, with the boxes of both")
    func mixup() throws {
        let seen = try epochs(20, "mixup").joined()
        let mixed = seen.filter { $0.boxes.count == 2 }
        #expect((15...50).contains(mixed.count), "\(mixed.count)")
        #expect(seen.allSatisfy { (1...2).contains($0.boxes.count) })
        for image in mixed {
            for box in image.boxes { #expect(image.mean(in: box, width: width) > 120) }
        }
    }

    @Test("cutout drops the boxes that it hides")
    func cutout() throws {
        for image in try epochs(40, "cutout").joined() {
            #expect(image.boxes.count <= 1)
            for box in image.boxes { #expect(image.mean(in: box, width: width) > 120) }
        }
    }

    @Test("words that do not fit the samples are refused")
    func refused() throws {
        let shape = Shape.map(channels: 1, height: 8, width: 8)
        #expect(
            message { _ = try Dataset.open("glyphs,augment=mosaic", shape) }?.contains("one label") == true)
        #expect(try Dataset.open("glyphs,augment=scale+hsv", shape).count(.train) == 10_000)
        #expect(
            message { _ = try Dataset.open("tones,augment=scale", .sequence(length: 8, features: 8)) }?
                .contains("only images") == true)
        #expect(
            message { _ = try DataSpec("glyphs,augment=mosiac") }?.contains("did you mean 'mosaic'") == true)
    }
}
