/// The outlines that glyphs are drawn from, in a square from -1 to 1 with y downward.
///
/// Curves are written out as points: numbers in a table are the same on every machine, those of a system's sine are
/// not always.
enum GlyphShape: Int, CaseIterable, Sendable {
    case disc, ring, square, triangle, star, cross, arrow, two, three, five

    /// The name of the class.
    var name: String { rawValue < 7 ? "\(self)" : ["2", "3", "5"][rawValue - 7] }

    /// How far the shape leans at most, as the tangent of half the angle: 30 degrees, or 23 for digits.
    var lean: Float { rawValue < 7 ? 0.27 : 0.2 }

    /// Whether the shape points in any of four directions before it leans.
    var pointsAnywhere: Bool { self == .arrow }

    /// How the inside is drawn.
    var filling: Filling {
        switch self {
        case .disc: .always
        case .square, .triangle, .star: .sometimes
        case .ring, .cross, .arrow, .two, .three, .five: .never
        }
    }

    enum Filling { case always, sometimes, never }

    /// The lines through the points of the shape.
    var lines: [[SIMD2<Float>]] { Self.table[rawValue] }

    private static let table: [[[SIMD2<Float>]]] = [
        [circle], [circle],
        [closed([[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]])],
        [closed([[0, -1], [0.9, 0.65], [-0.9, 0.65]])],
        [
            closed([
                [0, -1.05], [0.26, -0.36], [0.999, -0.324], [0.419, 0.137], [0.617, 0.849], [0, 0.44],
                [-0.617, 0.849], [-0.419, 0.137], [-0.999, -0.324], [-0.26, -0.36],
            ])
        ],
        [[[-0.95, 0], [0.95, 0]], [[0, -0.95], [0, 0.95]]],
        [[[-1, 0], [1, 0]], [[0.3, -0.65], [1, 0], [0.3, 0.65]]],
        [
            [
                [-0.58, -0.5], [-0.45, -0.82], [-0.15, -1], [0.2, -1], [0.5, -0.82], [0.6, -0.5],
                [0.45, -0.15],
                [-0.6, 0.97], [0.66, 0.97],
            ]
        ],
        [
            [
                [-0.55, -0.75], [-0.25, -0.98], [0.15, -1], [0.47, -0.8], [0.52, -0.5], [0.36, -0.2],
                [-0.05, -0.06],
                [0.4, 0.1], [0.6, 0.42], [0.52, 0.77], [0.2, 0.98], [-0.2, 1], [-0.6, 0.75],
            ]
        ],
        [
            [
                [0.55, -1], [-0.42, -1], [-0.5, -0.1], [-0.15, -0.26], [0.25, -0.22], [0.55, 0.08],
                [0.6, 0.45],
                [0.38, 0.84], [0, 1], [-0.36, 0.96], [-0.6, 0.7],
            ]
        ],
    ]

    private static let circle = closed([
        [0.9, 0], [0.831, 0.344], [0.636, 0.636], [0.344, 0.831], [0, 0.9], [-0.344, 0.831], [-0.636, 0.636],
        [-0.831, 0.344], [-0.9, 0], [-0.831, -0.344], [-0.636, -0.636], [-0.344, -0.831], [0, -0.9],
        [0.344, -0.831], [0.636, -0.636], [0.831, -0.344],
    ])

    private static func closed(_ points: [SIMD2<Float>]) -> [SIMD2<Float>] { points + points.prefix(1) }
}
