import Datasets
import Graph
import Testing

@Suite("Images")
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
            "train/dog/notes.txt": [1], "train/.hidden/1.png": [1], "test/dog/1.png": [1],
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

    @Test("one error names the image that does not decode, when its batch is taken, again and again")
    func damaged() throws {
        let png = pngFile(height: 6, width: 8, channels: 3, colour)
        let jpeg = jpegFile(height: 6, width: 8, channels: 3, colour)
        var huge = png
        huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        for bytes in [[], [1, 2, 3], Array(png.prefix(60)), Array(jpeg.dropLast(40)), huge] {
            let folder = try write(["train/a/1.png": png, "train/a/2.png": bytes, "test/a/1.png": png])
            let dataset = try Dataset.open("images:\(folder.path)", shape)
            let loader = Loader(
                dataset, split: .train, batch: 1, shuffled: false, augmented: false, dropsLast: false,
                threads: 2)
            #expect(try loader.nextBatch().labels == [0])
            for _ in 0..<2 {
                let found = message { _ = try loader.nextBatch() } ?? "nothing"
                #expect(found.contains("train/a/2.png does not decode"), "\(found)")
                #expect(loader.position == Position(epoch: 0, sample: 1))
            }
        }
    }

    @Test("a folder of another form says which one is needed")
    func wrong() throws {
        func found(_ files: [String: [UInt8]]) throws -> String {
            let folder = try write(files)
            return message { _ = try Dataset.open("images:\(folder.path)", shape) } ?? "nothing"
        }
        #expect(try found([:]).contains("train/cat/1.png"))
        #expect(try found(["train/1.txt": [1]]).contains("a folder for each class"))
        #expect(try found(["cat/1.png": [1]]).contains("a folder for each class in train"))
        #expect(try found(["train/cat/1.txt": [1]]).contains(".png, .jpg or .jpeg"))
        #expect(try found(["train/cat/1.png": [1]]).contains("validation=0.1"))
        #expect(
            try found(["train/cat/1.png": [1], "test/cats/1.png": [1]]).contains(
                "a class 'cats' that train does not have; did you mean 'cat'?"))
    }
}
