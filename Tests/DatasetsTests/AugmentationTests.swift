import Datasets
import Graph
import TestTraits
import Testing

@Suite("Augmentation", .limited)
struct AugmentationTests {
    private func images(_ options: String, epochs: Int) throws -> [[Float]] {
        let folder = try TestFolder()
        let image = (1...100).map(UInt8.init)
        for part in ["train", "t10k"] {
            try folder.write(idxFile([1, 10, 10], image), to: "\(part)-images-idx3-ubyte")
            try folder.write(idxFile([1], [0]), to: "\(part)-labels-idx1-ubyte")
        }
        let dataset = try Dataset.open(
            "mnist:\(folder.path)\(options)", .map(channels: 1, height: 10, width: 10))
        let loader = Loader(
            dataset, split: .train, batch: 1, seed: 1, shuffled: false, augmented: true, dropsLast: false,
            mean: 0,
            variance: 1)
        return try (0..<epochs).map { _ in try loader.epoch()[0].values }
    }

    @Test("flip shows an image and its mirror image, each about half of the time")
    func flip() throws {
        let plain = (1...100).map(Float.init)
        let mirrored = (0..<10).flatMap { plain[10 * $0..<10 * $0 + 10].reversed() }
        let found = try images(",augment=flip", epochs: 100)
        #expect(Set(found) == [plain, mirrored])
        #expect((30...70).contains(found.count { $0 == plain }))
    }

    @Test("crop moves by up to four pixels each way and fills with zeros")
    func crop() throws {
        let expected = Set(
            (-4...4).flatMap { down in
                (-4...4).map { right in
                    (0..<100).map { place in
                        let (row, column) = (place / 10 + down, place % 10 + right)
                        let isInside = (0..<10).contains(row) && (0..<10).contains(column)
                        return isInside ? Float(row * 10 + column + 1) : 0
                    }
                }
            })
        let found = Set(try images(",augment=crop", epochs: 400))
        #expect(found.isSubset(of: expected))
        #expect(found.count > 70)
    }

    @Test("without the option nothing changes")
    func none() throws {
        #expect(Set(try images("", epochs: 5)) == [(1...100).map(Float.init)])
    }

    @Test("vflip shows an image and the same upside down")
    func verticalFlip() throws {
        let plain = (1...100).map(Float.init)
        let turned = (0..<10).reversed().flatMap { plain[10 * $0..<10 * $0 + 10] }
        #expect(Set(try images(",augment=vflip", epochs: 40)) == [plain, turned])
    }

    @Test("cutout hides a rectangle of up to half of each side in every second image")
    func cutout() throws {
        let found = try images(",augment=cutout", epochs: 200)
        let plain = (1...100).map(Float.init)
        #expect((60...140).contains(found.count { $0 == plain }))
        for image in found {
            let hidden = image.indices.filter { image[$0] != plain[$0] }
            #expect(hidden.allSatisfy { image[$0] == 114 })
            #expect(hidden.count <= 25)
            let (rows, columns) = (Set(hidden.map { $0 / 10 }), Set(hidden.map { $0 % 10 }))
            #expect(hidden.count == rows.count * columns.count)
        }
    }

    @Test("noise and blur change every second and every fourth image a little")
    func noiseAndBlur() throws {
        let plain = (1...100).map(Float.init)
        for (word, most) in [("noise", 140), ("blur", 80)] {
            let found = try images(",augment=\(word)", epochs: 200)
            let changed = found.filter { $0 != plain }
            #expect((20...most).contains(changed.count), "\(word): \(changed.count)")
            for image in changed {
                #expect(zip(image, plain).allSatisfy { abs($0 - $1) <= 48 })
                let mean = image.reduce(0, +) / 100
                #expect(abs(mean - 50.5) < 6, "\(word): \(mean)")
            }
            #expect(Set(changed).count > (word == "noise" ? 50 : 1))
        }
    }

    @Test("grey takes the colours from every fifth image")
    func grey() throws {
        let dataset = try Dataset.open(
            "glyphs,limit=100,augment=grey", .map(channels: 3, height: 8, width: 8))
        let loader = Loader(
            dataset, split: .train, batch: 100, seed: 1, shuffled: false, augmented: true, dropsLast: false)
        let values = try loader.nextBatch().values
        let grey = (0..<100).count { image in
            (0..<64).allSatisfy { pixel in
                let place = image * 192 + pixel * 3
                return values[place] == values[place + 1] && values[place] == values[place + 2]
            }
        }
        #expect((8...35).contains(grey), "\(grey)")
    }

    @Test(
        "time and frequency masks set spans of sequences to the mean",
        arguments: ["time-mask", "frequency-mask"])
    func sequences(word: String) throws {
        let shape = Shape.sequence(length: 32, features: 24)
        func values(_ options: String) throws -> [Float] {
            let set = try Dataset.open("tones,limit=50\(options)", shape)
            let loader = Loader(
                set, split: .train, batch: 50, seed: 1, shuffled: false, augmented: true, dropsLast: false,
                mean: 100.5, variance: 50)
            return try loader.nextBatch().values
        }
        let (plain, masked) = (try values(""), try values(",augment=\(word)"))
        let changed = plain.indices.filter { plain[$0] != masked[$0] }
        #expect(changed.allSatisfy { masked[$0] == 0 })
        var touched = 0
        for sample in 0..<50 {
            let inside = changed.filter { $0 / 768 == sample }.map { $0 % 768 }
            let rows = Set(inside.map { $0 / 24 })
            let columns = Set(inside.map { $0 % 24 })
            #expect(inside.count == rows.count * columns.count)
            #expect(word == "time-mask" ? rows.count <= 8 : columns.count <= 6)
            if !inside.isEmpty { touched += 1 }
        }
        #expect(touched > 30)
        let map = Shape.map(channels: 1, height: 8, width: 8)
        #expect(
            message { _ = try Dataset.open("glyphs,augment=\(word)", map) }?.contains("only sequences")
                == true)
    }
}
