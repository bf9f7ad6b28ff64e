import Graph

// Joins that nothing reads and splits of splits, when all operators have been read.
extension ImportBuilder {
    /// Takes away joins and splits that nothing reads, and makes one split of splits of its parts; gives the results that have
    /// other names then. `kept` are the network's results.
    func mergeSplits(keeping kept: Set<Source>) -> [Source: Source] {
        dropUnread(Set(kept.map(\.name)))
        let moved = merged(keeping: kept)
        dropUnread(Set(kept.map { (moved[$0] ?? $0).name }))
        return moved
    }

    private func dropUnread(_ kept: Set<String>) {
        var read = kept
        var left: [ImportedLayer] = []
        // Readers come behind what they read.
        for draft in drafts.reversed() {
            let isPassing = [.route, .channelSplit].contains(draft.layer.kind)
            if isPassing, !read.contains(draft.name) { continue }
            read.formUnion(draft.inputs.map(\.name))
            left.append(draft)
        }
        drafts = left.reversed()
    }

    private func merged(keeping kept: Set<Source>) -> [Source: Source] {
        var moved: [Source: Source] = [:]
        var parents: [String: ImportedLayer] = [:]
        // The parts of each split as results of the topmost split above it.
        for draft in drafts {
            guard case .channelSplit(let split) = draft.layer else { continue }
            guard let input = draft.inputs.first, let parent = parents[input.name] else {
                parents[draft.name] = draft
                continue
            }
            guard case .channelSplit(var whole) = parent.layer,
                !kept.contains(where: { (moved[$0] ?? $0) == input }),
                ChannelSplit.parts.contains(whole.split.count + split.split.count - 1),
                !drafts.contains(where: { $0 !== draft && $0.inputs.contains(input) })
            else {
                parents[draft.name] = draft
                continue
            }
            let place = input.output
            let count = whole.split.count
            whole.split.replaceSubrange(place...place, with: split.split)
            parent.layer = .channelSplit(whole)
            // Parts behind it move on; the parts of this one take its place.
            let more = split.split.count - 1
            var changes: [Source: Source] = [:]
            for output in place + 1..<max(place + 1, count) {
                changes[Source(parent.name, output: output)] = Source(parent.name, output: output + more)
            }
            for output in split.split.indices {
                changes[Source(draft.name, output: output)] = Source(parent.name, output: place + output)
            }
            for other in drafts where other !== draft {
                other.inputs = other.inputs.map { changes[$0] ?? $0 }
            }
            for (old, new) in moved { moved[old] = changes[new] ?? new }
            for (old, new) in changes where moved[old] == nil { moved[old] = new }
        }
        return moved
    }
}
