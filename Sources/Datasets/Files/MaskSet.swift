import Foundation
import Graph

/// A mask as a PNG file has it: the number of each pixel is its class, 255 is not judged.
enum MaskFile {
    /// The numbers of a mask, row by row; throws where it is none, or has another size than its picture.
    static func read(_ file: String, height: Int, width: Int) throws(DatasetError) -> [UInt8] {
        let bytes = try wholeFile(
            file, limit: ImageDecoding.fileLimit, needed: "it is the mask of a picture")
        guard ImageDecoding.Format(bytes) == .png else {
            throw .image(file: file, reason: "a mask is a PNG file")
        }
        var sample = Sample()
        try PNGDecoding.decode(bytes, file: file, isMask: true, into: &sample)
        guard sample.layout.height == height, sample.layout.width == width else {
            throw .image(
                file: file,
                reason:
                    "the mask has \(sample.layout.height)x\(sample.layout.width) pixels, its picture \(height)x\(width)"
            )
        }
        return sample.bytes
    }
}

/// Masks in PNG files, one for each picture.
struct MaskLabels: LabelReader {
    static var task: NetworkTask.Kind { .segmentation }

    let classNames: [String]

    func labels(of picture: ListedPicture, height: Int, width: Int) -> PictureLabels {
        var labels = PictureLabels(file: picture.key)
        guard access(picture.key, F_OK) == 0 else {
            labels.faults.append(LabelFault(picture.file, "has no mask \(picture.key)"))
            return labels
        }
        do throws(DatasetError) {
            let mask = try MaskFile.read(picture.key, height: height, width: width)
            var isThere = [Bool](repeating: false, count: 256)
            for number in mask { isThere[Int(number)] = true }
            let found = isThere.indices.filter { isThere[$0] && $0 != Int(SampleAnswer.notJudged) }
            if let wrong = found.first(where: { $0 >= classNames.count }),
                let place = mask.firstIndex(of: UInt8(wrong))
            {
                labels.faults.append(
                    LabelFault(
                        picture.key,
                        "the class \(wrong) in row \(place / width), column \(place % width) is none of 0 to \(classNames.count - 1), or 255 for what is not judged"
                    ))
            }
            labels.maskClasses = found.map(Int32.init)
        } catch {
            labels.faults.append(error.fault(of: picture.key))
        }
        return labels
    }
}

extension OpenedDataset {
    /// Opens a folder with `images/SPLIT` and `masks/SPLIT`.
    static func masks(
        _ folder: String, _ spec: DataSpec, task: NetworkTask
    ) throws(DatasetError) -> OpenedDataset {
        var search = PictureSearch(folder, labels: "masks", ending: ".png")
        try search.findPictures(readsLabels: task.kind == .segmentation && spec.readsLabels)
        return try pictures(
            search.listed, MaskLabels(classNames: task.classes ?? []), spec, task: task,
            faults: search.faults, orphans: search.orphans)
    }
}
