import Graph

/// What is found of the images of a set while it is opened, both splits together.
struct ImageSurvey {
    /// Folders of classes without an image.
    var emptyClasses: [String] = []
    private var otherFiles = 0
    private var cut: [String] = []
    private var bad: [String] = []
    private let skipsBad: Bool

    /// `skipsBad` leaves out what does not decode, which is an error otherwise.
    init(skipsBad: Bool) { self.skipsBad = skipsBad }

    /// Those of some files that are images by their names.
    mutating func images(_ files: [String]) -> [String] {
        let images = files.filter(isPicture)
        otherFiles += files.count - images.count
        return images
    }

    /// The images that decode, of all that are there. Looks at every file; throws all that are bad at once.
    mutating func decodable(
        _ images: [(path: String, label: Int32)], in folder: String
    ) throws(DatasetError) -> [(path: String, label: Int32)] {
        let check = ImageCheck(images.map { OpenedDataset.path($0.path, in: folder) }, decodes: skipsBad)
        var good: [(path: String, label: Int32)] = []
        var reasons: [String] = []
        for (image, finding) in zip(images, check.findings) {
            let file = OpenedDataset.path(image.path, in: folder)
            switch finding {
            case .good: good.append(image)
            case .cut:
                cut.append(file)
                good.append(image)
            case .bad(let reason): reasons.append("\(file) (\(reason))")
            }
        }
        guard reasons.isEmpty || skipsBad else { throw .images(reasons, of: images.count) }
        bad += reasons
        return good
    }

    /// What a person should know of it, a sentence each.
    var notes: [String] {
        func list(_ files: [String]) -> String {
            files.prefix(3).joined(separator: ", ") + (files.count > 3 ? " and \(files.count - 3) more" : "")
        }
        return [
            (otherFiles, "\(counted(otherFiles, "file")) passed over: not .png, .jpg or .jpeg"),
            (emptyClasses.count, "no images of a class: \(list(emptyClasses))"),
            (
                cut.count,
                "\(counted(cut.count, "JPEG")) without an end, decoded as far as they go: \(list(cut))"
            ),
            (bad.count, "\(counted(bad.count, "image")) left out, for they do not decode: \(list(bad))"),
        ].filter { $0.0 > 0 }.map(\.1)
    }
}
