import Datasets

/// Which objects the priors of all maps have to find (Liu et al. 2016).
///
/// A prior is positive where it overlaps an object by at least 0.35 for tasks of one class, such as faces, else 0.5; the
/// best prior of each object is in any case.
struct PriorAssignment {
    /// A prior of a cell of a map.
    struct Prior {
        var map: Int
        var cell: Int
        /// The cells of the map.
        var cells: Int
        var slot: Int
        var sides: BoxSides
    }

    /// What a prior has to find.
    enum Target {
        case background
        /// In an ignored object: judged neither way.
        case unjudged
        case object(Int)

        var isObject: Bool {
            switch self {
            case .object: true
            case .background, .unjudged: false
            }
        }
    }

    /// The priors of all cells, one map after the other.
    let priors: [Prior]
    private let least: Float

    init(_ maps: [PriorMap], classes: Int) {
        least = classes == 1 ? 0.35 : 0.5
        priors = maps.enumerated().flatMap { index, map in
            (0..<map.grid.cells).flatMap { cell in
                (0..<map.count).map { slot in
                    Prior(
                        map: index, cell: cell, cells: map.grid.cells, slot: slot,
                        sides: map.prior(cell: cell, slot))
                }
            }
        }
    }

    /// What each prior has to find among the objects of a picture.
    func targets(of objects: [ObjectBox]) -> [Target] {
        var targets = [Target](repeating: .background, count: priors.count)
        guard !objects.isEmpty else { return targets }
        let judged = objects.indices.filter { !objects[$0].isIgnored }
        let sides = objects.map { BoxSides($0) }
        let ignored = objects.indices.filter { objects[$0].isIgnored }.map { sides[$0] }
        var best = [(overlap: Float, prior: Int)](repeating: (-1, 0), count: objects.count)
        for (index, prior) in priors.enumerated() {
            var largest: (overlap: Float, object: Int) = (0, 0)
            for object in judged {
                let overlap = sides[object].overlap(prior.sides)
                if overlap > largest.overlap { largest = (overlap, object) }
                if overlap > best[object].overlap { best[object] = (overlap, index) }
            }
            if largest.overlap >= least {
                targets[index] = .object(largest.object)
            } else if ignored.contains(where: { $0.contains(x: prior.sides.centreX, y: prior.sides.centreY) })
            {
                targets[index] = .unjudged
            }
        }
        // Where two objects have the same best prior, it finds the one that it overlaps more.
        for object in judged.sorted(by: { best[$0].overlap < best[$1].overlap }) {
            targets[best[object].prior] = .object(object)
        }
        return targets
    }
}
