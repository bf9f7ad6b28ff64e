/// Random changes of a picture's pixels that leave everything where it is.
struct PixelChanges {
    private let augmentation: Augmentation
    private let seed: UInt64
    private let epoch: Int
    private let index: Int

    /// The changes of one sample in one epoch.
    init(_ augmentation: Augmentation, seed: UInt64, epoch: Int, index: Int) {
        self.augmentation = augmentation
        self.seed = seed
        self.epoch = epoch
        self.index = index
    }

    /// Numbers of each change that no other one shares.
    private func random(_ stream: UInt64) -> Random { Random(seed, stream, UInt64(epoch), UInt64(index)) }

    /// Changes a sample of pixels.
    func apply(to sample: inout Sample) {
        if augmentation.contains(.hsv) {
            ColourChange(seed: seed, epoch: epoch, index: index).apply(to: &sample)
        }
        if augmentation.contains(.grey) {
            var random = random(Stream.grey)
            if random.once(in: 5) { sample.turnGrey() }
        }
        if augmentation.contains(.blur) {
            var random = random(Stream.blur)
            if random.once(in: 4) {
                for _ in 0..<random.within(1...3) { sample.blur() }
            }
        }
        if augmentation.contains(.noise) {
            var random = random(Stream.noise)
            if random.once(in: 2) {
                let strength = Int32(random.within(8...48))
                sample.bytes.withUnsafeMutableBufferPointer { addNoise(strength, to: $0, &random) }
            }
        }
        if augmentation.contains(.cutout) {
            var random = random(Stream.cutout)
            if random.once(in: 2) { sample.cutOut(&random) }
        }
    }
}

extension Sample {
    /// Gives red, green and blue the grey that they are together.
    fileprivate mutating func turnGrey() {
        guard layout.channels == 3 else { return }
        bytes.withUnsafeMutableBufferPointer { bytes in
            for place in stride(from: 0, to: bytes.count, by: 3) {
                let grey = luminance(bytes[place], bytes[place + 1], bytes[place + 2])
                bytes[place] = grey
                bytes[place + 1] = grey
                bytes[place + 2] = grey
            }
        }
    }

    /// Gives each pixel a quarter of its neighbours on either side, along both axes.
    fileprivate mutating func blur() {
        let height = layout.height
        let width = layout.width
        let channels = layout.channels
        blur(lines: height, apart: width * channels, length: width, step: channels)
        blur(lines: width, apart: channels, length: height, step: width * channels)
    }

    /// Blurs along lines that start so far apart, from pixel to pixel in steps.
    private mutating func blur(lines: Int, apart: Int, length: Int, step: Int) {
        let channels = layout.channels
        bytes.withUnsafeMutableBufferPointer { bytes in
            for line in 0..<lines {
                for channel in 0..<channels {
                    var place = line * apart + channel
                    var before = UInt16(bytes[place])
                    for pixel in 0..<length {
                        let here = UInt16(bytes[place])
                        let after = pixel + 1 < length ? UInt16(bytes[place + step]) : here
                        bytes[place] = UInt8(truncatingIfNeeded: (before + 2 * here + after + 2) >> 2)
                        before = here
                        place += step
                    }
                }
            }
        }
    }

    /// Fills a rectangle with grey; boxes of which too little is seen are dropped, and the mask is not judged there.
    fileprivate mutating func cutOut(_ random: inout Random) {
        let height = layout.height
        let width = layout.width
        let channels = layout.channels
        func span(_ length: Int, _ random: inout Random) -> Range<Int> {
            let count = random.within(length / 8...length / 2)
            let start = random.below(length - count + 1)
            return start..<start + count
        }
        let rows = span(height, &random)
        let columns = span(width, &random)
        for row in rows {
            let start = (row * width + columns.lowerBound) * channels
            for place in start..<start + columns.count * channels { bytes[place] = Composer.grey }
            guard !answer.mask.isEmpty else { continue }
            for column in columns { answer.mask[row * width + column] = SampleAnswer.notJudged }
        }
        answer.boxes.removeAll { !$0.isSeen(hidingRows: rows, columns: columns) }
    }
}
