import Graph
import Synchronization

/// Pictures that were decoded and scaled to the network's size, kept for the next time they are needed: as many as fit into
/// some memory, the oldest thrown away first. The threads of all loaders of a set share it.
final class PictureCache: Sendable {
    /// What the pictures of a set may take, in bytes.
    static let limit = 256 << 20

    /// A sample of a split.
    struct Key: Hashable {
        var split: Split
        var index: Int
    }

    private struct State {
        var pictures: [Key: Sample] = [:]
        /// The keys in the order that they came, from `oldest` on.
        var keys: [Key] = []
        var oldest = 0
        var bytes = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = PictureCache.limit) { self.limit = limit }

    /// A picture that is there.
    func find(_ key: Key) -> Sample? { state.withLock { $0.pictures[key] } }

    /// Keeps a picture, if it is none that alone takes too much.
    func keep(_ picture: Sample, for key: Key) {
        let bytes = picture.bytes.count + picture.answer.mask.count
        guard bytes <= limit else { return }
        state.withLock { state in
            guard state.pictures.updateValue(picture, forKey: key) == nil else { return }
            state.keys.append(key)
            state.bytes += bytes
            while state.bytes > limit {
                let gone = state.pictures.removeValue(forKey: state.keys[state.oldest])
                state.bytes -= gone.map { $0.bytes.count + $0.answer.mask.count } ?? 0
                state.oldest += 1
            }
            if state.oldest > 1024, state.oldest > state.keys.count / 2 {
                state.keys.removeFirst(state.oldest)
                state.oldest = 0
            }
        }
    }

    /// The bytes that are kept.
    var bytes: Int { state.withLock { $0.bytes } }
}
