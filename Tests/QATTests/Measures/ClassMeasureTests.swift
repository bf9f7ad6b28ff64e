import Datasets
import Graph
import QAT
import TestTraits
import Testing

/// Confusion matrices, and what is measured of classes, masks and numbers.
@Suite("Measures of classes, masks and numbers", .limited)
struct ClassMeasureTests {
    @Test("recall, precision and F1 by class follow from the counts")
    func confusion() {
        var matrix = ConfusionMatrix(classes: 3)
        matrix.add(truth: 0, answer: 0, count: 6)
        matrix.add(truth: 0, answer: 1, count: 2)
        matrix.add(truth: 1, answer: 1, count: 4)
        #expect(matrix[0, 1] == 2 && matrix.samples(of: 0) == 8 && matrix.answers(of: 1) == 6)
        #expect(matrix.recall(of: 0) == 0.75 && matrix.precision(of: 0) == 1)
        #expect(matrix.f1(of: 1) == 0.8 && matrix.intersectionOverUnion(of: 1) == 4.0 / 6)
        // A class without samples and answers says nothing.
        #expect(matrix.recall(of: 2) == nil && matrix.precision(of: 2) == nil && matrix.f1(of: 2) == nil)
        #expect(matrix.macroF1 == (12.0 / 14 + 0.8) / 2)
        #expect(matrix.accuracy == 10.0 / 12)
        #expect(ConfusionMatrix(classes: 2).accuracy == nil)
    }

    @Test("many classes are counted as few are")
    func manyClasses() {
        var matrix = ConfusionMatrix(classes: 100_000)
        matrix.add(truth: 99_999, answer: 7)
        matrix.add(truth: 99_999, answer: 99_999)
        #expect(matrix[99_999, 7] == 1 && matrix[7, 7] == 0 && matrix.recall(of: 99_999) == 0.5)
        #expect(matrix.precision(of: 7) == 0 && matrix.accuracy == 0.5)
    }

    @Test("a sample is right where its class has the largest score, and nearly so among the five largest")
    func topFive() {
        var measure = ClassificationMeasure(classes: 7)
        let scores: [Float] = [0, 1, 2, 3, 4, 5, 5]
        scores.withUnsafeBufferPointer { scores in
            for label in scores.indices { measure.add(scores, label: label) }
        }
        // Of equal scores the first one is the answer.
        #expect(measure.confusion.answers(of: 5) == 7)
        #expect(measure.top1 == 1.0 / 7 && measure.top5 == 5.0 / 7)
    }

    @Test("boxes are counted by class, missed ones and those of nothing as background")
    func boxes() {
        func box(_ x: Float, _ label: Int32, _ score: Float) -> DetectedBox {
            DetectedBox(left: x, top: 0, right: x + 10, bottom: 10, label: label, score: score)
        }
        func object(_ x: Float, _ label: Int32, isIgnored: Bool = false) -> ObjectBox {
            ObjectBox(left: x, top: 0, right: x + 10, bottom: 10, label: label, isIgnored: isIgnored)
        }
        var matrix = ConfusionMatrix(classes: 2, hasBackground: true)
        matrix.add(
            [
                box(1, 0, 0.9), box(0, 0, 0.5),  // the second one overlaps more
                box(100, 1, 0.8),  // of another class
                box(200, 1, 0.2),  // not sure enough
                box(300, 0, 0.9),  // what does not count
                box(400, 1, 0.9),  // nothing there
            ],
            truth: [object(0, 0), object(100, 0), object(200, 1), object(300, 0, isIgnored: true)])
        #expect(matrix.size == 3)
        #expect(matrix.counts == [[1, 1, 0], [0, 0, 1], [1, 1, 0]])
    }

    @Test("masks of another size than the output are judged by the pixel")
    func segmentation() throws {
        var measure = SegmentationMeasure(classes: 2)
        let map = SegmentationLoss.Map(height: 1, width: 2, channels: 2, maskHeight: 2, maskWidth: 4)
        let output: [Float] = [1, 0, 0, 1]
        output.withUnsafeBufferPointer {
            measure.add($0, map: map, mask: [0, 0, 1, 1, 0, 1, 1, 255])
        }
        #expect(measure.confusion.counts == [[3, 0], [1, 3]])
        #expect(measure.accuracy == 6.0 / 7 && measure.meanIntersectionOverUnion == 0.75)
    }

    @Test("one channel answers the second class where it is above 0")
    func oneChannel() {
        var measure = SegmentationMeasure(classes: 2)
        let map = SegmentationLoss.Map(height: 1, width: 2, channels: 1, maskHeight: 1, maskWidth: 2)
        let output: [Float] = [0.5, -0.5]
        output.withUnsafeBufferPointer { measure.add($0, map: map, mask: [1, 1]) }
        #expect(measure.confusion.counts == [[0, 0], [1, 1]])
    }

    @Test("errors of numbers are meant by number and over all")
    func regression() {
        var measure = RegressionMeasure(outputs: 2)
        #expect(measure.meanAbsoluteError == nil && measure.rootMeanSquareError == nil)
        for values: [Float] in [[1, 0], [3, 4]] {
            values.withUnsafeBufferPointer { measure.add($0, wanted: [0, 0]) }
        }
        #expect(measure.absoluteErrors == [2, 2] && measure.meanAbsoluteError == 2)
        #expect(measure.squareErrors == [(5.0).squareRoot(), (8.0).squareRoot()])
        #expect(measure.rootMeanSquareError == (6.5).squareRoot())
    }
}
