import Datasets
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

/// Losses of boxes, their gradients and what is read, against PyTorch: `Benchmarks/detection_reference.py` writes the numbers.
@Suite("Boxes against PyTorch", .limited)
struct DetectionReferenceTests {
    @Test("losses and gradients are PyTorch's, batch by batch", arguments: DetectionSample.all)
    func losses(_ sample: DetectionSample) throws {
        for fixture in try Self.fixtures(of: sample) {
            let outputs = try Self.outputs(of: fixture, sample)
            let loss = try sample.loss(smoothing: Float(try fixture.setting("smoothing")))
            let parts = loss.evaluate(outputs.values(), boxes: try Self.objects(of: fixture))
            expectClose(
                [parts.box, parts.objectness, parts.classes], try fixture.values("losses"), within: 1e-5,
                "\(fixture): losses")
            for (name, gradient) in outputs.gradients {
                let wanted = try fixture.values("gradient.\(name)")
                let largest = wanted.reduce(0) { max($0, abs($1)) }
                let worst = zip(gradient, wanted).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
                #expect(worst <= 1e-4 * largest, "\(fixture): gradient of \(name)")
            }
        }
    }

    @Test("boxes that are read are PyTorch's", arguments: DetectionSample.all)
    func boxes(_ sample: DetectionSample) throws {
        let decoder = try sample.decoder()
        for fixture in try Self.fixtures(of: sample) {
            let outputs = try Self.outputs(of: fixture, sample)
            let rows = (0..<2).flatMap { index in
                decoder.boxes(outputs.values(), sample: index, limit: 8).map { box in
                    [Float(index), box.left, box.top, box.right, box.bottom, Float(box.label), box.score]
                }
            }
            expectClose(
                rows.joined().map(Double.init), try fixture.values("found"), within: 1e-4, "\(fixture): boxes"
            )
        }
    }

    private static func fixtures(of sample: DetectionSample) throws -> [PyTorchFixture] {
        let all = try PyTorchFixture.cases("detection").filter { $0.name.hasPrefix("\(sample): ") }
        try #require(!all.isEmpty)
        return all
    }

    private static func outputs(
        of fixture: PyTorchFixture, _ sample: DetectionSample
    ) throws -> DetectionOutputs {
        let outputs = DetectionOutputs(sample, samples: 2)
        var generator = SeededGenerator(seed: UInt64(try fixture.count("seed")))
        for name in sample.outputs.keys.sorted() {
            guard let buffer = outputs.numbers[name] else { continue }
            for index in buffer.indices {
                buffer[index] = Float(generator.next() >> 40) / Float(1 << 22) - 2
            }
        }
        return outputs
    }

    private static func objects(of fixture: PyTorchFixture) throws -> [[ObjectBox]] {
        let table = try fixture.tensor("objects")
        var objects: [[ObjectBox]] = [[], []]
        for row in 0..<table.shape[0] {
            let values = table.values[row * 7..<(row + 1) * 7].map(Float.init)
            objects[Int(values[0])].append(
                ObjectBox(
                    left: values[1], top: values[2], right: values[3], bottom: values[4],
                    label: Int32(values[5]), isIgnored: values[6] != 0))
        }
        return objects
    }
}
