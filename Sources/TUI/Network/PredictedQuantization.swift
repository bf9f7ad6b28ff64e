import Editing
import Graph
import QAT

/// A tensor as the network quantizes it now. What the probe saw is of the network before the last edit until it has looked
/// again: then clip, factor and bits are the new ones, and the losses what its histogram predicts.
struct PredictedQuantization {
    /// The tensor with its quantizer as it is now.
    private(set) var tensor: ProbedTensor
    /// How many levels occur, or would.
    private(set) var levelsUsed: Int
    /// Whether losses are predicted and not measured.
    private(set) var isPredicted = false

    init(_ measured: ProbedTensor, of node: Node, in editor: EditorState, isStale: Bool) {
        tensor = measured
        levelsUsed = measured.quantizer?.levelsUsed ?? 0
        guard isStale, let quantizer = measured.quantizer, let own = measured.observation.clip,
            let now = node.layer.settings.quantization, let index = editor.network.index(of: node.name)
        else { return }
        let facts = editor.analysis.facts.nodes[index]
        let has = { (field: String) in node.kind.fields.contains { $0.name == field } }
        let expected: WhatIf?
        let (bits, clip): (Int, Double)
        switch measured.observation.kind {
        case .feature:
            bits = facts.output.bits
            clip = has("clip") ? min(now.clip, node.kind.clips.upperBound) : own
            guard bits != quantizer.bits || abs(clip - own) > 1e-6 * own else { return }
            expected = measured.whatIf(clip: clip, bits: bits)
        case .weight:
            let deviation = measured.profile?.deviation ?? 0
            bits = facts.weightBits ?? quantizer.bits
            clip = now.weightFactor * deviation
            guard bits != quantizer.bits || abs(clip - own) > 1e-6 * own else { return }
            expected = measured.whatIf(factor: now.weightFactor, bits: bits)
        }
        guard let expected else { return }
        isPredicted = true
        levelsUsed = Int(held: expected.levelsUsed.rounded())
        tensor.observation.clip = clip
        tensor.observation.clipRatio = expected.clipRatio
        tensor.observation.sqnr = expected.sqnr
        tensor.quantizer?.regrid(
            bits: bits, reach: measured.observation.kind == .feature ? clip : -quantizer.lower)
    }
}

extension ProbedQuantizer {
    /// Gives it the grid of other bits between other ends.
    fileprivate mutating func regrid(bits: Int, reach: Double) {
        grid = QuantizationGrid(grid.kind, bits: bits)
        (lower, upper) = grid.range(end: reach)
    }
}
