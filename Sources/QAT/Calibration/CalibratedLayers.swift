import Graph

extension Layer {
    /// Changes the settings of the quantizers, where the layer has any.
    mutating func changeQuantizers(_ change: (inout Quantization) -> Void) {
        guard var quantized = settings as? any Quantized else { return }
        change(&quantized.quantizers)
        self = quantized.layer
    }

    /// The layer with batch norm in place of its bias; nil where it has batch norm already, or no product.
    var normalized: Layer? {
        if var product = settings as? any Product, !product.batchNorm {
            product.batchNorm = true
            product.bias = false
            return product.layer
        }
        if case .seBlock(var gate) = self, !gate.batchNorm {
            gate.batchNorm = true
            gate.bias = false
            return .seBlock(gate)
        }
        return nil
    }

    /// Whether its own numbers can give its result any scale.
    var learnsScale: Bool { settings is any Product || kind == .batchNorm }
}
