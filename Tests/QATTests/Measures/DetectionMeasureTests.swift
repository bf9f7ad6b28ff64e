import Datasets
import Foundation
import QAT
import TestSupport
import TestTraits
import Testing

/// Average precision against the numbers of pycocotools, which `Benchmarks/coco_reference.py` writes.
@Suite("Average precision", .limited)
struct DetectionMeasureTests {
    @Test("forty random sets give the recorded numbers of pycocotools")
    func recorded() throws {
        let text = try Fixtures.text("Tests/Fixtures/COCO/detections.json")
        let sets = try DetectionSet.read(Data(text.utf8))
        #expect(sets.count == 40)
        for (index, set) in sets.enumerated() { set.expectAgreement("set \(index)") }
    }

    @Test(
        "a thousand random sets, and real annotations with moved boxes, give what pycocotools says now",
        .enabled(
            if: Python.has("pycocotools", "numpy"),
            Comment(rawValue: Python.absence(of: "pycocotools", "numpy"))),
        arguments: RealData.has("bccd") && RealData.has("coco128")
            ? [["random", "--sets", "1000", "--seed", "2"], ["real", "--data", RealData.folder]]
            : [["random", "--sets", "1000", "--seed", "2"]])
    func live(arguments: [String]) throws {
        let script = Fixtures.root.appending(path: "Benchmarks/coco_reference.py").path(percentEncoded: false)
        let text = try Python.run([script] + arguments)
        for (index, set) in try DetectionSet.read(Data(text.utf8)).enumerated() {
            set.expectAgreement("\(arguments[0]) \(index)")
        }
    }

    @Test("boxes that are all there have a precision of 1 at every overlap, and nothing found has 0")
    func extremes() throws {
        let truth = [
            ObjectBox(left: 10, top: 20, right: 50, bottom: 80, label: 0),
            ObjectBox(left: 0, top: 0, right: 200, bottom: 100, label: 1),
        ]
        var perfect = DetectionMeasure(classes: 3)
        perfect.add(truth.map { DetectedBox($0, score: 0.5) }, truth: truth)
        let result = perfect.result()
        let map = try #require(result.map)
        #expect(abs(map - 1) < 1e-12)
        #expect(result.mapSmall == nil && result.classes[2].ap == nil && result.classes[2].recall == nil)
        #expect(result.classes[0].best?.recall == 1 && result.classes[0].curve.count == 101)

        var blind = DetectionMeasure(classes: 3)
        blind.add([], truth: truth)
        #expect(blind.result().map == 0 && blind.result().recall100 == 0)
        #expect(blind.result().classes.map(\.recall) == [0, 0, nil])
    }

    @Test("a picture without objects counts what is found in it as wrong")
    func empty() throws {
        let truth = [ObjectBox(left: 0, top: 0, right: 10, bottom: 10, label: 0)]
        var measure = DetectionMeasure(classes: 1)
        measure.add([DetectedBox(truth[0], score: 0.9)], truth: [])
        measure.add([DetectedBox(truth[0], score: 0.8)], truth: truth)
        let map50 = try #require(measure.result().map50)
        #expect(abs(map50 - 0.5) < 1e-12)
        #expect(measure.result().classes[0].precision == 0.5)
        #expect(DetectionMeasure(classes: 1).result().map == nil)
    }

    @Test("the area of a detection is counted in pixels of the stored picture")
    func areas() throws {
        // 20 x 20 pixels of the input are 40 x 40 of the stored picture: of medium size.
        let truth = [ObjectBox(left: 0, top: 0, right: 20, bottom: 20, label: 0)]
        var measure = DetectionMeasure(classes: 1)
        measure.add([DetectedBox(truth[0], score: 0.9)], truth: truth, areaScale: 4)
        let result = measure.result()
        #expect(result.mapSmall == nil)
        #expect(try abs(#require(result.mapMedium) - 1) < 1e-12)
    }

