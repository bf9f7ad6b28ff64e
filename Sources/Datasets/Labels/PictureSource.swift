import Foundation
import Graph

/// A picture with what is right about it.
struct LabelledPicture: Sendable {
    var file: String
    var height: Int
    var width: Int
    /// The objects, in pixels of the picture.
    var boxes: [ObjectBox] = []
    /// The file of the mask; nil where there is none.
    var mask: String?
    /// The classes in it.
    var classes: [Int32] = []
}

/// Pictures with boxes or masks, decoded when they are asked for.
struct PictureSource: SampleSource {
    private let pictures: [LabelledPicture]
    let fingerprint: UInt64

    var layout: Layout? { nil }
    var count: Int { pictures.count }
    var isDecoded: Bool { true }

    init(_ pictures: [LabelledPicture]) throws(DatasetError) {
        self.pictures = pictures
        var sum = Random(1)
        for picture in pictures {
            var status = stat()
            guard stat(picture.file, &status) == 0 else {
                throw .unreadable(picture.file, reason: systemReason())
            }
            // The name without its folders: a set that was moved is the same set.
            let name = picture.file.split(separator: "/").last ?? ""
            sum = Random(sum.next(), checksum(Array(name.utf8)), UInt64(clamping: status.st_size))
            if let mask = picture.mask {
                guard stat(mask, &status) == 0 else { throw .unreadable(mask, reason: systemReason()) }
                sum = Random(sum.next(), UInt64(clamping: status.st_size))
            }
            for box in picture.boxes {
                sum = Random(
                    sum.next(), UInt64(box.left.bitPattern) << 32 | UInt64(box.top.bitPattern),
                    UInt64(box.right.bitPattern) << 32 | UInt64(box.bottom.bitPattern),
                    UInt64(bitPattern: Int64(box.label)) << 2 | (box.isIgnored ? 2 : 0)
                        | (box.isCrowd ? 1 : 0))
            }
        }
        fingerprint = sum.next()
    }

    func file(_ index: Int) -> String? { pictures[index].file }
    func classes(of index: Int) -> [Int32] { pictures[index].classes }
    func boxes(of index: Int) -> (boxes: [ObjectBox], height: Int, width: Int)? {
        (pictures[index].boxes, pictures[index].height, pictures[index].width)
    }

    func read(_ index: Int, for resizing: Resizing?, into sample: inout Sample) throws(DatasetError) {
        let picture = pictures[index]
        let bytes = try wholeFile(
            picture.file, limit: ImageDecoding.fileLimit, needed: "it was there when the set was opened")
        try ImageDecoding.decode(bytes, file: picture.file, for: resizing, into: &sample)
        guard sample.stored.height == picture.height, sample.stored.width == picture.width else {
            throw .image(
                file: picture.file,
                reason:
                    "it has \(sample.stored.height)x\(sample.stored.width) pixels, and had \(picture.height)x\(picture.width) when the set was opened"
            )
        }
        sample.answer = SampleAnswer()
        sample.answer.boxes = picture.boxes
        if let mask = picture.mask {
            sample.answer.mask = try MaskFile.read(mask, height: picture.height, width: picture.width)
        }
    }
}
