import CCodecs
import Datasets
import Graph
import TestTraits
import Testing

@Suite("Masks", .limited)
struct MaskTests {
    let shape = Shape.map(channels: 1, height: 4, width: 8)

    private func task(_ fit: PictureFitting = .stretch) -> NetworkTask {
        .segmentation(SegmentationTask(classes: ["road", "car", "sky"], fit: fit))
    }

    /// Pictures of 4x8 whose pixels are 60 times the class, with these masks.
    private func folder(_ masks: [String: [UInt8]]) throws -> TestFolder {
        let folder = try TestFolder()
        for (name, mask) in masks {
            let pixels = mask.map { $0 == 255 ? 0 : ($0 % 4) * 60 + 10 }
            try folder.write(pngFile(height: 4, width: 8, channels: 1, pixels), to: "images/\(name).png")
            try folder.write(
                pngFile(height: 4, width: 8, channels: 1, mask, extra: []), to: "masks/\(name).png")
        }
        return folder
    }

    private func open(
        _ folder: TestFolder, _ options: String = "", shape: Shape? = nil, fit: PictureFitting = .stretch
    ) throws -> Dataset {
        try Dataset.open(
            DataSpec("masks:\(folder.path)\(options)"), shape: shape ?? self.shape, task: task(fit))
    }

    private var stripes: [UInt8] { (0..<32).map { place in UInt8(place % 8 / 3) } }

    @Test("masks are read as they are, and scaled by the nearest pixel")
    func read() throws {
        var mask = stripes
        mask[9] = 255
        let folder = try folder(["train/a": mask, "val/b": stripes])
        let set = try open(folder)
        #expect(set.holdsMasks && set.isLabelled && set.classNames == ["road", "car", "sky"])
        #expect(Split.allCases.map(set.count) == [1, 1, 0])
        #expect(try set.answers(.train)[0].mask == mask)
        let large = try open(folder, shape: .map(channels: 1, height: 8, width: 16)).answers(.validation)[0]
        let doubled: [UInt8] = (0..<128).map { place in UInt8(place % 16 / 6) }
        #expect(large.mask == doubled)
        let boxed = try open(folder, shape: .map(channels: 1, height: 8, width: 8), fit: .letterbox)
        let outside = [UInt8](repeating: 255, count: 16)
        #expect(try boxed.answers(.validation)[0].mask == outside + stripes + outside)
        #expect(try !Dataset.open("masks:\(folder.path)", shape).isLabelled)
    }

    @Test("palettes and fewer bits keep their numbers")
    func palette() throws {
        let folder = try folder(["train/a": stripes, "val/b": stripes])
        try folder.write(paletteFile(height: 4, width: 8, stripes), to: "masks/train/a.png")
        #expect(try open(folder).answers(.train)[0].mask == stripes)
    }

    @Test(
        "masks follow their pictures",
        arguments: ["flip+vflip", "crop", "scale", "mosaic", "scale+mosaic+flip", "cutout"])
    func follow(words: String) throws {
        let masks: [[UInt8]] = (0..<6).map { index in
            (0..<32).map { place in UInt8((place % 8 / 2 + index) % 3) }
        }
        let folder = try folder(
            Dictionary(uniqueKeysWithValues: masks.enumerated().map { ("train/\($0)", $1) }))
        // Each pixel of the picture is four of the input, so that most are not between two.
        let set = try open(
            folder, ",augment=\(words)", shape: .map(channels: 1, height: 32, width: 64))
        let loader = Loader(
            set, split: .train, batch: 6, seed: 2, shuffled: false, augmented: true, dropsLast: false,
            mean: 0,
            variance: 1)
        var (right, judged, all) = (0, 0, 0)
        for _ in 0..<8 {
            let values = try loader.nextBatch().values
            for (place, answer) in loader.answers.enumerated() {
                #expect(answer.mask.count == 2048)
                for (pixel, label) in answer.mask.enumerated() {
                    all += 1
                    guard label != 255 else { continue }
                    judged += 1
                    if abs(values[place * 2048 + pixel] - Float(label) * 60 - 10) < 31 { right += 1 }
                }
            }
            _ = try loader.nextBatch()
        }
        #expect(judged > all / 3)
        // Between two classes that are not neighbours pixels are those of neither.
        #expect(Double(right) > 0.92 * Double(judged), "\(right) of \(judged)")
        #expect((judged == all) == ["flip+vflip", "mosaic"].contains(words))
    }

    @Test("everything that is wrong is said at once")
    func faults() throws {
        var high = stripes
        high[13] = 7
        let folder = try folder(["train/a": high, "train/b": stripes, "train/c": stripes, "train/d": stripes])
        try folder.write(pngFile(height: 3, width: 8, channels: 1, pattern(24)), to: "masks/train/b.png")
        try folder.write(pngFile(height: 4, width: 8, channels: 3, pattern(96)), to: "masks/train/c.png")
        try folder.write(plainPicture(height: 4, width: 8), to: "images/train/e.png")
        try folder.write(pngFile(height: 4, width: 8, channels: 1, stripes), to: "masks/train/f.png")
        try folder.write([1, 2, 3], to: "masks/train/d.png")
        let found = message { _ = try open(folder) } ?? "nothing"
        for expected in [
            "a.png: the class 7 in row 1, column 5 is none of 0 to 2",
            "b.png: does not decode: the mask has 3x8",
            "c.png: does not decode: a mask is grey or has a palette",
            "d.png: does not decode: a mask is a PNG",
            "images/train/e.png: has no mask", "masks/train/f.png: has no picture",
        ] {
            #expect(found.contains(expected), "\(expected) is not in \(found)")
        }
    }

    @Test("two pictures are not mixed where every pixel has one class")
    func mixup() throws {
        let folder = try folder(["train/a": stripes])
        #expect(message { _ = try open(folder, ",augment=mixup") }?.contains("one label a pixel") == true)
    }
}