    @Test("a detection whose score is no number does not count")
    func scoreOfNoNumber() throws {
        let truth = [ObjectBox(left: 0, top: 0, right: 10, bottom: 10, label: 0)]
        var measure = DetectionMeasure(classes: 1)
        measure.add(
            [DetectedBox(truth[0], score: .nan), DetectedBox(truth[0], score: 0.5)], truth: truth)
        #expect(try abs(#require(measure.result().map) - 1) < 1e-12)
    }
}

extension DetectedBox {
    fileprivate init(_ box: ObjectBox, score: Float) {
        self.init(
            left: box.left, top: box.top, right: box.right, bottom: box.bottom, label: box.label, score: score
        )
    }
}

/// Pictures with boxes, and the numbers that pycocotools has of them.
private struct DetectionSet: Decodable {
    let classes: Int
    let pictures: [Picture]
    let map, map50, map75, mapSmall, mapMedium, mapLarge, recall100: Double?
    let byClass: [Row]

    struct Row: Decodable {
        let ap, ap50, ap75, apSmall, apMedium, apLarge, recall100, largestRecall, recall, precision,
            voc50: Double?
        let curve: [Double]
    }

    struct Picture: Decodable {
        let found: [DetectedBox]
        let truth: [ObjectBox]
        let scale: Double

        private enum Key: CodingKey { case found, truth, scale }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            scale = try members.decode(Double.self, forKey: .scale)
            found = try members.decode([[Float]].self, forKey: .found).map {
                DetectedBox(
                    left: $0[0], top: $0[1], right: $0[2], bottom: $0[3], label: Int32($0[4]), score: $0[5])
            }
            var boxes = try members.nestedUnkeyedContainer(forKey: .truth)
            var truth: [ObjectBox] = []
            while !boxes.isAtEnd {
                var box = try boxes.nestedUnkeyedContainer()
                let sides = try (0..<4).map { _ in try box.decode(Float.self) }
                truth.append(
                    ObjectBox(
                        left: sides[0], top: sides[1], right: sides[2], bottom: sides[3],
                        label: try box.decode(Int32.self), isIgnored: try box.decode(Bool.self),
                        isCrowd: try box.decode(Bool.self), area: try box.decode(Float?.self)))
            }
            self.truth = truth
        }
    }

    static func read(_ data: Data) throws -> [DetectionSet] {
        try JSONDecoder().decode([DetectionSet].self, from: data)
    }

    /// Fails where a number differs by more than 1e-6.
    func expectAgreement(_ name: String) {
        var measure = DetectionMeasure(classes: classes)
        for picture in pictures {
            measure.add(picture.found, truth: picture.truth, areaScale: picture.scale)
        }
        let result = measure.result()
        expect(
            [
                result.map, result.map50, result.map75, result.mapSmall, result.mapMedium, result.mapLarge,
                result.recall100,
            ], [map, map50, map75, mapSmall, mapMedium, mapLarge, recall100], name)
        for (label, row) in byClass.enumerated() {
            let found = result.classes[label]
            expect(
                [
                    found.ap, found.ap50, found.ap75, found.apSmall, found.apMedium, found.apLarge,
                    found.recall100, found.largestRecall, found.recall, found.precision, found.voc50,
                ],
                [
                    row.ap, row.ap50, row.ap75, row.apSmall, row.apMedium, row.apLarge, row.recall100,
                    row.largestRecall, row.recall, row.precision, row.voc50,
                ], "\(name), class \(label)")
            expectClose(
                stride(from: 0, to: found.curve.count, by: 10).map { found.curve[$0] }, row.curve,
                within: 1e-6,
                "\(name), curve of class \(label)")
        }
    }

    private func expect(_ found: [Double?], _ wanted: [Double?], _ name: String) {
        for (index, pair) in zip(found, wanted).enumerated() {
            guard let number = pair.0, let expected = pair.1 else {
                #expect(pair.0 == pair.1, "\(name), number \(index)")
                continue
            }
            #expect(abs(number - expected) <= 1e-6, "\(name), number \(index)")
        }
    }
}
