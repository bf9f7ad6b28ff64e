import Graph

/// How a Resize goes along one axis: which places each place of the result is made of.
enum ResizedAxis: Equatable {
    /// Each place so many times.
    case repeated(Int)
    /// Between neighbours, so many places for each.
    case between(Int)
    /// Between each place and the next, so many places for each, the first of which is the place itself.
    case towards(Int)
    /// One place in so many, from a first one on.
    case picked(step: Int, first: Int)
    /// Two neighbours in so many places, from a first one on, with their shares.
    case joined(step: Int, first: Int, shares: [Float])

    /// The settings of a Resize.
    struct Settings: Equatable {
        var coordinates: String
        var rounding: String
        var isLinear: Bool

        /// What comes near to it where it interpolates between corners to a size some whole times as large.
        func near(_ old: [Int], _ new: [Int]) -> Settings {
            guard isLinear, coordinates == "align_corners",
                zip(old, new).allSatisfy({ $1.isMultiple(of: $0) }),
                old != new
            else { return self }
            var near = self
            near.coordinates = "half_pixel"
            return near
        }
    }

    /// What the settings are along an axis; nil where they are none of these. `scale` is that of the file.
    init?(size: Int, to count: Int, scale: Float, _ settings: Settings) {
        guard size > 0, count > 0, count <= 1 << 16, size <= 1 << 16 else { return nil }
        let places = (0..<count).map { place in
            ResizedAxis.place(Float(place), size, count, scale, settings.coordinates)
        }
        guard !places.contains(where: { $0 == nil }) else { return nil }
        let exact = places.compactMap(\.self)
        if size == 1 {
            self = .repeated(count)
            return
        }
        if settings.isLinear {
            self.init(linear: exact, size)
        } else {
            self.init(nearest: exact.map { ResizedAxis.rounded($0, settings.rounding, size) }, size)
        }
    }

    /// The place of the input that a place of the result lies at.
    private static func place(
        _ place: Float, _ size: Int, _ count: Int, _ scale: Float, _ coordinates: String
    ) -> Float? {
        switch coordinates {
        case "asymmetric": place / scale
        case "half_pixel": (place + 0.5) / scale - 0.5
        case "pytorch_half_pixel": count > 1 ? (place + 0.5) / scale - 0.5 : 0
        case "tf_half_pixel_for_nn": (place + 0.5) / scale
        case "align_corners": count > 1 ? place * Float(size - 1) / Float(count - 1) : 0
        default: nil
        }
    }

    private static func rounded(_ place: Float, _ rounding: String, _ size: Int) -> Int {
        let rounded =
            switch rounding {
            case "floor": place.rounded(.down)
            case "ceil": place.rounded(.up)
            case "round_prefer_ceil": (place + 0.5).rounded(.down)
            default: (place - 0.5).rounded(.up)
            }
        return min(max(Int(held: rounded), 0), size - 1)
    }

    private init?(nearest places: [Int], _ size: Int) {
        let count = places.count
        if count.isMultiple(of: size), places.enumerated().allSatisfy({ $1 == $0 / (count / size) }) {
            self = .repeated(count / size)
            return
        }
        let step = count > 1 ? places[1] - places[0] : size
        guard step > 0, places.enumerated().allSatisfy({ $1 == places[0] + $0 * step }) else { return nil }
        self = .picked(step: step, first: places[0])
    }

    private init?(linear places: [Float], _ size: Int) {
        let count = places.count
        let factor = count / size
        if count == size, places.enumerated().allSatisfy({ $1 == Float($0) }) {
            self = .repeated(1)
            return
        }
        if count.isMultiple(of: size),
            places.enumerated().allSatisfy({ place, source in
                abs(source - ((Float(place) + 0.5) / Float(factor) - 0.5)) < 1e-4
            })
        {
            self = .between(factor)
            return
        }
        if count.isMultiple(of: size), factor > 1,
            places.enumerated().allSatisfy({ place, source in
                abs(source - Float(place) / Float(factor)) < 1e-4
            })
        {
            self = .towards(factor)
            return
        }
        let first = places[0].rounded(.down)
        let share = places[0] - first
        let step = count > 1 ? (places[1] - places[0]).rounded() : Float(size)
        guard first >= 0, step >= 1,
            places.enumerated().allSatisfy({ abs($1 - (places[0] + Float($0) * step)) < 1e-4 }),
            let last = places.last, last <= Float(size - 1)
        else { return nil }
        self =
            share < 1e-6
            ? .picked(step: Int(held: step), first: Int(held: first))
            : .joined(step: Int(held: step), first: Int(held: first), shares: [1 - share, share])
    }

    /// The window that makes it of the input, with its shares; nil where the result has more places.
    func window(over size: Int, to count: Int) -> (axis: WindowAxis, shares: [Float])? {
        let (step, first, shares): (Int, Int, [Float])
        switch self {
        case .repeated(1): (step, first, shares) = (1, 0, [1])
        case .repeated, .between, .towards: return nil
        case .picked(let every, let begin): (step, first, shares) = (every, begin, [1])
        case .joined(let every, let begin, let parts): (step, first, shares) = (every, begin, parts)
        }
        let last = first + (count - 1) * step + shares.count
        return (
            WindowAxis(size: size, kernel: shares.count, stride: step, pads: (-first, last - size)), shares
        )
    }
}
