/// What is right about a sample, as the network gets it: after it was resized and augmented.
public struct SampleAnswer: Hashable, Sendable {
    /// The class.
    public var label: Int32 = 0
    /// The objects in the picture.
    public var boxes: [ObjectBox] = []
    /// Where the picture lies in the network's input, before it is augmented.
    public var placing = PicturePlacing()
    /// The class of every pixel of the network's input, row by row; 255 is not judged. Empty where there is no mask.
    public var mask: [UInt8] = []
    /// The numbers that are asked for; empty where none are.
    public var numbers: [Float] = []
    /// How much the sample counts in the loss.
    public var weight: Float = 1

    /// Nothing known.
    public init() {}
}

/// An object in a picture, in pixels of the network's input; x from left to right, y from top to bottom.
public struct ObjectBox: Hashable, Sendable {
    /// The left side.
    public var left: Float
    /// The upper side.
    public var top: Float
    /// The right side, at least the left one.
    public var right: Float
    /// The lower side, at least the upper one.
    public var bottom: Float
    /// The class, 0 ..< the classes of the task.
    public var label: Int32
    /// Whether it is neither learned nor counted: a crowd, or a difficult object.
    public var isIgnored: Bool
    /// Whether it stands for many objects, any number of which may be found in it.
    public var isCrowd: Bool
    /// The area in pixels of the stored picture, by which objects are small, medium or large; the box's own where nil.
    public var area: Float?

    /// A box.
    public init(
        left: Float, top: Float, right: Float, bottom: Float, label: Int32, isIgnored: Bool = false,
        isCrowd: Bool = false, area: Float? = nil
    ) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
        self.label = label
        self.isIgnored = isIgnored
        self.isCrowd = isCrowd
        self.area = area
    }

    /// From left to right.
    public var width: Float { right - left }
    /// From top to bottom.
    public var height: Float { bottom - top }
}

/// Where a stored picture lies in the network's input: its x becomes scaleX x + left, its y becomes scaleY y + top.
public struct PicturePlacing: Hashable, Sendable {
    /// Input pixels for each stored pixel from left to right.
    public var scaleX: Float = 1
    /// Input pixels for each stored pixel from top to bottom.
    public var scaleY: Float = 1
    /// Input pixels to the left of the picture.
    public var left: Float = 0
    /// Input pixels above the picture.
    public var top: Float = 0
    /// The height of the stored picture.
    public var height = 0
    /// The width of the stored picture.
    public var width = 0

    /// A picture that is as it was stored.
    public init() {}
}
