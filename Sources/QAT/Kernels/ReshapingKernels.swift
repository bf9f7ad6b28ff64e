import CKernels
import Graph

/// Moves values between places: channels last to first, space to depth, or one place to another.
final class MoveKernel: Kernel {
    enum Operation {
        /// The same values again, for a layer that reads one tensor twice.
        case copy
        /// Rows and columns of each sample exchanged.
        case transpose(rows: Int, columns: Int)
        /// The wide map into the deep one, or back.
        case space(ck_space, toDepth: Bool)
    }

    let layer: String
    let operation: Operation
    let input, output: Tensor
    private let target: GradientTarget?
    private let batch: Int

    init(_ builder: Builder, layer: String, _ operation: Operation, input: Tensor, output: Tensor) {
        self.layer = layer
        self.operation = operation
        self.input = input
        self.output = output
        batch = builder.batch
        target = builder.read(input, keeping: false)
        output.storage.gradient?.isNeeded(.backward(builder.next))
    }

    func forward(_ pass: Pass) {
        move(input.values, output.values, adds: 0, isBackward: false)
    }

    func backward() {
        guard let target, let gradient = output.gradient else { return }
        move(gradient, target.address, adds: target.addsFlag, isBackward: true)
    }

    private func move(
        _ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>, adds: Int32,
        isBackward: Bool
    ) {
        switch operation {
        case .copy:
            let count = batch * input.shape.elements
            if adds != 0 {
                ck_add(source, target, Int64(count))
            } else {
                target.update(from: source, count: count)
            }
        case .transpose(let rows, let columns):
            ck_transpose(
                source, Int64(batch), Int64(isBackward ? columns : rows), Int64(isBackward ? rows : columns),
                adds, target)
        case .space(var space, let toDepth):
            if toDepth != isBackward {
                ck_space_to_depth(&space, source, adds, target)
            } else {
                ck_depth_to_space(&space, source, adds, target)
            }
        }
    }
}
