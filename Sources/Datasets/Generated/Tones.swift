import Graph

/// The movement that a tone makes.
enum ToneShape: Int, CaseIterable, Sendable {
    case rising, falling, arch, valley, steady, vibrato, trill, pulses, hurrying, slowing
}

/// Sequences of band energies: a tone that sweeps, trembles or beats, under noise and short bursts.
///
/// Sequence `index` is a function of the seed, the split and the index alone; classes take turns. It takes only
/// sums, products and quotients of 32-bit numbers, so that every machine makes the same bytes.
struct ToneSource: SampleSource {
    let count: Int
    let split: Split
    let seed: UInt64
    /// Time as height, bands as width.
    let size: Layout

    var layout: Layout? { size }
    /// The version of the sequences, to be raised when they change.
    var fingerprint: UInt64 { 2 }

    func classes(of index: Int) -> [Int32] { [Int32(index % ToneShape.allCases.count)] }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        let shape = ToneShape.allCases[index % ToneShape.allCases.count]
        var random = Random(seed, Stream.tones, split == .test ? 1 : 0, UInt64(index))
        sample.prepareBytes(size)
        sample.label = Int32(shape.rawValue)
        let tone = Tone(shape, &random)
        let noise = random.within(Float(0.05)...0.3)
        let burst = (time: random.within(Float(0)...1), band: random.within(Float(0)...1))
        let length = size.height
        let bands = size.width
        sample.bytes.withUnsafeMutableBufferPointer { bytes in
            for step in 0..<length {
                let time = (Float(step) + 0.5) / Float(length)
                let (pitch, gain) = tone.heard(at: time)
                let isBurst = abs(time - burst.time) < 0.02
                for band in 0..<bands {
                    let place = (Float(band) + 0.5) / Float(bands)
                    let away = (place - pitch) / tone.breadth
                    var energy = gain / (1 + away * away)
                    if isBurst, abs(place - burst.band) < 0.2 { energy = max(energy, 0.7) }
                    energy += noise * (random.within(Float(0)...1) - 0.3)
                    bytes[step * bands + band] = UInt8(max(0, min(255, (energy * 220).rounded())))
                }
            }
        }
    }
}

/// One tone: pitch and gain over time, both from 0 to 1.
private struct Tone {
    private let shape: ToneShape
    private let start: Float
    private let duration: Float
    private let low: Float
    private let width: Float
    private let loudness: Float
    private let beats: Float
    private let phase: Float
    let breadth: Float

    init(_ shape: ToneShape, _ random: inout Random) {
        self.shape = shape
        duration = random.within(Float(0.55)...0.95)
        start = random.within(Float(0)...1) * (1 - duration)
        width = random.within(Float(0.2)...0.6)
        low = random.within(Float(0)...1) * (1 - width)
        loudness = random.within(Float(0.35)...1)
        beats = random.within(Float(3)...6)
        phase = random.within(Float(0)...1)
        breadth = random.within(Float(0.03)...0.1)
    }

    /// Pitch and gain at a time; the gain is 0 before and after the tone.
    func heard(at time: Float) -> (pitch: Float, gain: Float) {
        let part = (time - start) / duration
        guard part >= 0, part <= 1 else { return (0, 0) }
        var height: Float = 0.5
        var gain = loudness
        switch shape {
        case .rising: height = part
        case .falling: height = 1 - part
        case .arch: height = 1 - abs(2 * part - 1)
        case .valley: height = abs(2 * part - 1)
        case .steady: break
        case .vibrato: height = wave(part * beats + phase)
        case .trill: height = wave(part * beats + phase) > 0.5 ? 1 : 0
        case .pulses: gain *= beat(part * beats + phase)
        case .hurrying: gain *= beat(part * part * beats * 1.5 + phase)
        case .slowing: gain *= beat((2 - part) * part * beats * 1.5 + phase)
        }
        return (low + height * width, gain)
    }

    /// A triangle wave, 0 to 1 and back in each turn.
    private func wave(_ turns: Float) -> Float { 1 - abs(2 * (turns - turns.rounded(.down)) - 1) }

    /// On for the first half of each turn.
    private func beat(_ turns: Float) -> Float { turns - turns.rounded(.down) < 0.5 ? 1 : 0.05 }
}

extension OpenedDataset {
    /// Tones as long and with as many bands as the network reads; a map reads them as a grey picture.
    static func tones(_ spec: DataSpec, shape: Shape, seed: UInt64) throws(DatasetError) -> OpenedDataset {
        var size = Layout(height: 0, width: 0, channels: 1)
        switch shape {
        case .sequence(let length, let features): (size.height, size.width) = (length, features)
        case .map(_, let height, let width): (size.height, size.width) = (height, width)
        case .vector:
            guard spec.size != nil else {
                throw .mismatch(
                    found: "a tone", network: shape,
                    advice: "a vector needs size=TIMExBANDS with as many values")
            }
        }
        if let wanted = spec.size { (size.height, size.width) = wanted }
        if let channels = spec.channels, channels != 1 {
            throw .optionValue("channels", value: "\(channels)", expected: "1, which tones have")
        }
        return OpenedDataset(
            train: ToneSource(count: spec.limit ?? 10_000, split: .train, seed: seed, size: size),
            test: ToneSource(count: 2000, split: .test, seed: seed, size: size),
            classNames: ToneShape.allCases.map { "\($0)" })
    }
}
