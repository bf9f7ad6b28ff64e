import Datasets
import Probing

/// The pictures that were read last, up to a number of bytes.
struct KeptPictures: Sendable {
    /// A picture, or why there is none.
    typealias Entry = Result<ShownPicture, DatasetError>

    private let limit: Int
    private var entries: [PictureKey: Entry] = [:]
    /// The keys in the order in which they came; those before `first` are gone.
    private var order: [PictureKey] = []
    private var first = 0
    private var bytes = 0

    /// No pictures; at most about so many bytes will be kept.
    init(limit: Int = 48 << 20) { self.limit = limit }

    subscript(key: PictureKey) -> Entry? { entries[key] }

    /// Keeps a picture, and drops the oldest ones where there are too many bytes.
    mutating func keep(_ entry: Entry, for key: PictureKey) {
        if let old = entries.updateValue(entry, forKey: key) {
            bytes += KeptPictures.size(entry) - KeptPictures.size(old)
        } else {
            order.append(key)
            bytes += KeptPictures.size(entry)
        }
        while bytes > limit, first + 1 < order.count { dropOldest() }
    }

    private mutating func dropOldest() {
        if let old = entries.removeValue(forKey: order[first]) { bytes -= KeptPictures.size(old) }
        first += 1
        guard first * 2 > order.count else { return }
        order.removeFirst(first)
        first = 0
    }

    /// The number of pictures.
    var count: Int { entries.count }

    private static func size(_ entry: Entry) -> Int {
        switch entry {
        case .success(let picture):
            picture.image.bytes.count + picture.answer.boxes.count * 48 + picture.answer.mask.count + 400
        case .failure: 400
        }
    }
}
