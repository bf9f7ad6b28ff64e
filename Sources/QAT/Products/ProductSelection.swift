import CKernels

/// How a program chooses the methods of its products on floats. Without anything it takes the one that every machine has.
public struct ProductSelection: Hashable, Sendable {
    /// Methods by product that are taken without measuring, such as those that a run began with.
    public var recorded: [String: ProductMethod] = [:]
    /// The times of this machine, by which other products take the fastest method; those that were not measured yet are
    /// when the program is made, for a few milliseconds. Nil measures nothing.
    public var timings: ProductTimings?
    /// What the factors of gradients are.
    public var gradients = GradientArithmetic.float

    /// The method that every machine has.
    public static let fixed = ProductSelection()

    /// The fastest methods.
    public init(timings: ProductTimings? = nil, gradients: GradientArithmetic = .float) {
        self.timings = timings
        self.gradients = gradients
    }
}

/// The method of one direction of a product in a program.
public struct ProductChoice: Hashable, Sendable {
    /// The layer.
    public let layer: String
    /// Whether it fills sums or gradients, its direction and its shape, in a line.
    public let product: String
    /// The method.
    public let method: ProductMethod
    /// The milliseconds of each method that was measured on this machine, infinity where it lacks the method; empty
    /// where nothing was measured.
    public let milliseconds: [ProductMethod: Double]
    /// Multiplications and sums of pixels of the map: what lies outside is not counted.
    public let operations: Double
    /// Those that are needed at least: fewer where Winograd's sums compute the product.
    public let leastOperations: Double
    /// What the factors are.
    public let factors: ProductFactors
}

/// Chooses the methods of a program's products, and keeps what it chose.
final class ProductChooser {
    private let selection: ProductSelection
    private(set) var choices: [ProductChoice] = []

    /// Products of fewer multiplications and sums are not worth measuring: those of a few channels over a few pixels.
    private static let leastOperations = 1e5

    init(_ selection: ProductSelection) { self.selection = selection }

    /// The forward pass of a product on codes, whose sums are the same by every method; nil where this machine has none.
    func codesPass(
        _ direction: ProductDirection, _ room: ProductDirection.Room
    ) throws(EngineError) -> (any ProductPass)? {
        try pass(direction, isGradient: false, isFree: true, orBy: [.direct, .taps], room)
    }

    /// The pass of a direction. The methods of gradients are free; a forward pass has other methods only where
    /// `isFree`, for its sums on whole codes stay the same on every machine.
    func pass(
        _ direction: ProductDirection, isGradient: Bool, isFree: Bool, _ room: ProductDirection.Room
    ) throws(EngineError) -> any ProductPass {
        guard
            let pass = try pass(direction, isGradient: isGradient, isFree: isFree, orBy: [.direct], room)
        else { throw .library(call: "convolution", layer: direction.layer, status: 0) }
        return pass
    }

    /// The pass by the method that is chosen, or by the first of others, where this machine lacks that.
    private func pass(
        _ direction: ProductDirection, isGradient: Bool, isFree: Bool, orBy others: [ProductMethod],
        _ room: ProductDirection.Room
    ) throws(EngineError) -> (any ProductPass)? {
        let (method, times) = try method(direction, isGradient: isGradient, isFree: isFree)
        for method in [method] + others {
            guard let pass = try direction.pass(method, room) else { continue }
            note(direction, isGradient, method, times)
            return pass
        }
        return nil
    }

    private static func name(_ direction: ProductDirection, isGradient: Bool) -> String {
        "\(isGradient ? "gradient" : "sums"), \(direction.key)"
    }

    private func note(
        _ direction: ProductDirection, _ isGradient: Bool, _ method: ProductMethod,
        _ times: ProductTimings.Times
    ) {
        let factors: ProductFactors =
            direction.factors != .floats ? .codes : method.isRounded ? .bfloat : .single
        choices.append(
            ProductChoice(
                layer: direction.layer, product: ProductChooser.name(direction, isGradient: isGradient),
                method: method, milliseconds: times,
                operations: direction.existingOperations,
                leastOperations: direction.leastOperations(factors), factors: factors))
    }

    private func method(
        _ direction: ProductDirection, isGradient: Bool, isFree: Bool
    ) throws(EngineError) -> (ProductMethod, ProductTimings.Times) {
        guard isGradient || isFree else { return (.direct, [:]) }
        if let method = selection.recorded[ProductChooser.name(direction, isGradient: isGradient)] {
            return (method, [:])
        }
        guard let timings = selection.timings,
            direction.operations >= ProductChooser.leastOperations
        else { return (.direct, [:]) }
        let methods = ProductMethod.allCases.filter {
            isGradient ? selection.gradients.allows($0) : !$0.isRounded
        }
        let name = "\(ck_threads()) threads, \(direction.key)"
        let times = try timings.times(of: name, methods) { missing throws(EngineError) in
            try ProductStopwatch(direction: direction).times(of: missing)
        }
        var admissible = methods.filter { times[$0]?.isFinite ?? false }
        if isGradient, selection.gradients == .bfloat, admissible.contains(where: \.isRounded) {
            admissible.removeAll { !$0.isRounded }
        }
        let fastest = admissible.min { times[$0] ?? .infinity < times[$1] ?? .infinity }
        return (fastest ?? .direct, times)
    }
}
