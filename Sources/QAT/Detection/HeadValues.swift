import Graph

/// The result of a layer that heads read, of a batch; axes sample, y, x, channel.
public struct HeadValues {
    /// The channels of the layer, the fastest axis.
    public var channels: Int
    /// Cells from top to bottom.
    public var height: Int
    /// Cells from left to right.
    public var width: Int
    /// The numbers.
    public var values: UnsafePointer<Float>
    /// Where gradients of the same axes are added; nil where none are wanted.
    public var gradient: UnsafeMutablePointer<Float>?

    /// The numbers of a layer, and room for their gradients.
    public init(
        channels: Int, height: Int, width: Int, values: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>? = nil
    ) {
        self.channels = channels
        self.height = height
        self.width = width
        self.values = values
        self.gradient = gradient
    }
}

/// The channels of a layer that one part of a head reads. A place is sample x cells + cell.
struct PartValues {
    private let values: UnsafePointer<Float>
    private let gradient: UnsafeMutablePointer<Float>?
    private let step: Int

    init(_ part: HeadPart, in outputs: [String: HeadValues]) {
        guard let output = outputs[part.layer] else {
            preconditionFailure("the layer '\(part.layer)' that a head reads has no values")
        }
        values = output.values + part.firstChannel
        gradient = output.gradient.map { $0 + part.firstChannel }
        step = output.channels
    }

    /// The numbers of a cell from a channel on.
    func numbers(at place: Int, from channel: Int = 0) -> UnsafePointer<Float> {
        values + (place * step + channel)
    }

    /// Where gradients of a cell are added, from a channel on.
    func slopes(at place: Int, from channel: Int = 0) -> UnsafeMutablePointer<Float>? {
        gradient.map { $0 + (place * step + channel) }
    }
}
