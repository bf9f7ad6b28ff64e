import COneDNN

/// The only user of oneDNN: its engine, and primitives whose every status is checked.
///
/// Handles belong to the thread that runs the program; nothing here is shared between threads at work.
final class OneDNN {
    let engine: dnnl_engine_t
    let stream: dnnl_stream_t

    init() throws(EngineError) {
        var engine: dnnl_engine_t?
        try check("engine_create", "-", dnnl_engine_create(&engine, dnnl_cpu, 0))
        var stream: dnnl_stream_t?
        try check(
            "stream_create", "-", dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue))
        guard let engine, let stream else { throw .library(call: "engine_create", layer: "-", status: 0) }
        self.engine = engine
        self.stream = stream
    }

    deinit {
        dnnl_stream_destroy(stream)
        dnnl_engine_destroy(engine)
    }

    /// Whether the processor sums products of bytes by itself and exactly, so that codes are faster than floats.
    static var hasExactBytes: Bool { onednn_has_exact_bytes() != 0 }

    /// The version: "2.6.3".
    static var version: String {
        guard let version = dnnl_version() else { return "unknown" }
        return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.patch)"
    }
}

/// Throws where a call did not succeed.
func check(_ call: String, _ layer: String, _ status: dnnl_status_t) throws(EngineError) {
    guard status == dnnl_success else { throw .library(call: call, layer: layer, status: status.rawValue) }
}

/// The types of numbers in a convolution's tensors.
enum NumberType {
    case float, bfloat, unsignedByte, signedByte, word

    var raw: dnnl_data_type_t {
        switch self {
        case .float: dnnl_f32
        case .bfloat: dnnl_bf16
        case .unsignedByte: dnnl_u8
        case .signedByte: dnnl_s8
        case .word: dnnl_s32
        }
    }
}

/// One direction of a convolution, with its views of memory.
final class ConvolutionPrimitive {
    enum Direction: String { case forward, backwardData, backwardWeights }

    /// How it is computed: by definition on activations channels last; so, or by Winograd's sums, on activations in an
    /// order of the library's choice.
    enum Algorithm {
        case channelsLast, ownLayout, winograd

        fileprivate var raw: onednn_algorithm {
            switch self {
            case .channelsLast: onednn_channels_last
            case .ownLayout: onednn_own_layout
            case .winograd: onednn_winograd
            }
        }
    }

    /// The role of a tensor in any direction.
    enum Role { case source, weights, destination }

    let layer: String
    let direction: Direction
    let shape: onednn_convolution
    private let library: OneDNN
    let descriptor: dnnl_primitive_desc_t
    private let primitive: dnnl_primitive_t
    private var views: [dnnl_memory_t] = []
    private var arguments: [dnnl_exec_arg_t] = []

    /// Prepares a direction; the backward ones take the forward one, on the same numbers, as a hint.
    init(
        _ direction: Direction, _ shape: onednn_convolution, by algorithm: Algorithm = .channelsLast,
        source: NumberType = .float, weights: NumberType = .float, destination: NumberType = .float,
        hint: ConvolutionPrimitive? = nil, library: OneDNN, layer: String
    ) throws(EngineError) {
        self.layer = layer
        self.direction = direction
        self.shape = shape
        self.library = library
        let raw =
            switch direction {
            case .forward: onednn_forward
            case .backwardData: onednn_backward_data
            case .backwardWeights: onednn_backward_weights
            }
        var descriptor: dnnl_primitive_desc_t?
        var copy = shape
        try check(
            "convolution", layer,
            onednn_convolution_make(
                &descriptor, library.engine, raw, algorithm.raw, &copy, source.raw, weights.raw,
                destination.raw, hint?.descriptor))
        var primitive: dnnl_primitive_t?
        try check("primitive_create", layer, dnnl_primitive_create(&primitive, descriptor))
        guard let descriptor, let primitive else {
            throw .library(call: "convolution", layer: layer, status: 0)
        }
        self.descriptor = descriptor
        self.primitive = primitive
    }

    deinit {
        for view in views { dnnl_memory_destroy(view) }
        dnnl_primitive_destroy(primitive)
        dnnl_primitive_desc_destroy(descriptor)
    }

    /// Whether the library has nothing better than its slow reference.
    var isReference: Bool { onednn_is_reference(descriptor) != 0 }

    /// Whether sums of codes stay whole numbers until they are written: other kernels pass them through single precision.
    var sumsWholeNumbers: Bool { onednn_sums_whole_numbers(descriptor) != 0 }

    /// The bytes of the scratchpad.
    var scratchBytes: Int { Int(onednn_size(descriptor, dnnl_query_scratchpad_md)) }

    /// The bytes of the weights, or of their gradient, in the primitive's own form.
    var weightBytes: Int { Int(onednn_size(descriptor, weightQuery)) }

    /// What names the weights, or their gradient, of this direction.
    var weightQuery: dnnl_query_t { query(.weights).0 }

    /// The bytes of a tensor in the primitive's own form.
    func bytes(of role: Role) -> Int { Int(onednn_size(descriptor, query(role).0)) }

    /// Whether the activations of a role are numbers of a type channels last.
    func isPlain(_ role: Role, _ type: NumberType) -> Bool {
        var shape = shape
        return onednn_is_plain(descriptor, query(role).0, role == .source ? 1 : 0, &shape, type.raw) != 0
    }

