import Foundation

/// What PyTorch computed in one case: numbers of `Tests/Fixtures/PyTorch`, which `write.py` beside them writes.
///
/// A case that has "gradient.output" has the gradients that follow from it, under "gradient." and a tensor's name.
public struct PyTorchFixture: Decodable, Sendable, CustomStringConvertible {
    /// A tensor in canonical order.
    public struct Tensor: Decodable, Sendable {
        /// The axes.
        public let shape: [Int]
        /// The values.
        public let values: [Double]
    }

    /// What sets the case apart.
    public let name: String
    /// Numbers that the case was computed with.
    public let settings: [String: Double]
    /// What went in and what came out.
    public let tensors: [String: Tensor]

    /// The name.
    public var description: String { name }

    /// The names of all files, without their ending.
    public static let files = [
        "avgpool", "batchnorm", "conv2d", "depthwise", "detection", "linear", "losses", "lstm", "maxpool",
        "optimizers", "pixelshuffle", "quantized", "targets", "unpool",
    ]

    /// The cases of a file, in its order.
    public static func cases(_ file: String) throws -> [PyTorchFixture] {
        let text = try Fixtures.text("Tests/Fixtures/PyTorch/\(file).json")
        return try JSONDecoder().decode([PyTorchFixture].self, from: Data(text.utf8))
    }

    /// A tensor; throws where the case has none of that name.
    public func tensor(_ name: String) throws -> Tensor {
        guard let tensor = tensors[name] else { throw FixtureError("'\(self.name)' has no tensor '\(name)'") }
        return tensor
    }

    /// A tensor's values.
    public func values(_ name: String) throws -> [Double] { try tensor(name).values }

    /// A setting.
    public func setting(_ name: String) throws -> Double {
        guard let setting = settings[name] else {
            throw FixtureError("'\(self.name)' has no setting '\(name)'")
        }
        return setting
    }

    /// A setting that is a whole number.
    public func count(_ name: String) throws -> Int { Int(try setting(name)) }

    /// A setting that is 0 or 1.
    public func flag(_ name: String) throws -> Bool { try setting(name) != 0 }
}
