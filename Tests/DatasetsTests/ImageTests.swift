import Datasets
import Foundation
import Graph
import TestTraits
import Testing

@Suite("Images", .limited)
struct ImageTests {
    let shape = Shape.map(channels: 3, height: 6, width: 8)
    let colour = pattern(144, step: 11)
    let grey = pattern(48, step: 5)

    private func write(_ files: [String: [UInt8]]) throws -> TestFolder {
        let folder = try TestFolder()
        for (name, bytes) in files { try folder.write(bytes, to: name) }
        return folder
    }

    @Test("a folder for each class is read: PNG exactly, grey and colour, in the order of the names")
    func png() throws {
        let opaque = (0..<48).flatMap { (pixel: Int) -> [UInt8] in
            Array(colour[3 * pixel..<3 * pixel + 3]) + [255]
        }
        let folder = try write([
            "train/cat/2.PNG": pngFile(height: 6, width: 8, channels: 1, grey),
            "train/cat/1.png": pngFile(height: 6, width: 8, channels: 3, colour),
            "train/dog/a.png": pngFile(height: 6, width: 8, channels: 4, opaque),
            "train/dog/notes.txt": [1], "train/.hidden/1.png": [1],
            "test/dog/1.png": pngFile(height: 6, width: 8, channels: 3, colour),
        ])
        let dataset = try Dataset.open("images:\(folder.path)", shape)
        #expect(dataset.classNames == ["cat", "dog"] && dataset.isLabelled)
        #expect(dataset.count(.train) == 3 && dataset.count(.test) == 1)
        #expect(dataset.notes == ["1 file passed over: not .png, .jpg or .jpeg"])
        let all = try dataset.all(.train)
        #expect(all.labels == [0, 0, 1])
        let colours = colour.map(Float.init)
        #expect(all.values == colours + grey.flatMap { [Float](repeating: Float($0), count: 3) } + colours)
    }

    @Test("pictures without class folders are training samples without labels, and a share can be held out")
    func unlabelled() throws {
        let bytes = pngFile(height: 6, width: 8, channels: 3, colour)
        let folder = try write(["1.png": bytes, "2.png": bytes, "3.png": bytes, "4.png": bytes, "a.txt": [1]])
        let whole = try Dataset.open("images:\(folder.path)", shape)
        #expect(!whole.isLabelled)
        #expect(Split.allCases.map(whole.count) == [4, 0, 0])
        #expect(whole.notes == ["1 file passed over: not .png, .jpg or .jpeg"])
        let all = try whole.all(.train)
        #expect(all.labels == [0, 0, 0, 0])
        #expect(all.values.prefix(colour.count) == colour.map(Float.init)[...])
        let held = try Dataset.open("images:\(folder.path),validation=0.25", shape)
        #expect(Split.allCases.map(held.count) == [3, 1, 0])
    }

    @Test("train and test may hold pictures without class folders")
    func unlabelledSplits() throws {
        let bytes = pngFile(height: 6, width: 8, channels: 3, colour)
        let folder = try write(["train/1.png": bytes, "train/2.png": bytes, "test/1.png": bytes])
        let dataset = try Dataset.open("images:\(folder.path)", shape)
        #expect(!dataset.isLabelled)
        #expect(Split.allCases.map(dataset.count) == [2, 0, 1])
    }

    @Test("JPEG is read as nearly as JPEG keeps it, and resized", arguments: [1, 3])
    func jpeg(channels: Int) throws {
        let values = (0..<24 * 32 * channels).map { (place: Int) -> UInt8 in
            let (pixel, channel) = (place / channels, place % channels)
            return UInt8(5 * (pixel / 32) + 3 * (pixel % 32) + 10 * channel)
        }
        let file = jpegFile(height: 24, width: 32, channels: channels, values)
        let folder = try write(["train/a/1.jpg": file, "test/a/1.jpeg": file])
        let whole = try Dataset.open("images:\(folder.path)", .map(channels: channels, height: 24, width: 32))
        for (found, expected) in zip(try whole.all(.train).values, values) {
            #expect(abs(found - Float(expected)) <= 4)
        }
        let small = try Dataset.open("images:\(folder.path)", .map(channels: channels, height: 6, width: 8))
        let mean = { (values: [Float]) in values.reduce(0, +) / Float(values.count) }
        #expect(abs(mean(try small.all(.test).values) - mean(values.map(Float.init))) < 2)
    }

