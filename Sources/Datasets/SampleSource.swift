/// Height, width and channels of a stored sample; a sequence has its time as height, its features as width and one
/// channel, a vector is one row.
struct Layout: Hashable, Sendable {
    var height: Int
    var width: Int
    var channels: Int

    var elements: Int { height * width * channels }
}

/// One sample on its way from a file to a batch, channels last; its storage is used again for the next one.
struct Sample {
    /// The axes of the values here.
    var layout = Layout(height: 0, width: 0, channels: 0) {
        didSet { stored = layout }
    }
    /// The axes of what is stored: those of `layout`, but for a picture that was decoded smaller.
    private(set) var stored = Layout(height: 0, width: 0, channels: 0)
    /// What is right about it, in pixels of what is stored until the sample is fitted to the network.
    var answer = SampleAnswer()
    /// Pixels, 0 to 255; empty where the sample has numbers instead.
    var bytes: [UInt8] = []
    /// Numbers used as they are; empty where the sample has pixels.
    var numbers: [Float] = []

    /// Makes room for pixels.
    mutating func prepareBytes(_ layout: Layout) {
        self.layout = layout
        if bytes.count != layout.elements { bytes = [UInt8](repeating: 0, count: layout.elements) }
    }

    /// Says that the picture here was stored larger.
    mutating func wasReduced(fromHeight height: Int, width: Int) {
        stored = Layout(height: height, width: width, channels: layout.channels)
    }

    /// Makes room for numbers.
    mutating func prepareNumbers(_ layout: Layout) {
        self.layout = layout
        if numbers.count != layout.elements { numbers = [Float](repeating: 0, count: layout.elements) }
    }
}

extension Sample {
    /// The class.
    var label: Int32 {
        get { answer.label }
        set { answer.label = newValue }
    }
}

/// The samples of one part of a data set, read by index from several threads at once.
protocol SampleSource: Sendable {
    /// How many there are.
    var count: Int { get }
    /// The axes that all samples share; nil where every sample has its own.
    var layout: Layout? { get }
    /// Whether samples have numbers rather than pixels.
    var holdsNumbers: Bool { get }
    /// What the samples are, for the identity of the set: the same for the same samples.
    var fingerprint: UInt64 { get }
    /// Whether a sample is decoded from a file of its own each time it is read.
    var isDecoded: Bool { get }
    /// The path of the file that holds a sample alone; nil where many lie in one.
    func file(_ index: Int) -> String?
    /// The classes that a sample shows, known without reading it: one for a sample with a label, more or none for others.
    func classes(of index: Int) -> [Int32]
    /// The boxes of a sample in pixels of what is stored, with its height and width, known without decoding it; nil where it has
    /// none.
    func boxes(of index: Int) -> (boxes: [ObjectBox], height: Int, width: Int)?
    /// Reads a sample, label included; the index is below `count`. `resizing` says how it is fitted to a network next, so that a
    /// picture which is far larger may be decoded smaller; nil reads it as it is stored.
    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError)
}

extension SampleSource {
    var holdsNumbers: Bool { false }
    var isDecoded: Bool { false }
    func file(_ index: Int) -> String? { nil }
    func classes(of index: Int) -> [Int32] { [] }
    func boxes(of index: Int) -> (boxes: [ObjectBox], height: Int, width: Int)? { nil }
}
