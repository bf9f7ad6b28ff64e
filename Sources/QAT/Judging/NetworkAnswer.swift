/// What a network says about one sample.
public struct NetworkAnswer: Hashable, Sendable {
    /// A class with its probability.
    public struct Score: Hashable, Sendable {
        /// The class.
        public let label: Int32
        /// How sure the network is, 0 ... 1.
        public let probability: Float
    }

    /// The kinds of answers.
    public enum Content: Hashable, Sendable {
        /// The most probable classes, best first, at most three.
        case classes([Score])
        /// Boxes in pixels of the network's input, best first.
        case boxes([DetectedBox])
        /// How many pixels have the class of the mask, of those that are judged.
        case pixels(right: Int, count: Int)
        /// Numbers.
        case numbers([Float])
    }

    /// The answer.
    public let content: Content
    /// The loss; nil where nothing is known to be right.
    public let loss: Double?

    /// The overlap from which on two boxes of a class are one object.
    private static let overlap = 0.5

    /// Whether another network says something else: another class first, another number of objects or one elsewhere; of pixels
    /// and numbers, whether they are not the same.
    public func differs(from other: NetworkAnswer) -> Bool {
        switch content {
        case .classes(let own):
            guard case .classes(let others) = other.content else { return true }
            return own.first?.label != others.first?.label
        case .boxes(let own):
            guard case .boxes(let others) = other.content, own.count == others.count else { return true }
            var left = others
            for box in own {
                let match = left.firstIndex { candidate in
                    candidate.label == box.label
                        && MeasuredBox(candidate).overlap(with: MeasuredBox(box), isCrowd: false)
                            >= NetworkAnswer.overlap
                }
                guard let match else { return true }
                left.remove(at: match)
            }
            return false
        case .pixels, .numbers: return content != other.content
        }
    }
}
