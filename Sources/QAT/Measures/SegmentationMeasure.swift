/// How well the class of every pixel is named. Pixels of the class 255 are not judged.
public struct SegmentationMeasure: Hashable, Sendable {
    /// Which class was answered by which, in pixels.
    public private(set) var confusion: ConfusionMatrix

    /// Nothing answered yet.
    public init(classes: Int) {
        confusion = ConfusionMatrix(classes: classes)
    }

    /// Adds a sample: an output with the axes y, x, channel, and the classes of the pixels of a mask, row by row.
    ///
    /// Each pixel asks the cell of the output that covers it. With one channel the answer is class 1 where it is above 0.
    public mutating func add(
        _ output: UnsafeBufferPointer<Float>, map: SegmentationLoss.Map, mask: [UInt8]
    ) {
        precondition(
            output.count == map.height * map.width * map.channels
                && mask.count == map.maskHeight * map.maskWidth, "an output has another size")
        var answers = [Int](repeating: 0, count: map.height * map.width)
        for cell in answers.indices {
            let values = output[cell * map.channels..<(cell + 1) * map.channels]
            answers[cell] =
                map.channels == 1
                ? (output[cell] > 0 ? 1 : 0)
                : values.indices.reduce(values.startIndex) { values[$1] > values[$0] ? $1 : $0 }
                    - values.startIndex
        }
        for y in 0..<map.maskHeight {
            let row = y * map.height / map.maskHeight * map.width
            for x in 0..<map.maskWidth {
                let label = mask[y * map.maskWidth + x]
                guard label != SegmentationLoss.notJudged else { continue }
                confusion.add(truth: Int(label), answer: answers[row + x * map.width / map.maskWidth])
            }
        }
    }

    /// The mean over classes of intersection over union, of those that have pixels or answers; nil without pixels.
    public var meanIntersectionOverUnion: Double? {
        (0..<confusion.classes).compactMap { confusion.intersectionOverUnion(of: $0) }.mean
    }

    /// The share of pixels that are answered right; nil without pixels.
    public var accuracy: Double? { confusion.accuracy }
}
