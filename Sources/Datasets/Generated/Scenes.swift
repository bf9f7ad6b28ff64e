import Graph

/// Pictures of one to six glyphs of random size at random places, on a background with lines, with their boxes.
///
/// Picture `index` is a function of the seed, the split and the index alone.
struct SceneSource: SampleSource {
    let count: Int
    let split: Split
    let seed: UInt64
    /// 1 or 3 channels.
    let size: Layout
    /// The label of each glyph; nil for one that the task does not ask for.
    let labels: [Int32?]

    var layout: Layout? { size }
    /// The version of the drawing, to be raised when the pictures change.
    var fingerprint: UInt64 { 3 }

    func classes(of index: Int) -> [Int32] {
        Array(Set(scene(index).objects.compactMap { labels[$0.shape.rawValue] })).sorted()
    }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        var scene = scene(index)
        sample.layout = size
        sample.bytes = scene.drawn()
        sample.answer = SampleAnswer()
        sample.answer.boxes = boxes(in: scene)
    }

    func boxes(of index: Int) -> (boxes: [ObjectBox], height: Int, width: Int)? {
        (boxes(in: scene(index)), size.height, size.width)
    }

    private func boxes(in scene: Scene) -> [ObjectBox] {
        scene.objects.compactMap { object in
            labels[object.shape.rawValue].map { object.box(label: $0) }
        }
    }

    private func scene(_ index: Int) -> Scene {
        Scene(size, Random(seed, Stream.scenes, split == .test ? 1 : 0, UInt64(index)))
    }
}

/// What is in one picture.
private struct Scene {
    /// A glyph with its place.
    struct Object {
        let shape: GlyphShape
        let segments: [Segment]
        /// Half the width of its lines.
        let pen: Float
        let isFilled: Bool
        /// Left, right, top and bottom, inside of the picture.
        let extent: Segment.Box

        func box(label: Int32) -> ObjectBox {
            let area = (extent.right - extent.left) * (extent.bottom - extent.top)
            return ObjectBox(
                left: extent.left, top: extent.top, right: extent.right, bottom: extent.bottom, label: label,
                area: area)
        }
    }

    let objects: [Object]
    private let size: Layout
    private var random: Random

    /// Objects that cover more than this share of each other are not drawn.
    private static let overlap: Float = 0.15

    init(_ size: Layout, _ random: Random) {
        var random = random
        var objects: [Object] = []
        for _ in 0..<random.within(1...6) {
            let shape = GlyphShape.allCases[random.below(GlyphShape.allCases.count)]
            let object = Self.object(shape, size, &random)
            let isFree = objects.allSatisfy { Self.share($0.extent, object.extent) <= Self.overlap }
            if isFree { objects.append(object) }
        }
        self.objects = objects
        self.size = size
        self.random = random
    }

    private static func object(_ shape: GlyphShape, _ size: Layout, _ random: inout Random) -> Object {
        let width = Float(size.width)
        let height = Float(size.height)
        let scale = min(width, height) * random.within(Float(0.07)...0.25)
        let across = max(0, width / 2 - scale)
        let down = max(0, height / 2 - scale)
        let centre = SIMD2(
            width / 2 + random.within(-1...1) * across, height / 2 + random.within(-1...1) * down)
        let pose = Pose(for: shape, scale: scale, centre: centre, &random)
        let segments = shape.segments(in: pose)
        let pen = max(0.6, scale * random.within(Float(0.07)...0.16))
        let isFilled = shape.isFilled(&random)
        var extent = segments[0].box
        for segment in segments { extent.formUnion(segment.box) }
        extent.left = max(0, extent.left - pen)
        extent.right = min(width, extent.right + pen)
        extent.top = max(0, extent.top - pen)
        extent.bottom = min(height, extent.bottom + pen)
        return Object(shape: shape, segments: segments, pen: pen, isFilled: isFilled, extent: extent)
    }

    /// What two extents have in common, as a share of the smaller one.
    private static func share(_ first: Segment.Box, _ second: Segment.Box) -> Float {
        let across = min(first.right, second.right) - max(first.left, second.left)
        let down = min(first.bottom, second.bottom) - max(first.top, second.top)
        guard across > 0, down > 0 else { return 0 }
        func area(_ box: Segment.Box) -> Float { (box.right - box.left) * (box.bottom - box.top) }
        return across * down / max(1e-6, min(area(first), area(second)))
    }

    /// The pixels.
    mutating func drawn() -> [UInt8] {
        var raster = Raster(size)
        let palette = GlyphPalette(channels: size.channels)
        let background = palette.dark(&random)
        raster.shade(background, across: palette.slope(&random), down: palette.slope(&random))
        for _ in 0..<random.within(4...10) { palette.drawClutter(on: &raster, &random) }
        for object in objects {
            raster.draw(
                object.segments, pen: object.pen, colour: palette.brighter(than: background, &random),
                isFilled: object.isFilled)
        }
        raster.addNoise(Int32(random.within(10...40)), &random)
        return raster.bytes
    }
}

extension OpenedDataset {
    /// Scenes in the size of the network, or in the size that the options ask for.
    static func scenes(
        _ spec: DataSpec, shape: Shape, task: NetworkTask, seed: UInt64
    ) throws(DatasetError) -> OpenedDataset {
        guard case .map(let channels, let height, let width) = shape else {
            throw .mismatch(found: "a scene", network: shape, advice: "scenes are pictures")
        }
        var size = Layout(height: height, width: width, channels: channels == 3 ? 3 : 1)
        if let wanted = spec.size { (size.height, size.width) = wanted }
        if let channels = spec.channels {
            guard channels == 1 || channels == 3 else {
                throw .optionValue(
                    "channels", value: "\(channels)", expected: "1 or 3, which scenes are drawn in")
            }
            size.channels = channels
        }
        let names = GlyphShape.allCases.map(\.name)
        var labels = [Int32?](repeating: nil, count: names.count)
        var classNames = ["unlabelled"]
        var notes: [String] = []
        let holdsBoxes = task.kind == .detection
        if holdsBoxes {
            classNames = task.classes ?? []
            guard !classNames.isEmpty else { throw .classes(task: classNames, data: names) }
            labels = names.map { name in classNames.firstIndex(of: name).map(Int32.init) }
            if labels.allSatisfy({ $0 == nil }) {
                // The task knows no glyph: they stand for its classes in turn.
                labels = names.indices.map { Int32($0 % classNames.count) }
                notes.append(
                    "glyphs stand for the classes of the task, in turn: \(names[0]) for \(classNames[0])")
            }
        }
        func source(_ count: Int, _ split: Split) -> SceneSource {
            SceneSource(count: count, split: split, seed: seed, size: size, labels: labels)
        }
        var opened = OpenedDataset(
            train: source(spec.limit ?? 2000, .train), test: source(500, .test), classNames: classNames)
        opened.notes += notes
        opened.isLabelled = holdsBoxes
        opened.holdsBoxes = holdsBoxes
        return opened
    }
}
