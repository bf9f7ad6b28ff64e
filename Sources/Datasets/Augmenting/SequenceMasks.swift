/// Spans of time or of features that are hidden from a sequence (Park et al. 2019, SpecAugment): set to the mean, which is 0
/// once values are normalized.
struct SequenceMasks {
    /// So many spans of each kind are hidden.
    private static let spans = 2
    /// A span is at most this part of the axis.
    private static let part = 8

    private let times: [Range<Int>]
    private let features: [Range<Int>]

    /// The spans of one sample in one epoch, of a sequence with time as height and features as width.
    init(_ augmentation: Augmentation, _ layout: Layout, seed: UInt64, epoch: Int, index: Int) {
        var random = Random(seed, Stream.spans, UInt64(epoch), UInt64(index))
        func spans(_ length: Int) -> [Range<Int>] {
            (0..<Self.spans).map { _ in
                let count = random.within(0...length / Self.part)
                let start = random.below(length - count + 1)
                return start..<start + count
            }
        }
        let found = (times: spans(layout.height), features: spans(layout.width))
        times = augmentation.contains(.timeMask) ? found.times : []
        features = augmentation.contains(.frequencyMask) ? found.features : []
    }

    /// Hides the spans from normalized values, row by row.
    func apply(to values: UnsafeMutableBufferPointer<Float>, _ layout: Layout) {
        let width = layout.width
        for span in times {
            for place in span.lowerBound * width..<span.upperBound * width { values[place] = 0 }
        }
        for span in features {
            for row in 0..<layout.height {
                for column in span { values[row * width + column] = 0 }
            }
        }
    }
}
