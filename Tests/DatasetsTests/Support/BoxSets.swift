import Datasets
import Graph

/// A task that finds cats and dogs.
func petTask(_ fit: PictureFitting = .stretch, classes: [String] = ["cat", "dog"]) -> NetworkTask {
    .detection(
        DetectionTask(
            classes: classes, fit: fit,
            heads: [
                .yolov5(
                    AnchorHead(layer: HeadPart("head"), anchors: [BoxSize(width: 10, height: 10)]))
            ]))
}

/// A grey picture of one value.
func plainPicture(height: Int, width: Int, _ value: UInt8 = 200) -> [UInt8] {
    pngFile(height: height, width: width, channels: 1, [UInt8](repeating: value, count: height * width))
}

extension TestFolder {
    /// Writes text.
    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }
}

extension ObjectBox {
    /// Left, top, right, bottom.
    var sides: [Float] { [left, top, right, bottom] }
}

extension Dataset {
    /// The answers of a split, in order, as an unchanged epoch gives them.
    func answers(_ split: Split) throws(DatasetError) -> [SampleAnswer] {
        let loader = Loader(
            self, split: split, batch: max(1, count(split)), shuffled: false, augmented: false,
            dropsLast: false, mean: 0, variance: 1)
        _ = try loader.nextBatch()
        return loader.answers
    }
}