    @Test("every image that does not decode is named before any is needed, with its reason")
    func damaged() throws {
        let png = pngFile(height: 6, width: 8, channels: 3, colour)
        let jpeg = jpegFile(height: 6, width: 8, channels: 3, colour)
        var huge = png
        huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        let webp = Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8 ".utf8)
        let bad: [(String, [UInt8], String)] = [
            ("2.png", [], "empty"), ("3.png", [1, 2, 3], "neither as PNG"),
            ("4.png", Array(png.prefix(60)), "too early"), ("5.png", huge, "2147483647x2147483647"),
            ("6.jpg", [0xFF, 0xD8, 0xFF, 0xE0] + Array("junk".utf8), "axes"), ("7.jpg", webp, "WebP"),
            ("8.jpg", Array(jpeg.prefix(30)), "axes"),
        ]
        var files = ["train/a/1.png": png, "train/b/1.jpg": jpeg, "test/a/1.png": png]
        for (name, bytes, _) in bad { files["train/a/\(name)"] = bytes }
        let folder = try write(files)
        let found = message { _ = try Dataset.open("images:\(folder.path)", shape) } ?? "nothing"
        #expect(found.hasPrefix("7 of 9 images do not decode"), "\(found)")
        for (name, _, reason) in bad {
            let part = found.components(separatedBy: "; ").first { $0.contains("train/a/\(name)") }
            #expect(part?.contains(reason) == true, "\(name): \(part ?? found)")
        }
        let rest = try Dataset.open("images:\(folder.path),skip=bad", shape)
        #expect(rest.count(.train) == 2)
        #expect(rest.notes.contains { $0.hasPrefix("7 images left out") })
        #expect(try rest.all(.train).labels == [0, 1])
    }

    @Test("with skip=bad an image that is damaged behind its first bytes is left out too")
    func damagedInside() throws {
        let png = pngFile(height: 6, width: 8, channels: 3, colour)
        var torn = png
        // The pixels' check sum.
        torn[torn.count - 16] ^= 0xFF
        let folder = try write(["train/a/1.png": png, "train/a/2.png": torn, "test/a/1.png": png])
        #expect(try Dataset.open("images:\(folder.path),skip=bad", shape).count(.train) == 1)
        // Without, the batch that needs it says so, again and again.
        let dataset = try Dataset.open("images:\(folder.path)", shape)
        let loader = Loader(
            dataset, split: .train, batch: 1, shuffled: false, augmented: false, dropsLast: false, threads: 2)
        #expect(try loader.nextBatch().labels == [0])
        for _ in 0..<2 {
            let found = message { _ = try loader.nextBatch() } ?? "nothing"
            #expect(found.contains("train/a/2.png does not decode"), "\(found)")
            #expect(loader.position == LoaderPosition(epoch: 0, sample: 1))
        }
    }

    @Test("a JPEG without its end decodes as far as it goes, and it is said")
    func cut() throws {
        let jpeg = jpegFile(height: 6, width: 8, channels: 3, colour)
        let folder = try write([
            "train/a/1.jpg": jpeg, "train/a/2.jpg": Array(jpeg.dropLast(2)), "test/a/1.jpg": jpeg,
        ])
        let dataset = try Dataset.open("images:\(folder.path)", shape)
        #expect(dataset.notes.contains { $0.hasPrefix("1 JPEG without an end") && $0.contains("2.jpg") })
        let values = try dataset.all(.train).values
        #expect(values[..<144] == values[144...])
    }

    @Test("what libpng warns of is no error, and 16 bits are divided by 257")
    func depths() throws {
        // A colour profile that libpng takes for damaged.
        let chunk = Array("iCCPx\0\0garbage".utf8)
        let warned = pngFile(height: 6, width: 8, channels: 3, colour, extra: chunk)
        let numbers = grey.map { value in Int(value) << 8 | (255 - Int(value)) }
        let bytes = numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        let wide = pngFile(height: 6, width: 8, channels: 1, bytes, bits: 16)
        let folder = try write(["train/a/1.png": warned, "train/a/2.png": wide, "test/a/1.png": warned])
        let values = try Dataset.open("images:\(folder.path)", shape).all(.train).values
        #expect(values[..<144].elementsEqual(colour.map(Float.init)))
        for (place, number) in numbers.enumerated() {
            let found = Double(values[144 + 3 * place])
            #expect(abs(found - Double(number) / 257) <= 0.51, "\(number)")
        }
    }

    @Test("what is transparent fades to black")
    func alpha() throws {
        let alphas: [UInt8] = (0..<48).map { UInt8($0 * 5) }
        var pixels: [UInt8] = []
        for alpha in alphas { pixels += [200, 100, 50, alpha] }
        let faded = pngFile(height: 6, width: 8, channels: 4, pixels)
        let folder = try write(["train/a/1.png": faded, "test/a/1.png": faded])
        let values = try Dataset.open("images:\(folder.path)", shape).all(.train).values
        for (pixel, alpha) in alphas.enumerated() {
            for (channel, full) in [200.0, 100, 50].enumerated() {
                let right = full * Double(alpha) / 255
                #expect(abs(Double(values[3 * pixel + channel]) - right) <= 0.51)
            }
        }
    }

