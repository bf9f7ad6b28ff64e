import Graph

/// Which training samples are learned from and which are held out for validation, by the options `limit` and `validation`
/// and the seed. What a set has of its own for validation is beside these.
struct HeldOut {
    /// The samples to learn from, by their number in the set, in its order.
    let training: [Int32]
    /// The samples that are held out, likewise.
    let validation: [Int32]
    /// What a person should know: a limit beyond what there is.
    let notes: [String]

    /// Splits `count` samples. Throws where nothing is left to learn from.
    init(of count: Int, _ spec: DataSpec, seed: UInt64) throws(DatasetError) {
        var chosen = Array(0..<Int32(count))
        var notes: [String] = []
        if let limit = spec.limit, limit < chosen.count {
            var random = Random(seed, Stream.limit)
            chosen = Array(random.permutation(of: chosen.count).prefix(limit)).sorted()
        } else if let limit = spec.limit, limit > chosen.count {
            notes.append("limit=\(limit): there are only \(chosen.count) training samples")
        }
        self.notes = notes
        let held = Int(held: (Double(chosen.count) * spec.validation).rounded())
        guard held < chosen.count else {
            throw .empty(
                "the training split", advice: "hold out a smaller share than validation=\(spec.validation)")
        }
        guard held > 0 else {
            (training, validation) = (chosen, [])
            return
        }
        var random = Random(seed, Stream.validation)
        let order = random.permutation(of: chosen.count).map { chosen[Int($0)] }
        validation = order.prefix(held).sorted()
        training = order.dropFirst(held).sorted()
    }
}
