import Datasets
import Graph
import QAT
import TestTraits
import Testing

/// Reading boxes from outputs.
@Suite("Reading boxes from outputs", .limited)
struct DetectionDecoderTests {
    /// One cell of 8x8 pixels with one anchor of 16x12 pixels and two classes.
    private func single(
        _ head: (AnchorHead) -> DetectionHead, cells: [[Float]], width: Int
    ) throws -> [DetectedBox] {
        let anchors = AnchorHead(layer: HeadPart("p"), anchors: [BoxSize(width: 16, height: 12)])
        let task = DetectionTask(classes: ["a", "b"], heads: [head(anchors)])
        let decoder = try DetectionDecoder(
            task, input: (32, 8 * width), outputs: ["p": (7, 4, width)])
        var numbers = [Float](repeating: -20, count: 4 * width * 7)
        for (index, cell) in cells.enumerated() {
            numbers.replaceSubrange((width + index) * 7..<(width + index + 1) * 7, with: cell)
        }
        return numbers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return [] }
            return decoder.boxes(
                ["p": HeadValues(channels: 7, height: 4, width: width, values: start)], sample: 0)
        }
    }

    @Test("zeros are the middle of the cell and the anchor's own size")
    func zeros() throws {
        for head in [DetectionHead.yolov3, DetectionHead.yolov5] {
            let found = try single(
                head, cells: [[-20, -20, 0, 0, -20, 0, 0], [0, 0, 0, 0, 0, 20, -20]], width: 4)
            let box = try #require(found.first)
            #expect(found.count == 1 && box.label == 0)
            #expect([box.left, box.top, box.right, box.bottom] == [4, 6, 20, 18])
            #expect(abs(box.score - 0.5) < 1e-6)
        }
    }

    @Test("large numbers move the centre by half a cell more in YOLOv5, and sizes grow to four times")
    func large() throws {
        let cell: [Float] = [30, 0, 30, 0, 30, 30, -30]
        let found = try #require(try single(DetectionHead.yolov5, cells: [cell], width: 8).first)
        // Centre at 1.5 cells, 64 pixels wide, of which the left part is outside.
        #expect([found.left, found.top, found.right, found.bottom] == [0, 6, 44, 18])
    }

    @Test("of boxes of one class that overlap the best stays, and boxes of other classes stay")
    func suppression() throws {
        let cells: [[Float]] = [
            [-20, -20, 0, 0, -20, 0, 0], [20, 0, 0, 0, 20, 1, -20], [-20, 0, 0, 0, 20, 3, -20],
            [-20, 0, 0, 0, 20, -20, 2],
        ]
        let found = try single(DetectionHead.yolov3, cells: cells, width: 4)
        #expect(found.map(\.label) == [0, 1])
        #expect(found.map(\.left) == [8, 16])
    }

    @Test("the stride is the power of two that makes so many cells, else the quotient")
    func strides() throws {
        func stride(_ pixels: Int, _ cells: Int) throws -> Float {
            let anchors = AnchorHead(layer: HeadPart("p"), anchors: [BoxSize(width: 2, height: 2)])
            let decoder = try DetectionDecoder(
                DetectionTask(classes: ["a"], heads: [.yolov5(anchors)]), input: (8, pixels),
                outputs: ["p": (6, 1, cells)])
            let numbers = (0..<cells).flatMap { [0, 0, 0, 0, $0 == 1 ? 20 : -20, 20] as [Float] }
            let found = numbers.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { start in
                    decoder.boxes(
                        ["p": HeadValues(channels: 6, height: 1, width: cells, values: start)], sample: 0)
                } ?? []
            }
            return try #require(found.first).left + 1
        }
        // The middle of the second cell is one and a half strides from the left.
        #expect(try stride(240, 8) == 1.5 * 32)
        #expect(try stride(240, 30) == 1.5 * 8)
        #expect(try stride(100, 7) == 1.5 * 16)
        #expect(abs(try stride(90, 10) - 1.5 * 9) < 1e-4)
    }

    @Test("priors divide the picture evenly, also where the last row of cells reaches beyond it")
    func evenPriors() throws {
        let head = PriorHead(
            scores: HeadPart("s"), boxes: HeadPart("b"), priors: [BoxSize(width: 20, height: 10)])
        let decoder = try DetectionDecoder(
            DetectionTask(classes: ["a"], heads: [.ssd(head)]), input: (240, 320),
            outputs: ["s": (2, 8, 10), "b": (4, 8, 10)])
        var scores = [Float](repeating: 0, count: 160)
        for cell in 0..<80 { scores[2 * cell] = cell == 11 ? -20 : 20 }
        let boxes = [Float](repeating: 0, count: 320)
        let found = scores.withUnsafeBufferPointer { scores in
            boxes.withUnsafeBufferPointer { boxes -> [DetectedBox] in
                guard let scores = scores.baseAddress, let boxes = boxes.baseAddress else { return [] }
                return decoder.boxes(
                    [
                        "s": HeadValues(channels: 2, height: 8, width: 10, values: scores),
                        "b": HeadValues(channels: 4, height: 8, width: 10, values: boxes),
                    ], sample: 0)
            }
        }
        let box = try #require(found.first)
        #expect(found.count == 1 && [box.left, box.top, box.right, box.bottom] == [38, 40, 58, 50])
    }
}
