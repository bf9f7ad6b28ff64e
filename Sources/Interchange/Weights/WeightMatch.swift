public import Graph
import QAT
public import Weights

/// Tensors of a file held against the parameters of a network, by name: all of them are looked at before any is taken.
public struct WeightMatch: Sendable {
    /// A tensor that has the name of a parameter and another shape.
    public struct Misfit: Hashable, Sendable {
        /// The parameter.
        public var name: String
        /// The axes in the file.
        public var found: [Int]
        /// The axes that the network needs.
        public var expected: [Int]
    }

    /// The parameters that the file has.
    public private(set) var matched: [String] = []
    /// The parameters that the file has not, and that stay as they were.
    public private(set) var kept: [String] = []
    /// The parameters that the file has not, and that there is nothing else for.
    public private(set) var missing: [String] = []
    /// The parameters that have other axes in the file.
    public private(set) var misfits: [Misfit] = []
    /// The parameters that hold a number in the file that is not finite.
    public private(set) var broken: [String] = []
    /// The tensors of the file that no parameter is named like.
    public private(set) var unknown: [String]
    /// The parameters whose numbers have double precision in the file and were rounded.
    public private(set) var rounded: [String] = []
    /// All parameters, where they fit.
    public private(set) var weights: Safetensors

    /// Whether there are numbers for every parameter, some of the file.
    public var fits: Bool { !matched.isEmpty && missing.isEmpty && misfits.isEmpty && broken.isEmpty }

    /// A tensor by its axes and numbers, and whether these were rounded to single precision.
    public typealias Numbers = (axes: [Int], values: [Float], isRounded: Bool)

    /// Looks `read` up for each parameter of a network; where it gives nil, `before` has the numbers. `names` are those of
    /// the file.
    public init(
        of network: Network, on family: ArithmeticFamily, names: [String], before: Safetensors?,
        read: (String) throws -> Numbers?
    ) throws {
        let layout = ParameterLayout(Analysis(network, on: family))
        var tensors: [Safetensors.Tensor] = []
        let entries = layout.parameters + layout.statistics
        for entry in entries {
            if let (axes, values, isRounded) = try read(entry.name) {
                if axes != entry.shape {
                    misfits.append(Misfit(name: entry.name, found: axes, expected: entry.shape))
                } else if !values.allSatisfy(\.isFinite) {
                    broken.append(entry.name)
                } else {
                    matched.append(entry.name)
                    if isRounded { rounded.append(entry.name) }
                    tensors.append(Safetensors.Tensor(entry.name, values, shape: axes))
                }
            } else if let old = before?[entry.name], old.shape == entry.shape, old.dtype == .float32 {
                kept.append(entry.name)
                tensors.append(old)
            } else if let set = layout.setLogClips[entry.layer], entry.role == .logClip {
                kept.append(entry.name)
                tensors.append(Safetensors.Tensor(entry.name, [set], shape: entry.shape))
            } else {
                missing.append(entry.name)
            }
        }
        let known = Set(entries.map(\.name))
        unknown = names.filter { !known.contains($0) }
        weights = Safetensors(
            tensors, metadata: [Checkpoint.digestKey: network.digest, "format": "magikbench weights 1"])
    }
}
