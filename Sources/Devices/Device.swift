/// A chip that a network can be built for, under the manual's name.
public enum Device: String, CaseIterable, Hashable, Sendable {
    /// NPU family.
    case t40 = "T40"
    /// NPU family.
    case t41 = "T41"
    /// NPU family, with the fewest operators.
    case t02 = "T02"
    /// SIMD family.
    case txx = "Txx"
    /// SIMD family.
    case xs1 = "Xs1"
    /// SIMD family.
    case xs2 = "Xs2"

    /// The chip of that name, in any case; nil where there is none.
    public init?(name: String) {
        guard let device = Device.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() })
        else {
            return nil
        }
        self = device
    }
}

extension Device: CustomStringConvertible {
    /// The manual's name.
    public var description: String { rawValue }
}
