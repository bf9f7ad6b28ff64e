import ArgumentParser
import Graph

/// The most that a mix may cost: a number of bytes or operations, or a share of what the network costs.
struct Budget: ExpressibleByArgument, CustomStringConvertible {
    let description: String
    private let amount: Double
    private let isShare: Bool

    init?(argument: String) {
        let units: [(String, Double)] = [
            ("%", 0.01), ("KiB", 1024), ("MiB", 1_048_576), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("", 1),
        ]
        guard let (unit, factor) = units.first(where: { argument.hasSuffix($0.0) }),
            let number = Double(argument.dropLast(unit.count)), number > 0, number * factor < 1e18
        else { return nil }
        description = argument
        amount = number * factor
        isShare = unit == "%"
    }

    /// The number, where the network costs so much as it is.
    func limit(of cost: Int) -> Int { Int(held: isShare ? amount * Double(cost) : amount) }
}
