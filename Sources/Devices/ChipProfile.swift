public import Graph

/// What sets a chip apart: its arithmetic, how it pads, and the bits that it stores values in.
public struct ChipProfile: Hashable, Sendable {
    /// The arithmetic; with it the block of channels.
    public var family: ArithmeticFamily
    /// Whether the chip pads any padding as 1 on both sides.
    public var padsBothSides = false
    /// The bits that a quantized weight may have, the fewest first.
    public var weightBits: [Int]
    /// The bits that a quantized result may have, the fewest first.
    public var featureBits: [Int]
    /// The same for pools and element-wise operators.
    public var combinedFeatureBits: [Int]

    /// Bytes of the memory on the chip that holds features; nil where no document of the vendor gives it, or several disagree.
    public var featureMemory: Int?

    /// The bits that a quantized result of an operator may have, the fewest first.
    public func featureBits(of kind: OperatorKind) -> [Int] {
        switch kind.type.role {
        case .combining: combinedFeatureBits
        case .entry, .learning, .passing: featureBits
        }
    }

    private static let npu = ChipProfile(
        family: .npu, weightBits: [2, 4, 6, 8], featureBits: [2, 4, 8],
        combinedFeatureBits: [2, 4, 8, 10, 12])
    private static let t02 = {
        var profile = npu
        profile.padsBothSides = true
        return profile
    }()
    /// The inference framework's headers give the size of its ORAM.
    private static let t40 = {
        var profile = npu
        profile.featureMemory = 896 << 10
        return profile
    }()
    private static let simd = ChipProfile(
        family: .simd, weightBits: [4, 5, 6, 7, 8], featureBits: [4, 5, 6, 7, 8],
        combinedFeatureBits: [4, 5, 6, 7, 8])

    fileprivate static func of(_ device: Device) -> ChipProfile {
        switch device {
        case .t40: t40
        case .t41: npu
        case .t02: t02
        case .txx, .xs1, .xs2: simd
        }
    }

    private init(
        family: ArithmeticFamily, weightBits: [Int], featureBits: [Int], combinedFeatureBits: [Int]
    ) {
        self.family = family
        self.weightBits = weightBits
        self.featureBits = featureBits
        self.combinedFeatureBits = combinedFeatureBits
    }
}

extension Device {
    /// What sets the chip apart.
    public var profile: ChipProfile { .of(self) }

    /// The arithmetic that the chip computes with.
    public var family: ArithmeticFamily { profile.family }

    /// Whether the chip pads any padding as 1 on both sides.
    public var padsBothSides: Bool { profile.padsBothSides }
}