    @Test("a JPEG is turned as its Exif orientation says", arguments: 1...8, [true, false])
    func orientation(_ orientation: Int, isLittle: Bool) throws {
        // Each quarter has a brightness of its own: top left, top right, bottom left, bottom right.
        let quarters: [UInt8] = [20, 90, 160, 230]
        let values = (0..<1024).map { (place: Int) -> UInt8 in
            let (row, column) = (place / 32, place % 32)
            return quarters[row / 16 * 2 + column / 16]
        }
        let plain = jpegFile(height: 32, width: 32, channels: 1, values)
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let digits: [UInt8] = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isLittle ? digits : digits.reversed()
        }
        var tiff = Array((isLittle ? "II" : "MM").utf8)
        // A directory of one entry: the orientation, one number of two bytes.
        let fields: [(Int, Int)] = [
            (42, 2), (8, 4), (1, 2), (0x0112, 2), (3, 2), (1, 4), (orientation, 2), (0, 2), (0, 4),
        ]
        for (value, count) in fields {
            tiff += number(value, count)
        }
        let exif = Array("Exif\0\0".utf8) + tiff
        var file = plain
        file.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: 2)
        let folder = try write(["train/a/1.jpg": file, "test/a/1.jpg": file])
        let map = Shape.map(channels: 1, height: 32, width: 32)
        let shown = try Dataset.open("images:\(folder.path)", map).all(.train).values
        let corners: [Int] = [264, 280, 776, 792]
        let found = corners.map { (place: Int) -> Int? in
            quarters.firstIndex { abs(Float($0) - shown[place]) < 20 }
        }
        // What stands at the four corners once it is turned, as Exif 2.3 draws it.
        let right = [
            [0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [2, 3, 0, 1], [0, 2, 1, 3], [2, 0, 3, 1], [3, 1, 2, 0],
            [1, 3, 0, 2],
        ]
        #expect(found == right[orientation - 1].map(Optional.some))
    }

    @Test("images of four inks become red, green and blue")
    func inks() throws {
        let inks: [UInt8] = [30, 200, 120, 60]
        // Adobe's programs store how much light is let through.
        let file = inkFile(height: 16, width: 16, inks.map { 255 - $0 })
        let folder = try write(["train/a/1.jpg": file, "test/a/1.jpg": file])
        let map = Shape.map(channels: 3, height: 16, width: 16)
        let values = try Dataset.open("images:\(folder.path)", map).all(.train).values
        for channel in 0..<3 {
            let right = Double(255 - inks[channel]) * Double(255 - inks[3]) / 255
            #expect(abs(Double(values[channel]) - right) < 8, "\(values[channel]) is not \(right)")
        }
    }

    @Test("images in folders of a class's folder belong to it, and an empty class is named")
    func nested() throws {
        let png = pngFile(height: 6, width: 8, channels: 3, colour)
        let folder = try write([
            "train/a/2020/may/1.png": png, "train/a/2.png": png, "train/b/notes.txt": [1],
            "test/a/1.png": png,
        ])
        let dataset = try Dataset.open("images:\(folder.path)", shape)
        #expect(dataset.count(.train) == 2 && dataset.classNames == ["a", "b"])
        #expect(dataset.notes.contains { $0.hasPrefix("no images of a class") && $0.contains("train/b") })
    }

    @Test("a folder of another form says which one is needed")
    func wrong() throws {
        let png = pngFile(height: 6, width: 8, channels: 3, colour)
        func found(_ files: [String: [UInt8]]) throws -> String {
            let folder = try write(files)
            return message { _ = try Dataset.open("images:\(folder.path)", shape) } ?? "nothing"
        }
        #expect(try found([:]).contains("train/cat/1.png"))
        #expect(try found(["train/1.txt": [1]]).contains("a folder for each class"))
        #expect(try found(["cat/1.png": png]).contains("a folder for each class in train"))
        #expect(try found(["train/cat/1.txt": [1]]).contains(".png, .jpg or .jpeg"))
        #expect(try found(["train/cat/1.png": png]).contains("validation=0.1"))
        #expect(
            try found(["train/cat/1.png": png, "test/cats/1.png": png]).contains(
                "a class 'cats' that train does not have; did you mean 'cat'?"))
    }
}
