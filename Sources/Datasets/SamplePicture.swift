import Graph

/// A sample as the network gets it, as a picture that can be shown.
public struct SamplePicture: Hashable, Sendable {
    /// The pixels: those of the network's input. A sequence has its time from left to right and its features from the bottom up;
    /// a vector is broken into rows. Of more than three channels the first three are shown.
    public let image: PixelImage
    /// What is right about it; boxes are in pixels of `image`.
    public let answer: SampleAnswer
    /// The name of its file inside the data set; nil where it has none.
    public let name: String?
    /// How it was fitted to the network; empty where nothing was done to it.
    public let note: String
}

/// Reads samples of a split one by one as pictures, and keeps what it needs for that between them. One thread at a time may use
/// it.
public struct PictureReader {
    private let dataset: Dataset
    private let split: Split
    private var reader: SampleReader

    /// Pictures of a split, as augmented for training where that is wanted; `seed` decides how.
    public init(_ dataset: Dataset, split: Split, isAugmented: Bool, seed: UInt64) {
        self.dataset = dataset
        self.split = split
        reader = SampleReader(dataset, split: split, isAugmented: isAugmented, seed: seed)
    }

    /// Reads a sample, as an epoch shows it where samples are augmented; the index is below the count of the split.
    public mutating func picture(_ index: Int, epoch: Int = 0) throws(DatasetError) -> SamplePicture {
        var samples = StoredSamples()
        try reader.read(index, epoch: epoch, adding: &samples)
        let values = samples.values
        let answer = samples.answers[0]
        let range = dataset.holdsNumbers(split) ? PictureReader.range(of: values) : (0, 255)
        let scale = range.1 > range.0 ? 255 / (range.1 - range.0) : 0
        let bytes = values.map { UInt8(min(255, max(0, (($0 - range.0) * scale).rounded()))) }
        var notes: [String] = []
        let placing = answer.placing
        if placing.height > 0, placing.width > 0 { notes.append(PictureReader.note(placing, dataset.shape)) }
        if dataset.holdsNumbers(split) {
            notes.append("numbers \(range.0) (black) to \(range.1) (white)")
        }
        if dataset.shape.channels > 3, case .map = dataset.shape {
            notes.append("channels 1 to 3 of \(dataset.shape.channels)")
        }
        return SamplePicture(
            image: PixelImage(bytes, of: dataset.shape), answer: answer,
            name: dataset.file(of: index, in: split).map { dataset.inside($0) },
            note: notes.filter { !$0.isEmpty }.joined(separator: ", "))
    }

    private static func range(of values: [Float]) -> (Float, Float) {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max() else { return (0, 0) }
        return (least, most)
    }

    /// What was done to the size of a picture.
    private static func note(_ placing: PicturePlacing, _ shape: Shape) -> String {
        guard case .map(_, let height, let width) = shape else { return "" }
        let stored = "\(placing.height)x\(placing.width)"
        if placing.left != 0 || placing.top != 0 { return "\(stored) letterboxed to \(height)x\(width)" }
        return placing.scaleX == 1 && placing.scaleY == 1 ? "" : "\(stored) resized to \(height)x\(width)"
    }
}

extension Dataset {
    /// A path without the folder of the data set.
    fileprivate func inside(_ file: String) -> String {
        guard let folder = spec.path.map({ $0.hasSuffix("/") ? $0 : $0 + "/" }), file.hasPrefix(folder) else {
            return file
        }
        return String(file.dropFirst(folder.count))
    }

    /// A sample as the network gets it: as it is stored, or as it is augmented in an epoch of training where one is given.
    public func picture(
        _ index: Int, of split: Split, epoch: Int? = nil, seed: UInt64 = 0
    ) throws(DatasetError) -> SamplePicture {
        var reader = PictureReader(self, split: split, isAugmented: epoch != nil, seed: seed)
        return try reader.picture(index, epoch: epoch ?? 0)
    }
}

extension PixelImage {
    /// The values of a network's input, channels last, as a picture.
    init(_ values: [UInt8], of shape: Shape) {
        switch shape {
        case .map(let channels, let height, let width):
            var bytes: [UInt8] = []
            bytes.reserveCapacity(3 * height * width)
            for pixel in 0..<height * width {
                let start = pixel * channels
                switch channels {
                case 1: bytes += repeatElement(values[start], count: 3)
                case 2: bytes += [values[start], values[start + 1], 0]
                default: bytes += values[start..<start + 3]
                }
            }
            self.init(height: height, width: width, bytes: bytes)
        case .sequence(let length, let features):
            let greys = (0..<features).reversed().flatMap { feature in
                (0..<length).map { values[$0 * features + feature] }
            }
            self.init(height: features, width: length, bytes: PixelImage.grey(greys))
        case .vector(let count):
            let width = max(1, Int(Double(count).squareRoot().rounded(.up)))
            let height = max(1, (count + width - 1) / width)
            let greys = values + repeatElement(0, count: height * width - count)
            self.init(height: height, width: width, bytes: PixelImage.grey(greys))
        }
    }

    private static func grey(_ values: [UInt8]) -> [UInt8] {
        values.flatMap { repeatElement($0, count: 3) }
    }
}
