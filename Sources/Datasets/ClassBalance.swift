import Graph

/// What rare classes get more of: draws in an epoch, or weight in the loss.
struct ClassBalance: Sendable {
    /// The sums of how often each training sample is drawn, up to it and with it; empty where each is drawn once.
    private(set) var sums: [Double] = []
    /// How much a sample of each class counts in the loss, 1 on average; of classes without samples 1.
    private(set) var weights: [Float]

    /// Counts the classes of training samples; nil where the options ask for nothing.
    init?(_ spec: DataSpec, _ opened: OpenedDataset, training: [Int32]) throws(DatasetError) {
        guard spec.isBalanced || spec.weighsClasses else { return nil }
        let option = spec.isBalanced ? (name: "balance", value: "yes") : (name: "weights", value: "balanced")
        guard opened.isLabelled, opened.numbers == 0 else {
            throw .optionValue(option.name, value: option.value, expected: "for samples without classes")
        }
        guard !spec.weighsClasses || !opened.holdsBoxes && !opened.holdsMasks else {
            throw .optionValue(
                "weights", value: "balanced",
                expected: "for samples with several classes; balance=yes draws rare ones more often")
        }
        let classes = training.map { opened.train.classes(of: Int($0)) }
        var counts = [Int](repeating: 0, count: opened.classNames.count)
        for label in classes.joined() { counts[Int(label)] += 1 }
        let present = Double(counts.count { $0 > 0 })
        weights = counts.map { count in
            spec.weighsClasses && count > 0
                ? Float(Double(training.count) / (present * Double(count))) : 1
        }
        guard spec.isBalanced else { return }
        var sum = 0.0
        for classes in classes {
            // The rarest class in it counts; a sample without any is as common as all of them.
            let least = classes.map { counts[Int($0)] }.min() ?? training.count
            sum += Double(training.count) / Double(least)
            sums.append(sum)
        }
    }

    /// So many samples, drawn with repetition.
    func order(of count: Int, _ random: inout Random) -> [Int32] {
        let total = sums.last ?? 0
        return (0..<count).map { _ in
            let place = Double(random.next() >> 11) * (1 / Double(1 << 53)) * total
            var low = 0
            var high = sums.count - 1
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > place { high = middle } else { low = middle + 1 }
            }
            return Int32(low)
        }
    }
}
