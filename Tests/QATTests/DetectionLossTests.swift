import Datasets
import Graph
import QAT
import TestTraits
import Testing

/// Losses of boxes; their numbers are compared with PyTorch's in `DetectionReferenceTests`.
@Suite("Losses of boxes", .limited)
struct DetectionLossTests {
    @Test("outputs that follow the gradients find the objects", arguments: DetectionSample.all)
    func descent(_ sample: DetectionSample) throws {
        let loss = try sample.loss()
        let decoder = try sample.decoder()
        let outputs = DetectionOutputs(sample, samples: 2)
        outputs.fill(-0.5...0.5, seed: 1)
        let objects = [
            [ObjectBox(left: 8, top: 12, right: 34, bottom: 32, label: 1)],
            [
                ObjectBox(left: 2, top: 4, right: 14, bottom: 22, label: 0),
                ObjectBox(left: 40, top: 20, right: 70, bottom: 54, label: 2),
            ],
        ]
        let first = loss.evaluate(outputs.values(hasGradients: false), boxes: objects).total
        for _ in 0..<300 {
            _ = loss.evaluate(outputs.values(), boxes: objects)
            outputs.descend(step: 0.02)
        }
        #expect(loss.evaluate(outputs.values(hasGradients: false), boxes: objects).total < first / 2)
        for (index, right) in objects.enumerated() {
            let found = decoder.boxes(outputs.values(), sample: index, threshold: 0.5)
            #expect(Set(found.map(\.label)) == Set(right.map(\.label)))
            for object in right {
                let box = try #require(found.first { $0.label == object.label })
                #expect(abs(box.left - object.left) < 3 && abs(box.right - object.right) < 3)
                #expect(abs(box.top - object.top) < 3 && abs(box.bottom - object.bottom) < 3)
            }
        }
    }

    @Test(
        "a batch without objects has a finite loss that presses scores down", arguments: DetectionSample.all)
    func nothing(_ sample: DetectionSample) throws {
        let outputs = DetectionOutputs(sample, samples: 2)
        outputs.fill(-1...1, seed: 2)
        let loss = try sample.loss()
        let before = loss.evaluate(outputs.values(), boxes: [[], []])
        #expect(before.total > 0 && before.box == 0)
        outputs.descend(step: 0.1)
        #expect(loss.evaluate(outputs.values(), boxes: [[], []]).total < before.total)
    }

    @Test(
        "outputs beyond the range of exponentials give finite losses and gradients",
        arguments: DetectionSample.all)
    func large(_ sample: DetectionSample) throws {
        let loss = try sample.loss()
        let decoder = try sample.decoder()
        for number: Float in [-3e4, 3e4] {
            let outputs = DetectionOutputs(sample, samples: 2)
            outputs.fill(with: number)
            let parts = loss.evaluate(outputs.values(), boxes: sample.objects([3, 0], seed: 3))
            #expect(parts.total.isFinite)
            #expect(outputs.gradients.values.allSatisfy { $0.allSatisfy(\.isFinite) })
            let found = decoder.boxes(outputs.values(), sample: 0)
            #expect(found.allSatisfy { $0.left >= 0 && $0.right <= 80 && $0.top >= 0 && $0.bottom <= 64 })
        }
    }

    @Test(
        "ignored objects are not learned, and cells in them are no negatives", arguments: DetectionSample.all)
    func ignored(_ sample: DetectionSample) throws {
        let loss = try sample.loss()
        let outputs = DetectionOutputs(sample, samples: 1)
        outputs.fill(-1...1, seed: 4)
        let whole = ObjectBox(left: 0, top: 0, right: 80, bottom: 64, label: 1, isIgnored: true)
        let parts = loss.evaluate(outputs.values(), boxes: [[whole]])
        #expect(parts.total == 0)
        #expect(outputs.gradients.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
        let half = ObjectBox(left: 0, top: 0, right: 40, bottom: 64, label: 1, isIgnored: true)
        let some = loss.evaluate(outputs.values(), boxes: [[half]]).total
        #expect(some > 0 && some < loss.evaluate(outputs.values(), boxes: [[]]).total)
    }

    @Test("a head whose channels do not fit is named, with the number that would")
    func channels() throws {
        let sample = DetectionSample.all[1]
        var outputs = sample.outputs
        outputs["p4"] = (18, 4, 5)
        #expect {
            _ = try DetectionLoss(sample.task, input: sample.input, outputs: outputs)
        } throws: { error in
            "\(error)"
                == "head 2 of the task (yolov5) reads 16 channels of 'p4' as layer: 2 anchors x (5 + 3 classes); "
                + "the layer has 18 channels"
        }
        outputs["p4"] = nil
        #expect {
            _ = try DetectionDecoder(sample.task, input: sample.input, outputs: outputs)
        } throws: { error in
            "\(error)"
                == "head 2 of the task (yolov5) reads 'p4' as layer, which is no output of the network; "
                + "outputs are 'p3'"
        }
    }
}
