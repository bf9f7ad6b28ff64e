import CKernels
import Graph

/// An epilogue without a product: batch norm on its own, or the quantizer that follows a mean.
final class EpilogueKernel: Kernel {
    let layer: String
    let input: Tensor
    let output: Tensor
    let epilogue: Epilogue
    private let inputGradient: GradientTarget?
    private let count: Int

    init(_ builder: Builder, layer: String, input: Tensor, output: Tensor, epilogue: Epilogue) {
        self.layer = layer
        self.input = input
        self.output = output
        self.epilogue = epilogue
        count = builder.batch * input.shape.elements
        inputGradient = builder.read(input, keeping: true)
        output.storage.gradient?.isNeeded(.backward(builder.next))
    }

    func forward(_ pass: Pass) throws(EngineError) {
        try epilogue.forward(input.values, into: output.values, pass: pass)
    }

    func backward() {
        guard let gradient = output.gradient else { return }
        guard let inputGradient else { return epilogue.backward(input.values, gradient, into: nil) }
        epilogue.backward(
            input.values, gradient, into: inputGradient.adds ? gradient : inputGradient.address)
        if inputGradient.adds { ck_add(gradient, inputGradient.address, Int64(count)) }
    }
}

extension EpilogueKernel: QuantizingKernel {
    var quantizedOutput: Tensor { output }
    var quantizedRange: (clip: Float, lower: Float)? { epilogue.range }

    func fillUnquantized(_ values: UnsafeMutablePointer<Float>) {
        epilogue.fillUnquantized(input.values, into: values)
    }
}

extension EpilogueKernel: NormalizingKernel {
    var name: String { layer }

    func fillNormalized(_ values: UnsafeMutablePointer<Float>) {
        epilogue.fillNormalized(input.values, into: values)
    }
}
