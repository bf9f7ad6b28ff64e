import Datasets
import Foundation
import Platform
import Probing

/// Samples as PNG files: each alone, and all on one sheet.
enum LookPictures {
    /// The most pictures on the sheet.
    private static let sheetLimit = 100

    /// Writes the pictures into a folder, which is made where it is not there; their names begin with their place in the list.
    static func write(_ look: SessionLook, into path: String) throws {
        try Disk.makeFolders(path)
        let folder = try Folder(path)
        var images: [PixelImage] = []
        for (place, entry) in look.entries.enumerated() {
            var picture = AnswerPicture(try look.picture(entry))
            if let answers = entry.answers {
                picture.paint(answers.float, isFloat: true)
                picture.paint(answers.quantized, isFloat: false)
            }
            let number = String(format: "%04d", place + 1)
            try write(picture.image, folder, "\(number)-\(look.split.rawValue)-\(entry.index).png")
            if images.count < sheetLimit { images.append(picture.image) }
        }
        if !images.isEmpty { try write(AnswerPicture.sheet(images, perRow: 8), folder, "sheet.png") }
    }

    private static func write(_ image: PixelImage, _ folder: Folder, _ name: String) throws {
        guard let bytes = image.png else {
            throw CommandError.failure("\(name) cannot be written: there is not enough memory for it")
        }
        try folder.replace(name, with: bytes)
    }
}
