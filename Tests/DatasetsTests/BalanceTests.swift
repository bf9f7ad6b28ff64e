import Datasets
import Graph
import TestTraits
import Testing

@Suite("Class balance", .limited)
struct BalanceTests {
    let shape = Shape.map(channels: 1, height: 1, width: 1)

    /// Of 200 samples, 160 of class 0, 30 of class 1, 10 of class 3.
    private func open(_ options: String) throws -> Dataset {
        let folder = try TestFolder()
        let labels = (0..<200).map { UInt8($0 < 160 ? 0 : $0 < 190 ? 1 : 3) }
        for part in ["train", "t10k"] {
            try folder.write(idxFile([200, 1, 1], pattern(200, step: 1)), to: "\(part)-images-idx3-ubyte")
            try folder.write(idxFile([200], labels), to: "\(part)-labels-idx1-ubyte")
        }
        return try .open("mnist:\(folder.path)\(options)", shape)
    }

    private func loader(
        _ set: Dataset, split: Split = .train, augmented: Bool = true, seed: UInt64 = 1
    ) -> Loader {
        Loader(
            set, split: split, batch: 50, seed: seed, shuffled: true, augmented: augmented, dropsLast: false,
            mean: 0, variance: 1)
    }

    private func counts(_ labels: [Int32]) -> [Int] { (0..<4).map { label in labels.count { $0 == label } } }

    @Test("balance=yes draws each class as often, in training alone, the same for a seed")
    func draws() throws {
        let set = try open(",balance=yes")
        let training = loader(set)
        var labels: [Int32] = []
        for _ in 0..<6 { labels += try training.epoch().flatMap(\.labels) }
        #expect(labels.count == 1200)
        let found = counts(labels)
        #expect(found[2] == 0)
        for label in [0, 1, 3] { #expect((340...460).contains(found[label]), "\(found)") }
        #expect(try loader(set).epoch() == loader(set).epoch())
        #expect(try loader(set, seed: 2).epoch() != loader(set).epoch())
        #expect(try counts(loader(set, augmented: false).epoch().flatMap(\.labels)) == [160, 30, 0, 10])
        #expect(try counts(loader(set, split: .test).epoch().flatMap(\.labels)) == [160, 30, 0, 10])
    }

    @Test("weights=balanced weighs each class by how rare it is, 1 on average")
    func weights() throws {
        let set = try open(",weights=balanced")
        let training = loader(set)
        var weights: [Int32: Set<Float>] = [:]
        var sum: Float = 0
        for _ in 0..<4 {
            let labels = try training.nextBatch().labels
            for (label, answer) in zip(labels, training.answers) {
                weights[label, default: []].insert(answer.weight)
                sum += answer.weight
            }
        }
        #expect(weights.values.allSatisfy { $0.count == 1 })
        let expected: [Int32: Float] = [0: 200 / 480, 1: 200 / 90, 3: 200 / 30]
        for (label, weight) in expected {
            let found = weights[label]?.first ?? 0
            #expect(abs(found - weight) < 1e-4)
        }
        #expect(abs(sum - 200) < 1e-3)
        #expect(try set.answers(.test).allSatisfy { $0.weight == 1 })
        #expect(try open("").answers(.train).allSatisfy { $0.weight == 1 })
    }

    @Test("pictures count by the rarest class in them")
    func boxes() throws {
        let folder = try TestFolder()
        for index in 0..<20 {
            try folder.write(plainPicture(height: 4, width: 4, UInt8(index)), to: "images/train/\(index).png")
            let text = index == 0 ? "0 0.5 0.5 1 1\n1 0.5 0.5 1 1" : index < 10 ? "0 0.5 0.5 1 1" : ""
            try folder.write(text, to: "labels/train/\(index).txt")
        }
        try folder.write("names: [cat, dog]", to: "set.yaml")
        let set = try Dataset.open(
            DataSpec("yolo:\(folder.path),balance=yes"), shape: .map(channels: 1, height: 4, width: 4),
            task: petTask())
        let training = loader(set)
        var dogs = 0
        for _ in 0..<20 {
            _ = try training.nextBatch()
            dogs += training.answers.count { $0.boxes.contains { $0.label == 1 } }
            _ = try training.nextBatch()
        }
        // Of weights 20 for the one, 2 for nine, 1 for ten: 20 of 48 draws.
        #expect((120...215).contains(dogs), "\(dogs) of 400")
    }

    @Test("what has no classes is not balanced")
    func refused() throws {
        #expect(
            message { _ = try Dataset.open("scenes,balance=yes", .map(channels: 1, height: 9, width: 9)) }?
                .contains("without classes") == true)
        let scenes = message {
            _ = try Dataset.open(
                DataSpec("scenes,weights=balanced"), shape: .map(channels: 1, height: 9, width: 9),
                task: petTask(classes: ["disc"]))
        }
        #expect(scenes?.contains("several classes") == true)
        #expect(message { _ = try DataSpec("glyphs,balance=maybe") }?.contains("yes or no") == true)
        #expect(message { _ = try DataSpec("glyphs,weights=1") }?.contains("balanced or equal") == true)
    }
}
