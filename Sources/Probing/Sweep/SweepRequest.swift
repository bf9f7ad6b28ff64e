public import Devices
import Graph
public import QAT

/// What a sweep tries on a network: other bits, clips or weight factors, one layer at a time and then together.
public struct SweepRequest: Sendable {
    /// What is changed.
    public enum Setting: String, CaseIterable, Hashable, Sendable {
        /// Bits of weights and, where asked for, of results.
        case bits
        /// Clips of results.
        case clip
        /// Factors that clip weights.
        case factor
    }

    /// Whose bits are changed.
    public enum Tensors: String, CaseIterable, Hashable, Sendable {
        case weights, results, both

        var includesWeights: Bool { self != .results }
        var includesResults: Bool { self != .weights }
    }

    /// What a mix of bits is to save.
    public enum Cost: String, CaseIterable, Hashable, Sendable {
        /// Bytes of weights; with those of all results where results have other bits.
        case bytes
        /// Multiplications times the bits of both factors.
        case operations
    }

    /// What is changed.
    public var setting = Setting.bits
    /// Whose bits are changed, where the setting is bits.
    public var tensors = Tensors.weights
    /// Bits that may be tried; nil tries all that the chip has.
    public var widths: [Int]?
    /// What a mix is to save.
    public var cost = Cost.bytes
    /// The most that a mix may cost, which is measured beside those of the list; nil asks for none.
    public var budget: Int?
    /// The network, its weights and the samples that are looked at.
    public var probe: ProbeRequest
    /// The chip whose rules hold.
    public var device: Device
    /// Labelled samples that accuracy is measured on: of the validation split, or else the test split. 0 measures none.
    public var labelled = 0

    /// Samples that a network is measured on where no number is said.
    public static let usualSamples = 64

    /// A sweep over a network's bits.
    public init(_ probe: ProbeRequest, on device: Device) {
        self.probe = probe
        self.device = device
        // Other bits and clips give other statistics: all candidates get those of the same batch. A network that was
        // quantized from data keeps its own, which make it agree with its float model.
        self.probe.estimatesNormalization = probe.floatModel == nil
        self.probe.comparesIntegers = false
        self.probe.measuresFolding = false
    }
}
