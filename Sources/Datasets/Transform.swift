import Graph

/// What turns samples into the values that a network reads.
struct Transform: Sendable {
    let dataset: Dataset
    let split: Split
    let augmentation: Augmentation
    let seed: UInt64
    /// The value of every byte: (x - mean)/variance.
    let table: [Float]
    let mean: Double
    let variance: Double

    init(
        dataset: Dataset, split: Split, augmentation: Augmentation, seed: UInt64, mean: Double,
        variance: Double
    ) {
        self.dataset = dataset
        self.split = split
        self.augmentation = augmentation
        self.seed = seed
        self.mean = mean
        self.variance = variance
        table = (0..<256).map { Float((Double($0) - mean) / variance) }
    }
}

/// Prepares one sample after the other on one thread.
struct Preparer {
    private let transform: Transform
    private let target: Layout
    private let holdsNumbers: Bool
    private var sample = Sample()
    private var resizer: Resizer
    private var composer: Composer
    /// Where decoded pictures are kept; nil for a set that keeps none.
    private let cache: PictureCache?

    init(_ transform: Transform) {
        self.transform = transform
        target = transform.dataset.resizing.target
        holdsNumbers = transform.dataset.holdsNumbers(transform.split)
        resizer = Resizer(transform.dataset.resizing)
        composer = Composer(target)
        cache = transform.dataset.cache
    }

    /// Reads, fits, augments and normalizes a sample into its place of a batch.
    mutating func prepare(_ index: Int, epoch: Int, into slot: Slot, at place: Int) throws(DatasetError) {
        let augmentation = transform.augmentation
        if !augmentation.isDisjoint(with: .ofComposition) {
            try compose(index, epoch: epoch)
        } else if cache != nil {
            sample = try picture(index)
            resizer.pad(&sample)
        } else {
            try transform.dataset.read(index, of: transform.split, into: &sample)
            try resizer.fit(&sample, holdsNumbers: holdsNumbers)
        }
        var placement = Placement.identity
        if !augmentation.isEmpty {
            let seed = transform.seed
            PixelChanges(augmentation, seed: seed, epoch: epoch, index: index).apply(to: &sample)
            placement = Placement(augmentation, seed: seed, epoch: epoch, index: index)
            move(&sample.answer, placement)
        }
        sample.answer.weight = transform.dataset.weight(of: sample.label, in: transform.split)
        slot.labels[place] = sample.label
        slot.answers[place] = sample.answer
        let start = place * target.elements
        let values = UnsafeMutableBufferPointer(rebasing: slot.values[start..<start + target.elements])
        lay(placement, into: values)
        if !augmentation.isDisjoint(with: .ofSequences) {
            SequenceMasks(augmentation, target, seed: transform.seed, epoch: epoch, index: index)
                .apply(to: values, target)
        }
    }

    /// Moves boxes and mask with their picture.
    private func move(_ answer: inout SampleAnswer, _ placement: Placement) {
        guard placement != .identity, !answer.boxes.isEmpty || !answer.mask.isEmpty else { return }
        let movement = placement.movement(height: target.height, width: target.width)
        answer.boxes = answer.boxes.compactMap {
            movement.moved($0).cut(height: target.height, width: target.width)
        }
        answer.moveMask(movement, from: target, to: target)
    }

    /// Moves, flips and normalizes the sample.
    private func lay(_ placement: Placement, into values: UnsafeMutableBufferPointer<Float>) {
        if holdsNumbers {
            let mean = transform.mean
            let variance = transform.variance
            sample.numbers.withUnsafeBufferPointer {
                lay($0, placement, into: values, outside: 0) { Float((Double($0) - mean) / variance) }
            }
        } else {
            transform.table.withUnsafeBufferPointer { table in
                sample.bytes.withUnsafeBufferPointer {
                    lay($0, placement, into: values, outside: 0) { table[Int($0)] }
                }
            }
        }
    }

    /// A picture at the size that it has in the network's input, from the cache if it is there.
    private mutating func picture(_ index: Int) throws(DatasetError) -> Sample {
        let key = PictureCache.Key(split: transform.split, index: index)
        if let found = cache?.find(key) { return found }
        var picture = Sample()
        try transform.dataset.read(index, of: transform.split, into: &picture)
        try resizer.scale(&picture, holdsNumbers: holdsNumbers)
        cache?.keep(picture, for: key)
        return picture
    }

    /// Makes the sample of one picture or several.
    private mutating func compose(_ index: Int, epoch: Int) throws(DatasetError) {
        let composition = Composition(
            transform.augmentation, target: target, seed: transform.seed, epoch: epoch, index: index,
            count: transform.dataset.count(transform.split))
        var pictures = [try picture(index)]
        for other in composition.others { pictures.append(try picture(other)) }
        composer.draw(composition.placed(pictures), into: &sample)
        guard let mixed = composition.mixed else { return }
        let alone = Composition(
            transform.augmentation.intersection(.scale), target: target, seed: transform.seed ^ 1,
            epoch: epoch, index: index, count: 1)
        var other = Sample()
        composer.draw(alone.placed([try picture(mixed)]), into: &other)
        sample.mix(with: other)
    }

    /// Moves, flips and normalizes; pixels from outside of the image are `outside`.
    private func lay<Value>(
        _ pixels: UnsafeBufferPointer<Value>, _ placement: Placement,
        into values: UnsafeMutableBufferPointer<Float>,
        outside: Value, _ normalized: (Value) -> Float
    ) {
        precondition(pixels.count == values.count, "another layout")
        guard placement != .identity else {
            for index in 0..<pixels.count { values[index] = normalized(pixels[index]) }
            return
        }
        let height = target.height
        let width = target.width
        let channels = target.channels
        let empty = normalized(outside)
        for row in 0..<height {
            let moved = row + placement.down
            let from = placement.isUpsideDown ? height - 1 - moved : moved
            let isInside = from >= 0 && from < height
            for column in 0..<width {
                let shifted = column + placement.right
                let source = placement.isFlipped ? width - 1 - shifted : shifted
                let to = (row * width + column) * channels
                if isInside, source >= 0, source < width {
                    let start = (from * width + source) * channels
                    for channel in 0..<channels { values[to + channel] = normalized(pixels[start + channel]) }
                } else {
                    for channel in 0..<channels { values[to + channel] = empty }
                }
            }
        }
    }
}
