import Datasets
import Foundation
import Graph
import Platform
import Probing
import QAT

/// What a network finds in pictures, as labels that `yolo:` reads: `labels/SPLIT/*.txt`, links to the pictures in
/// `images/SPLIT`, and the names of the classes in `data.yaml`.
enum FoundLabels {
    /// Writes the labels into a folder, which is made where it is not there, and says what was written.
    static func write(_ look: SessionLook, into path: String) throws -> String {
        guard case .detection = look.dataset.task.kind else {
            throw CommandError.failure("--labels needs a network that finds boxes: a task of detection")
        }
        let split = look.split == .validation ? "val" : look.split.rawValue
        for name in ["images", "labels"] { try Disk.makeFolders("\(path)/\(name)/\(split)") }
        let labels = try Folder("\(path)/labels/\(split)")
        var count = 0
        for entry in look.entries {
            guard let answers = entry.answers else {
                throw CommandError.failure(
                    "the session has no weights that could find anything; train it first")
            }
            guard let file = look.dataset.file(of: entry.index, in: look.split) else {
                throw CommandError.failure(
                    "--labels needs pictures with files of their own, as images:, yolo:, voc: and coco: have")
            }
            let name = "\(String(format: "%06d", entry.index))-\((file as NSString).lastPathComponent)"
            let link = "\(path)/images/\(split)/\(name)"
            let target = URL(filePath: file).standardizedFileURL.path
            unlink(link)
            guard symlink(target, link) == 0 else {
                throw CommandError.failure("\(link) cannot be made: \(String(cString: strerror(errno)))")
            }
            guard case .boxes(let boxes) = answers.float.content else { continue }
            let lines = boxes.compactMap { line($0, entry.truth.placing) }
            count += lines.count
            try labels.replace(
                (name as NSString).deletingPathExtension + ".txt", with: Array(lines.joined().utf8))
        }
        let classNames = look.dataset.task.classes ?? look.dataset.classNames
        let names = classNames.enumerated().map { "  \($0): \(JSON.string($1).pretty)\n" }
        try Folder(path).replace("data.yaml", with: Array(("names:\n" + names.joined()).utf8))
        return
            "\(counted(count, "box", plural: "boxes")) in \(counted(look.entries.count, "picture")) of \(path)"
    }

    /// A box as shares of the stored picture; nil where nothing of it lies in the picture.
    private static func line(_ box: DetectedBox, _ placing: PicturePlacing) -> String? {
        let width = Double(placing.width)
        let height = Double(placing.height)
        guard width > 0, height > 0 else { return nil }
        func share(_ value: Float, _ offset: Float, _ scale: Float, _ size: Double) -> Double {
            min(1, max(0, Double((value - offset) / scale) / size))
        }
        let left = share(box.left, placing.left, placing.scaleX, width)
        let right = share(box.right, placing.left, placing.scaleX, width)
        let top = share(box.top, placing.top, placing.scaleY, height)
        let bottom = share(box.bottom, placing.top, placing.scaleY, height)
        guard right > left, bottom > top else { return nil }
        return String(
            format: "%d %.6f %.6f %.6f %.6f\n", box.label, (left + right) / 2, (top + bottom) / 2,
            right - left, bottom - top)
    }
}
