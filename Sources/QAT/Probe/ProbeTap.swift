import Graph

/// Sees the tensors that a probe compares, as they lie in memory: a name, the values, and the axes of the whole batch,
/// channels last.
///
/// Of each part: "conv0.weight" and "conv0.weight.quantized", in the order of files; "conv0.feature", what its quantizer
/// reads, and "conv0.feature.quantized", normalized; "conv0.float" and "conv0.quantized", the results that are compared
/// between the two networks.
public typealias ProbeTap = (_ name: String, _ values: UnsafePointer<Float>, _ shape: [Int]) -> Void

extension Shape {
    /// The axes of one sample, channels last.
    var lastAxes: [Int] {
        switch self {
        case .map(let channels, let height, let width): [height, width, channels]
        case .sequence(let length, let features): [length, features]
        case .vector(let count): [count]
        }
    }
}
