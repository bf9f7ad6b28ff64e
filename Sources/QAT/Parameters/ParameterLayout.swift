import Foundation
public import Graph

/// Where each tensor that a network learns lies in one run of floats, and where the running statistics lie in another.
///
/// Names are "layer.parameter". Weights keep the axes of `Parameter`: out, in / groups, height, width.
public struct ParameterLayout: Hashable, Sendable {
    /// One tensor.
    public struct Entry: Hashable, Sendable {
        /// "conv0.weight".
        public let name: String
        /// The layer that learns it.
        public let layer: String
        /// What it is to its layer.
        public let role: Role
        /// Its axes.
        public let shape: [Int]
        /// Where it begins, in floats.
        public let offset: Int
        /// The number of values.
        public var count: Int { shape.reduce(1, *) }
        /// The name within its layer: "weight".
        var stem: Substring { name.dropFirst(layer.count + 1) }
    }

    /// What a tensor is.
    public enum Role: Hashable, Sendable {
        /// A tensor of the operator.
        case parameter(Parameter.Role)
        /// The logarithm of a learned clip.
        case logClip
        /// A running mean of batch norm, by channel.
        case mean
        /// A running variance of batch norm, by channel.
        case variance
    }

    /// What is learned, in the order of the network.
    public let parameters: [Entry]
    /// The running statistics.
    public let statistics: [Entry]
    /// Floats that the parameters take, with the gaps between them.
    public let parameterCount: Int
    /// Floats that the statistics take.
    public let statisticCount: Int
    /// The layers whose weights are tables to look up in.
    let tables: Set<String>
    /// By layer, the logarithm of the clip that is set, where the layer learns one.
    public let setLogClips: [String: Float]
    private let places: [String: Int]
    private let statisticPlaces: [String: Int]

    /// Entries begin at multiples of so many floats: a line of the cache.
    private static let alignment = 16

    /// Names that tensors of two layers have: "a.forward.weight" of an LSTM "a" and of a layer "a.forward".
    let clashes: [String]

    /// Lays out the tensors of a network; layers without a shape have none.
    public init(_ analysis: Analysis) { self.init(analysis, leavingOut: []) }

    /// Lays out the tensors of a network but for the layers at some positions.
    init(_ analysis: Analysis, leavingOut absent: Set<Int>) {
        var parameters: [Entry] = []
        var statistics: [Entry] = []
        var setLogClips: [String: Float] = [:]
        var ends = (parameters: 0, statistics: 0)
        func next(_ end: inout Int, _ layer: String, _ name: String, _ role: Role, _ shape: [Int]) -> Entry {
            let entry = Entry(name: "\(layer).\(name)", layer: layer, role: role, shape: shape, offset: end)
            end += (entry.count + alignment - 1) / alignment * alignment
            return entry
        }
        let alignment = ParameterLayout.alignment
        for (index, node) in analysis.network.nodes.enumerated() {
            guard let inputs = analysis.shapes.known(index), analysis.shapes.output(index) != nil,
                !absent.contains(index)
            else { continue }
            let settings = node.layer.settings
            for parameter in settings.parameters(for: inputs, on: analysis.facts.family) {
                parameters.append(
                    next(
                        &ends.parameters, node.name, parameter.name, .parameter(parameter.role),
                        parameter.shape))
                guard parameter.role == .scale else { continue }
                let prefix = parameter.name.dropLast("gamma".count)
                for (name, role) in [("runningMean", Role.mean), ("runningVariance", .variance)] {
                    statistics.append(
                        next(&ends.statistics, node.name, prefix + name, role, parameter.shape))
                }
            }
            if node.layer.learnsClip {
                parameters.append(next(&ends.parameters, node.name, "logClip", .logClip, [1]))
                setLogClips[node.name] = Float(log(settings.quantization?.clip ?? 1))
            }
        }
        self.parameters = parameters
        self.statistics = statistics
        self.setLogClips = setLogClips
        tables = Set(analysis.network.nodes.filter { $0.kind == .embedding }.map(\.name))
        parameterCount = ends.parameters
        statisticCount = ends.statistics
        var clashes: [String] = []
        var places: [String: Int] = [:]
        var statisticPlaces: [String: Int] = [:]
        for (index, entry) in parameters.enumerated() {
            if places.updateValue(index, forKey: entry.name) != nil { clashes.append(entry.name) }
        }
        for (index, entry) in statistics.enumerated() { statisticPlaces[entry.name] = index }
        self.clashes = clashes
        self.places = places
        self.statisticPlaces = statisticPlaces
    }

    /// The tensor of that name that is learned, or nil.
    public func parameter(_ name: String) -> Entry? { places[name].map { parameters[$0] } }

    /// The running statistic of that name, or nil.
    public func statistic(_ name: String) -> Entry? { statisticPlaces[name].map { statistics[$0] } }
}
