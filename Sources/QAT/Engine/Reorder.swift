import CKernels
import COneDNN

/// Moves a tensor between its plain order and a primitive's own: weights at once, activations by the primitive's slices.
final class Reorder {
    private struct Part {
        var primitive: dnnl_primitive_t
        var views: [dnnl_memory_t]
        var arguments: [dnnl_exec_arg_t]
        var status = dnnl_success
    }

    private let layer: String
    private let library: OneDNN
    private var parts: [Part] = []

    /// Between weights in the order of files (out, in / groups, height, width) at `plain` and the weights, or their
    /// gradient, of a direction at `own`.
    init(
        weightsOf convolution: ConvolutionPrimitive, plainType: NumberType, fromPlain: Bool,
        library: OneDNN, plain: UnsafeMutableRawPointer, own: UnsafeMutableRawPointer
    ) throws(EngineError) {
        layer = convolution.layer
        self.library = library
        try add(convolution, .weights, fromPlain: fromPlain, own: own) { made, view in
            var shape = convolution.shape
            return onednn_reorder_make(
                &made, &view, library.engine, &shape, plainType.raw, convolution.descriptor,
                convolution.weightQuery, fromPlain ? 1 : 0, plain)
        }
    }

    /// Between floats channels last at `plain` and the activations of a role at `own`.
    init(
        activationsOf convolution: ConvolutionPrimitive, _ role: ConvolutionPrimitive.Role,
        fromPlain: Bool, library: OneDNN, plain: UnsafeMutableRawPointer, own: UnsafeMutableRawPointer
    ) throws(EngineError) {
        layer = convolution.layer
        self.library = library
        let plainBytes = convolution.sliceElements(of: role) * NumberType.float.bytes
        for slice in 0..<convolution.slices.count {
            let own = own + slice * convolution.sliceBytes(of: role)
            try add(convolution, role, fromPlain: fromPlain, own: own) { made, view in
                var shape = convolution.sliceShape
                return onednn_activations_make(
                    &made, &view, library.engine, &shape, role == .source ? 1 : 0, convolution.descriptor,
                    convolution.query(role).0, fromPlain ? 1 : 0, plain + slice * plainBytes)
            }
        }
    }

    private func add(
        _ convolution: ConvolutionPrimitive, _ role: ConvolutionPrimitive.Role, fromPlain: Bool,
        own: UnsafeMutableRawPointer, make: (inout dnnl_primitive_t?, inout dnnl_memory_t?) -> dnnl_status_t
    ) throws(EngineError) {
        var primitive: dnnl_primitive_t?
        var plainView: dnnl_memory_t?
        try check("reorder", layer, make(&primitive, &plainView))
        var ownView: dnnl_memory_t?
        try check(
            "memory_create", layer,
            onednn_view(&ownView, convolution.descriptor, convolution.query(role).0, library.engine, own))
        guard let primitive, let plainView, let ownView else {
            throw .library(call: "reorder", layer: layer, status: 0)
        }
        parts.append(
            Part(
                primitive: primitive, views: [plainView, ownView],
                arguments: [
                    dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: fromPlain ? plainView : ownView),
                    dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: fromPlain ? ownView : plainView),
                ]))
    }

    deinit {
        for part in parts {
            for view in part.views { dnnl_memory_destroy(view) }
            dnnl_primitive_destroy(part.primitive)
        }
    }

    func run() throws(EngineError) {
        let library = library
        let status = parts.withUnsafeMutableBufferPointer { parts -> dnnl_status_t in
            withUnsafePointer(to: (parts, library)) { context in
                _ = ck_parallel_tasks(
                    Int64(parts.count),
                    { context, _, begin, end in
                        guard let context else { return }
                        let (parts, library) = context.load(
                            as: (UnsafeMutableBufferPointer<Part>, OneDNN).self)
                        for index in Int(begin)..<Int(end) {
                            let part = parts[index]
                            parts[index].status = dnnl_primitive_execute(
                                part.primitive, library.streams[index], Int32(part.arguments.count),
                                part.arguments)
                        }
                    }, context)
            }
            return parts.first { $0.status != dnnl_success }?.status ?? dnnl_success
        }
        try check("primitive_execute", layer, status)
    }
}