    fileprivate func query(_ role: Role) -> (dnnl_query_t, Int32) {
        switch (role, direction) {
        case (.source, .backwardData): (dnnl_query_diff_src_md, DNNL_ARG_DIFF_SRC)
        case (.source, _): (dnnl_query_src_md, DNNL_ARG_SRC)
        case (.weights, .backwardWeights): (dnnl_query_diff_weights_md, DNNL_ARG_DIFF_WEIGHTS)
        case (.weights, _): (dnnl_query_weights_md, DNNL_ARG_WEIGHTS)
        case (.destination, .forward): (dnnl_query_dst_md, DNNL_ARG_DST)
        case (.destination, _): (dnnl_query_diff_dst_md, DNNL_ARG_DIFF_DST)
        }
    }

    /// Says where the tensors lie.
    func bind(
        source: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer,
        destination: UnsafeMutableRawPointer,
        scratch: UnsafeMutableRawPointer?
    ) throws(EngineError) {
        for (role, address) in [(Role.source, source), (.weights, weights), (.destination, destination)] {
            let (query, argument) = query(role)
            try view(query, argument, address)
        }
        if let scratch, scratchBytes > 0 {
            try view(dnnl_query_scratchpad_md, DNNL_ARG_SCRATCHPAD, scratch)
        }
    }

    private func view(
        _ query: dnnl_query_t, _ argument: Int32, _ address: UnsafeMutableRawPointer
    ) throws(EngineError) {
        var made: dnnl_memory_t?
        try check("memory_create", layer, onednn_view(&made, descriptor, query, library.engine, address))
        guard let made else { throw .library(call: "memory_create", layer: layer, status: 0) }
        views.append(made)
        arguments.append(dnnl_exec_arg_t(arg: argument, memory: made))
    }

    /// Reads the source from there; the tensors are bound.
    func read(from address: UnsafeMutableRawPointer) throws(EngineError) {
        try check("memory_set_data_handle", layer, dnnl_memory_set_data_handle(views[0], address))
    }

    /// Computes; the tensors are bound.
    func run() throws(EngineError) {
        try check(
            "primitive_execute", layer,
            dnnl_primitive_execute(primitive, library.stream, Int32(arguments.count), arguments))
    }
}

/// Moves a tensor between its plain order and a primitive's own.
final class Reorder {
    private let layer: String
    private let library: OneDNN
    private let primitive: dnnl_primitive_t
    private let views: [dnnl_memory_t]
    private let arguments: [dnnl_exec_arg_t]

    /// Between weights in the order of files (out, in / groups, height, width) at `plain` and the weights, or their
    /// gradient, of a direction at `own`.
    convenience init(
        weightsOf convolution: ConvolutionPrimitive, plainType: NumberType, fromPlain: Bool,
        library: OneDNN, plain: UnsafeMutableRawPointer, own: UnsafeMutableRawPointer
    ) throws(EngineError) {
        try self.init(convolution, .weights, fromPlain: fromPlain, library: library, own: own) {
            made, view in
            var shape = convolution.shape
            return onednn_reorder_make(
                &made, &view, library.engine, &shape, plainType.raw, convolution.descriptor,
                convolution.weightQuery, fromPlain ? 1 : 0, plain)
        }
    }

    /// Between floats channels last at `plain` and the activations of a role at `own`.
    convenience init(
        activationsOf convolution: ConvolutionPrimitive, _ role: ConvolutionPrimitive.Role,
        fromPlain: Bool, library: OneDNN, plain: UnsafeMutableRawPointer, own: UnsafeMutableRawPointer
    ) throws(EngineError) {
        try self.init(convolution, role, fromPlain: fromPlain, library: library, own: own) { made, view in
            var shape = convolution.shape
            return onednn_activations_make(
                &made, &view, library.engine, &shape, role == .source ? 1 : 0, convolution.descriptor,
                convolution.query(role).0, fromPlain ? 1 : 0, plain)
        }
    }

    private init(
        _ convolution: ConvolutionPrimitive, _ role: ConvolutionPrimitive.Role, fromPlain: Bool,
        library: OneDNN, own: UnsafeMutableRawPointer,
        make: (inout dnnl_primitive_t?, inout dnnl_memory_t?) -> dnnl_status_t
    ) throws(EngineError) {
        layer = convolution.layer
        self.library = library
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
        self.primitive = primitive
        views = [plainView, ownView]
        arguments = [
            dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: fromPlain ? plainView : ownView),
            dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: fromPlain ? ownView : plainView),
        ]
    }

    deinit {
        for view in views { dnnl_memory_destroy(view) }
        dnnl_primitive_destroy(primitive)
    }

    func run() throws(EngineError) {
        try check(
            "primitive_execute", layer,
            dnnl_primitive_execute(primitive, library.stream, Int32(arguments.count), arguments))
    }
}

/// A matrix, rows `stride` elements apart.
struct MatrixView {
    var address: UnsafeMutablePointer<Float>
    var stride: Int
    var isTransposed = false

    /// The same matrix with rows and columns exchanged.
    var transposed: MatrixView { MatrixView(address: address, stride: stride, isTransposed: !isTransposed) }
}

/// result = first x second (rows x inner, inner x columns), added to what is there where `adds`.
func multiply(
    _ first: MatrixView, _ second: MatrixView, rows: Int, columns: Int, inner: Int, adds: Bool,
    into result: MatrixView, layer: String
) throws(EngineError) {
    let letters = (first.isTransposed ? Int8(84) : 78, second.isTransposed ? Int8(84) : 78)
    try check(
        "sgemm", layer,
        dnnl_sgemm(
            letters.0, letters.1, dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(inner), 1, first.address,
            dnnl_dim_t(first.stride), second.address, dnnl_dim_t(second.stride), adds ? 1 : 0,
            result.address, dnnl_dim_t(result.stride)))
}
