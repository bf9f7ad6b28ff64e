public import Graph
import Synchronization

/// How long each method takes for the products that were measured on a machine, in milliseconds.
///
/// It is shared by the programs of a process and may be used from any thread: what is measured once is not measured
/// again, so that the same product always has the same method.
public final class ProductTimings: Sendable {
    /// The times of one product by method; infinity where this machine lacks the method.
    typealias Times = [ProductMethod: Double]

    private let times: Mutex<[String: Times]>

    /// What computes products: times of other versions say nothing about it. The number grows with every change that makes a
    /// method faster or slower, or adds one.
    public static var version: String {
        #if DEBUG
        // Loops that are not optimized take twenty times as long.
        "oneDNN \(OneDNN.version), products 4, not optimized"
        #else
        "oneDNN \(OneDNN.version), products 4"
        #endif
    }

    /// No products yet.
    public init() { times = Mutex([:]) }

    /// The products of a file; entries that cannot be read are left out.
    public init(_ json: JSON) {
        var found: [String: Times] = [:]
        if case .object(let members) = json {
            for member in members {
                if let times = ProductTimings.times(member.value) { found[member.key] = times }
            }
        }
        times = Mutex(found)
    }

    private static func times(_ json: JSON) -> Times? {
        guard case .object(let members) = json else { return nil }
        var found: Times = [:]
        for member in members {
            guard let method = ProductMethod(rawValue: member.key) else { continue }
            if case .null = member.value {
                found[method] = .infinity
            } else if let time = json.real(of: member.key), time.isFinite, time > 0 {
                found[method] = time
            }
        }
        return found
    }

    /// All products as a file has them; a method that the machine lacks is null.
    public var json: JSON {
        let all = times.withLock { $0 }
        return .object(
            all.sorted { $0.key < $1.key }.map { name, times in
                .init(
                    name,
                    .object(
                        ProductMethod.allCases.compactMap { method in
                            times[method].map {
                                .init(method.rawValue, $0.isFinite ? .number($0) : .null)
                            }
                        }))
            })
    }

    /// How many products were measured.
    public var count: Int { times.withLock { $0.count } }

    /// Takes the products of another table that this one lacks.
    public func add(_ other: ProductTimings) {
        let others = other.times.withLock { $0 }
        times.withLock { $0.merge(others) { own, other in own.merging(other) { own, _ in own } } }
    }

    /// The times of a product; methods that were not measured before are, by `measure`.
    func times(
        of product: String, _ methods: [ProductMethod],
        measure: ([ProductMethod]) throws(EngineError) -> Times
    ) throws(EngineError) -> Times {
        let known = times.withLock { $0[product] ?? [:] }
        let missing = methods.filter { known[$0] == nil }
        guard !missing.isEmpty else { return known }
        let measured = try measure(missing)
        // Another thread may have been faster; its choice stands.
        return times.withLock { all in
            let merged = (all[product] ?? [:]).merging(measured) { own, _ in own }
            all[product] = merged
            return merged
        }
    }
}

extension ProductTimings: Hashable {
    /// Whether both are the same table.
    public static func == (first: ProductTimings, second: ProductTimings) -> Bool { first === second }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
