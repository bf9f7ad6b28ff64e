import Foundation
import Graph
import TestTraits
import Testing

@testable import Datasets

@Suite("Generated sets", .limited)
struct GeneratedTests {
    let shape = Shape.map(channels: 3, height: 32, width: 32)

    /// A sum that does not depend on how a machine adds.
    private func sum(_ values: [Float]) -> UInt64 {
        checksum(values.map { UInt8($0) })
    }

    @Test("every machine draws the same images and sequences")
    func sameEverywhere() throws {
        #expect(sum(try Dataset.open("glyphs,limit=50", shape).all(.train).values) == 0x1DBA2877)
        let tones = try Dataset.open("tones,limit=50", .sequence(length: 40, features: 20))
        #expect(sum(try tones.all(.train).values) == 0xAE3A401F)
    }

    @Test("classes take turns, splits and seeds differ")
    func classes() throws {
        for name in ["glyphs,size=32x32", "tones"] {
            let shape = Shape.map(channels: 1, height: 32, width: 32)
            let dataset = try Dataset.open("\(name),limit=40", shape)
            #expect(dataset.classes == 10 && Set(dataset.classNames).count == 10)
            let train = try dataset.all(.train)
            #expect(train.labels == (0..<40).map { $0 % 10 })
            let samples = (0..<40).map { train.values[$0 * 1024..<$0 * 1024 + 1024] }
            #expect(Set(samples).count == 40)
            #expect(try dataset.all(.test).values.prefix(1024) != train.values.prefix(1024))
            let other = try Dataset.open("\(name),limit=40", shape, seed: 1)
            #expect(try other.all(.train).values != train.values)
        }
    }

    @Test("any size can be drawn", arguments: [(1, 1), (1, 9), (7, 3), (16, 16), (33, 50), (300, 200)])
    func sizes(height: Int, width: Int) throws {
        for channels in [1, 2, 3] {
            let shape = Shape.map(channels: channels, height: height, width: width)
            #expect(try Dataset.open("glyphs,limit=10", shape).all(.train).labels.count == 10)
        }
        let sequence = Shape.sequence(length: height, features: width)
        #expect(try Dataset.open("tones,limit=10", sequence).all(.train).labels.count == 10)
    }

    @Test("a size of its own is drawn, then resized to the network's")
    func ownSize() throws {
        #expect(
            try Dataset.open("glyphs,limit=10,size=28x28", shape).notes == ["resized from 28x28 to 32x32"])
        #expect(try Dataset.open("glyphs,limit=10,channels=1", shape).notes == ["grey copied to 3 channels"])
        #expect(try Dataset.open("glyphs,limit=10,size=8x8", .vector(64)).count(.train) == 10)
        #expect(message { _ = try Dataset.open("glyphs", .vector(64)) }?.contains("size=HxW") == true)
        #expect(message { _ = try Dataset.open("glyphs,channels=2", shape) }?.contains("1 or 3") == true)
    }

    @Test("scenes have one to six objects with boxes of the task's classes, the same each time")
    func scenes() throws {
        let names = GlyphShape.allCases.map(\.name)
        let shape = Shape.map(channels: 3, height: 48, width: 64)
        func open(_ classes: [String], seed: UInt64 = 0) throws -> Dataset {
            try Dataset.open(
                DataSpec("scenes,limit=60"), shape: shape, task: petTask(classes: classes), seed: seed)
        }
        let set = try open(names)
        #expect(set.holdsBoxes && Split.allCases.map(set.count) == [60, 0, 500])
        let (pixels, answers) = (try set.all(.train), try set.answers(.train))
        for answer in answers {
            #expect((1...6).contains(answer.boxes.count))
            for box in answer.boxes {
                #expect(box.left >= 0 && box.top >= 0 && box.right <= 64 && box.bottom <= 48)
                #expect(box.width >= 3 && box.height >= 3)
            }
        }
        #expect(Set(answers.flatMap(\.boxes).map(\.label)).count == 10)
        #expect(Set(answers.map(\.boxes.count)).count > 3)
        #expect(sum(pixels.values) == 0x0521_2BB0)
        #expect(try open(names, seed: 1).all(.train).values != pixels.values)
        #expect(try set.all(.test).values.prefix(9216) != pixels.values.prefix(9216))
        // What is not asked for is drawn all the same.
        let some = try open(["ring", "5"])
        #expect(try some.all(.train).values == pixels.values)
        let rings = try some.answers(.train).flatMap(\.boxes)
        #expect(rings.count { $0.label == 0 } == answers.flatMap(\.boxes).count { $0.label == 1 })
        // A task that names no glyph has all of them, its classes in turn.
        let pets = try open(["cat", "dog"])
        #expect(pets.notes.contains("glyphs stand for the classes of the task, in turn: disc for cat"))
        #expect(
            try pets.answers(.train).map { $0.boxes.map(\.label) }
                == answers.map { $0.boxes.map { $0.label % 2 } })
        #expect(try !Dataset.open("scenes", shape).isLabelled)
        #expect(
            message { _ = try Dataset.open("scenes", .vector(3)) }?.contains("scenes are pictures") == true)
        for size in [(1, 1), (3, 70), (240, 20)] {
            let odd = Shape.map(channels: 1, height: size.0, width: size.1)
            #expect(
                try Dataset.open(DataSpec("scenes,limit=20"), shape: odd, task: petTask(classes: names))
                    .answers(.train).count == 20)
        }
    }

    @Test("texts are word numbers with zeros behind them, and a few words tell the class")
    func words() throws {
        let set = try Dataset.open("words,limit=200", .vector(32))
        #expect(set.classNames == ["plain", "marked"] && Split.allCases.map(set.count) == [200, 0, 1000])
        let train = try set.all(.train)
        #expect(train.labels == (0..<200).map { $0 % 2 })
        var told = 0
        for index in 0..<200 {
            let text = train.values[index * 32..<index * 32 + 32].map { Int($0) }
            #expect(text.allSatisfy { (0..<64).contains($0) })
            #expect(text.drop { $0 > 0 }.allSatisfy { $0 == 0 })
            let plain = text.count { (1...12).contains($0) }
            let marked = text.count { (13...24).contains($0) }
            if (plain > marked) == (index % 2 == 0) { told += 1 }
        }
        #expect(told > 190)
        #expect(try Dataset.open("words,limit=200", .vector(32), seed: 1).all(.train).values != train.values)
        #expect(message { _ = try Dataset.open("words", shape) }?.contains("words are vectors") == true)
    }

    @Test("each network has the generated set that it can learn")
    func fitting() throws {
        let picture = try Network(inputs: [Input("image", shape)], nodes: [])
        #expect(DataSpec.generated(for: picture) == .glyphs)
        let detector = try picture.applying(.setTask(petTask(classes: ["cat"])))
        #expect(DataSpec.generated(for: detector) == .scenes)
        let sequence = try Network(
            inputs: [Input("sound", .sequence(length: 8, features: 4))], nodes: [])
        #expect(DataSpec.generated(for: sequence) == .tones)
        var embedding = Embedding()
        for (size, expected) in [(64, DataSpec.words), (63, .glyphs)] {
            embedding.vocabularySize = size
            let text = try Network(
                inputs: [Input("words", .vector(32))],
                nodes: [Node("embedding", .embedding(embedding), inputs: ["words"])])
            #expect(DataSpec.generated(for: text) == expected)
        }
    }
}
