import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Losses and their gradients against PyTorch's.
@Suite("Losses against PyTorch", .limited)
struct LossTests {
    @Test("labelled losses and their gradients")
    func labelled() throws {
        let losses = [
            ("cross-entropy", Loss.crossEntropy), ("binary cross-entropy of a class", .binaryCrossEntropy),
            ("mean squared error of a class", .squaredError),
        ]
        let fixtures = try Self.fixtures()
        for (name, loss) in losses {
            let fixture = try #require(fixtures[name])
            let batch = try Batch(fixture)
            let target = try fixture.tensor("target")
            let labels =
                target.shape.count == 1 ? target.values.map { Int32($0) } : batch.hottest(target.values)
            let value = labels.withUnsafeBufferPointer { labels in
                loss.evaluate(
                    batch.scores, labels: labels, count: batch.count, classes: batch.classes,
                    gradient: batch.gradient)
            }
            try batch.expect(value.sum / Double(batch.count), as: fixture)
            let answers = batch.hottest(try fixture.values("input"))
            #expect(value.right == zip(answers, labels).count { $0 == $1 })
        }
    }

    @Test("distances from a teacher and their gradients")
    func distances() throws {
        let fixtures = try Self.fixtures()
        for (name, isVector) in [("distillation at temperature 2", true), ("mean squared error", false)] {
            let fixture = try #require(fixtures[name])
            let batch = try Batch(fixture)
            let teacher = Batch.buffer(try fixture.values("target").map(Float.init))
            defer { teacher.deallocate() }
            let sum = Loss.distance(
                batch.scores, from: teacher, count: batch.count, elements: batch.classes, isVector: isVector,
                gradient: batch.gradient)
            // The squared error is a share of the signal, and stands beside what a vector has of softmax.
            let signal = teacher.reduce(0) { $0 + Double($1) * Double($1) }
            let apart = zip(batch.scores, teacher).map { Double($0) - Double($1) }
            let share = apart.reduce(0) { $0 + $1 * $1 } / signal
            let slopes = apart.map { 2 * $0 / signal }
            guard isVector else {
                let mean = signal / Double(apart.count)
                expectClose([share * mean], try fixture.values("loss"), within: 1e-6, "\(fixture): loss")
                expectClose(
                    batch.gradient.map { Double($0) * mean }, try fixture.values("gradient.input"),
                    within: 1e-6, "\(fixture): gradient")
                continue
            }
            for index in slopes.indices { batch.gradient[index] -= Float(slopes[index]) }
            try batch.expect(sum / Double(batch.count) - share, as: fixture)
        }
    }

    @Test("a result of small numbers counts as much as one of large ones, and one of nothing counts little")
    func share() {
        func distance(_ values: [Float], _ wanted: [Float]) -> Double {
            let (mine, theirs) = (Batch.buffer(values), Batch.buffer(wanted))
            defer {
                mine.deallocate()
                theirs.deallocate()
            }
            return Loss.distance(
                mine, from: theirs, count: 1, elements: values.count, isVector: false, gradient: nil)
        }
        #expect(abs(distance([110, 90], [100, 100]) - distance([0.11, 0.09], [0.1, 0.1])) < 1e-6)
        #expect(abs(distance([110, 90], [100, 100]) - 0.01) < 1e-6)
        #expect(distance([0.001, 0.001], [0, 0]).isFinite)
    }

    @Test("a distribution is at the least distance from itself")
    func itself() throws {
        let fixture = try #require(try Self.fixtures()["distillation at temperature 2"])
        let batch = try Batch(fixture)
        _ = Loss.distance(
            batch.scores, from: batch.scores, count: batch.count, elements: batch.classes, isVector: true,
            gradient: batch.gradient)
        #expect(batch.gradient.allSatisfy { abs($0) < 1e-7 })
    }

    @Test(
        "scores beyond the range of exponentials give finite losses",
        arguments: Loss.allCases.filter { [nil, .classification].contains($0.task) })
    func large(loss: Loss) {
        let scores = Batch.buffer([3e4, -3e4, 0, -3e4, 3e4, 0])
        let gradient = Batch.buffer([Float](repeating: .nan, count: 6))
        defer {
            scores.deallocate()
            gradient.deallocate()
        }
        let value = [Int32(0), 0].withUnsafeBufferPointer {
            loss.evaluate(scores, labels: $0, count: 2, classes: 3, gradient: gradient)
        }
        #expect(value.sum.isFinite && value.right == 1)
        #expect(gradient.allSatisfy { $0.isFinite })
    }

    private static func fixtures() throws -> [String: PyTorchFixture] {
        Dictionary(uniqueKeysWithValues: try PyTorchFixture.cases("losses").map { ($0.name, $0) })
    }
}

/// The scores of a fixture, and room for their gradient.
private final class Batch {
    let count: Int
    let classes: Int
    let scores: UnsafeMutableBufferPointer<Float>
    let gradient: UnsafeMutableBufferPointer<Float>

    init(_ fixture: PyTorchFixture) throws {
        let input = try fixture.tensor("input")
        count = input.shape[0]
        classes = input.shape[1]
        scores = Batch.buffer(input.values.map(Float.init))
        gradient = Batch.buffer([Float](repeating: .nan, count: input.values.count))
    }

    deinit {
        scores.deallocate()
        gradient.deallocate()
    }

    static func buffer(_ values: [Float]) -> UnsafeMutableBufferPointer<Float> {
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        _ = buffer.initialize(from: values)
        return buffer
    }

    /// The place of the largest value of each row.
    func hottest(_ values: [Double]) -> [Int32] {
        (0..<count).map { row in
            let scores = values[row * classes..<(row + 1) * classes]
            return scores.indices.max { scores[$0] < scores[$1] }.map { Int32($0 - scores.startIndex) } ?? 0
        }
    }

    func expect(_ loss: Double, as fixture: PyTorchFixture) throws {
        expectClose([loss], try fixture.values("loss"), within: 1e-6, "\(fixture): loss")
        expectClose(
            gradient.map(Double.init), try fixture.values("gradient.input"), within: 1e-6,
            "\(fixture): gradient")
    }
}
