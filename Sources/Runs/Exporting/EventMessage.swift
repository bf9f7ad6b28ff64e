/// A message in the wire form of protocol buffers: the few kinds of fields that event files need.
struct EventMessage {
    /// The encoded fields.
    private(set) var bytes: [UInt8] = []

    /// No fields.
    init() {}

    /// A number of 64 bits.
    mutating func add(_ field: Int, _ number: Double) {
        tag(field, 1)
        bytes += EventRecord.little(number.bitPattern)
    }

    /// A number of 32 bits.
    mutating func add(_ field: Int, _ number: Float) {
        tag(field, 5)
        bytes += EventRecord.little(number.bitPattern)
    }

    /// A whole number.
    mutating func add(_ field: Int, _ number: Int64) {
        tag(field, 0)
        varint(UInt64(bitPattern: number))
    }

    /// A text.
    mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

    /// A message inside this one.
    mutating func add(_ field: Int, _ message: EventMessage) { add(field, bytes: message.bytes) }

    /// Numbers of 64 bits, packed.
    mutating func add(_ field: Int, packed numbers: [Double]) {
        add(field, bytes: numbers.flatMap { EventRecord.little($0.bitPattern) })
    }

    private mutating func add(_ field: Int, bytes added: [UInt8]) {
        tag(field, 2)
        varint(UInt64(added.count))
        bytes += added
    }

    private mutating func tag(_ field: Int, _ kind: UInt64) { varint(UInt64(field) << 3 | kind) }

    private mutating func varint(_ number: UInt64) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// What an event file says at one step: values by name (`tensorflow.Event` and `Summary`, event.proto and summary.proto).
struct EventValues {
    /// When, in seconds since 1970, UTC.
    var time: Double
    /// The step.
    var step: Int
    private var summary = EventMessage()

    /// Nothing said.
    init(time: Double, step: Int) { (self.time, self.step) = (time, step) }

    /// A number; one that is none is kept as that.
    mutating func add(_ name: String, _ number: Double) {
        var value = EventMessage()
        value.add(1, name)
        value.add(2, Float(number))
        summary.add(1, value)
    }

    /// How values were spread; nothing where there were none.
    mutating func add(_ name: String, _ histogram: RunHistogram) {
        guard let message = EventValues.message(histogram) else { return }
        var value = EventMessage()
        value.add(1, name)
        value.add(5, message)
        summary.add(1, value)
    }

    /// The record of the values.
    var record: [UInt8] {
        var event = EventMessage()
        event.add(1, time)
        event.add(2, Int64(step))
        event.add(5, summary)
        return EventRecord.framed(event.bytes)
    }

    /// The record that a file begins with.
    static func header(time: Double) -> [UInt8] {
        var event = EventMessage()
        event.add(1, time)
        event.add(3, "brain.Event:2")
        return EventRecord.framed(event.bytes)
    }

    /// Bins that are kept of a histogram; each stands for as many of the store's.
    static let bins = 128

    /// Sums are those of values in the middle of their bins.
    private static func message(_ histogram: RunHistogram) -> EventMessage? {
        let counts = histogram.counts
        let low = histogram.low
        let high = histogram.high
        let total = counts.reduce(0.0) { $0 + Double($1) }
        guard total > 0, low.isFinite, high.isFinite else { return nil }
        let width = (high - low) / Double(counts.count)
        var sum = 0.0
        var squares = 0.0
        for (index, count) in counts.enumerated() where count > 0 {
            let value = low + (Double(index) + 0.5) * width
            sum += value * Double(count)
            squares += value * value * Double(count)
        }
        let size = (counts.count + bins - 1) / bins
        let ranges = stride(from: 0, to: counts.count, by: size).map { $0..<min($0 + size, counts.count) }
        var message = EventMessage()
        message.add(1, low)
        message.add(2, high)
        message.add(3, total)
        message.add(4, sum)
        message.add(5, squares)
        // A limit is where a bin ends.
        message.add(
            6,
            packed: ranges.map { $0.upperBound == counts.count ? high : low + Double($0.upperBound) * width })
        message.add(7, packed: ranges.map { counts[$0].reduce(0) { $0 + Double($1) } })
        return message
    }
}
