import CKernels
import COneDNN

/// The only user of oneDNN: its engine, and primitives whose every status is checked.
///
/// The library computes on the thread that calls it; what several threads share is divided here. Handles belong to the
/// thread that runs the program.
final class OneDNN {
    let engine: dnnl_engine_t
    /// A stream for each part of a divided loop.
    let streams: [dnnl_stream_t]

    /// The stream of what is not divided.
    var stream: dnnl_stream_t { streams[0] }

    init() throws(EngineError) {
        // The pool keeps the library on one thread, which primitives must see when they are made.
        _ = Engine.threads
        var made: dnnl_engine_t?
        try check("engine_create", "-", dnnl_engine_create(&made, dnnl_cpu, 0))
        guard let made else { throw .library(call: "engine_create", layer: "-", status: 0) }
        engine = made
        streams = try (0..<Int(CK_PARTS)).map { _ throws(EngineError) in
            var stream: dnnl_stream_t?
            try check(
                "stream_create", "-", dnnl_stream_create(&stream, made, dnnl_stream_default_flags.rawValue))
            guard let stream else { throw .library(call: "stream_create", layer: "-", status: 0) }
            return stream
        }
    }

    deinit {
        for stream in streams { dnnl_stream_destroy(stream) }
        dnnl_engine_destroy(engine)
    }

    /// Whether the processor sums products of bytes by itself and exactly, so that codes are faster than floats.
    static var hasExactBytes: Bool { onednn_has_exact_bytes() != 0 }
}

/// Throws where a call did not succeed.
func check(_ call: String, _ layer: String, _ status: dnnl_status_t) throws(EngineError) {
    guard status == dnnl_success else { throw .library(call: call, layer: layer, status: status.rawValue) }
}

/// The types of numbers in a convolution's tensors.
enum NumberType {
    case float, unsignedByte, signedByte

    var raw: dnnl_data_type_t {
        switch self {
        case .float: dnnl_f32
        case .unsignedByte: dnnl_u8
        case .signedByte: dnnl_s8
        }
    }

    /// The bytes of one number.
    var bytes: Int {
        switch self {
        case .float: 4
        case .unsignedByte, .signedByte: 1
        }
    }
}

/// One direction of a convolution, with its views of memory: slices of the batch that threads compute side by side.
final class ConvolutionPrimitive {
    enum Direction { case forward, backwardData, backwardWeights }

    /// The role of a tensor in any direction.
    enum Role { case source, weights, destination }

    let layer: String
    let direction: Direction
    /// The shape of the whole batch.
    let shape: onednn_convolution
    private let slices: BatchSlices
    private let sourceType: NumberType
    private let library: OneDNN
    let descriptor: dnnl_primitive_desc_t
    private let primitive: dnnl_primitive_t
    private var views: [dnnl_memory_t] = []
    /// Slice after slice, the same number for each.
    private var arguments: [dnnl_exec_arg_t] = []
    /// What became of each slice.
    private let statuses: UnsafeMutablePointer<dnnl_status_t>
    private var weightCopies: UnsafeMutablePointer<Float>?

    /// Prepares a direction. The result is float.
    init(
        _ direction: Direction, _ shape: onednn_convolution, source: NumberType = .float,
        weights: NumberType = .float, library: OneDNN, layer: String
    ) throws(EngineError) {
        self.layer = layer
        self.direction = direction
        self.shape = shape
        self.library = library
        sourceType = source
        slices = BatchSlices(shape, sumsWeights: direction == .backwardWeights)
        var slice = shape
        slice.batch = Int64(slices.samples)
        func describe(
            _ direction: onednn_direction, hint: dnnl_primitive_desc_t?
        ) throws(EngineError) -> dnnl_primitive_desc_t {
            var made: dnnl_primitive_desc_t?
            try check(
                "convolution", layer,
                onednn_convolution_make(
                    &made, library.engine, direction, &slice, source.raw, weights.raw, NumberType.float.raw,
                    hint))
            guard let made else { throw .library(call: "convolution", layer: layer, status: 0) }
            return made
        }
        let forward = try describe(onednn_forward, hint: nil)
        switch direction {
        case .forward: descriptor = forward
        case .backwardData, .backwardWeights:
            defer { dnnl_primitive_desc_destroy(forward) }
            descriptor = try describe(
                direction == .backwardData ? onednn_backward_data : onednn_backward_weights, hint: forward)
        }
        var primitive: dnnl_primitive_t?
        try check("primitive_create", layer, dnnl_primitive_create(&primitive, descriptor))
        guard let primitive else { throw .library(call: "convolution", layer: layer, status: 0) }
        self.primitive = primitive
        statuses = .allocate(capacity: slices.count)
        statuses.initialize(repeating: dnnl_success, count: slices.count)
    }

    deinit {
        for view in views { dnnl_memory_destroy(view) }
        dnnl_primitive_destroy(primitive)
        dnnl_primitive_desc_destroy(descriptor)
        statuses.deallocate()
    }

    /// Whether the library has nothing better than its slow reference.
    var isReference: Bool { onednn_is_reference(descriptor) != 0 }

    /// The bytes of the scratchpads of all slices.
    var scratchBytes: Int { slices.count * sliceScratchBytes }

    private var sliceScratchBytes: Int {
        BatchSlices.aligned(Int(onednn_size(descriptor, dnnl_query_scratchpad_md)))
    }

    /// The bytes of the weights in the primitive's own form, or of their gradient with a copy for each slice.
    var weightBytes: Int { (direction == .backwardWeights ? slices.count : 1) * sliceWeightBytes }

    private var sliceWeightBytes: Int { BatchSlices.aligned(Int(onednn_size(descriptor, weightQuery))) }

    /// What names the weights, or their gradient, of this direction.
    var weightQuery: dnnl_query_t { query(.weights).0 }

    private func query(_ role: Role) -> (dnnl_query_t, Int32) {
        switch (role, direction) {
        case (.source, .backwardData): (dnnl_query_diff_src_md, DNNL_ARG_DIFF_SRC)
        case (.source, _): (dnnl_query_src_md, DNNL_ARG_SRC)
        case (.weights, .backwardWeights): (dnnl_query_diff_weights_md, DNNL_ARG_DIFF_WEIGHTS)
        case (.weights, _): (dnnl_query_weights_md, DNNL_ARG_WEIGHTS)
        case (.destination, .forward): (dnnl_query_dst_md, DNNL_ARG_DST)
        case (.destination, _): (dnnl_query_diff_dst_md, DNNL_ARG_DIFF_DST)
        }
    }

    /// Says where the tensors of the whole batch lie.
    func bind(
        source: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer,
        destination: UnsafeMutableRawPointer,
        scratch: UnsafeMutableRawPointer?
    ) throws(EngineError) {
        let inputs = slices.samples * Int(shape.in_channels * shape.in_height * shape.in_width)
        let outputs = slices.samples * Int(shape.out_channels * shape.out_height * shape.out_width)
        let sumsWeights = direction == .backwardWeights
        for slice in 0..<slices.count {
            let places = [
                (Role.source, source + slice * inputs * sourceType.bytes),
                (.weights, weights + (sumsWeights ? slice * sliceWeightBytes : 0)),
                (.destination, destination + slice * outputs * NumberType.float.bytes),
            ]
            for (role, address) in places {
                let (query, argument) = query(role)
                try view(query, argument, address)
            }
            if let scratch, scratchBytes > 0 {
                try view(dnnl_query_scratchpad_md, DNNL_ARG_SCRATCHPAD, scratch + slice * sliceScratchBytes)
            }
        }
        if sumsWeights { weightCopies = weights.assumingMemoryBound(to: Float.self) }
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

    /// Computes; the tensors are bound.
    func run() throws(EngineError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ck_parallel_tasks(
            Int64(slices.count),
            { context, _, begin, end in
                guard let context else { return }
                let product = Unmanaged<ConvolutionPrimitive>.fromOpaque(context).takeUnretainedValue()
                for slice in begin..<end { product.run(Int(slice)) }
            }, context)
        for slice in 0..<slices.count { try check("primitive_execute", layer, statuses[slice]) }
        if let weightCopies, slices.count > 1 {
            let stride = Int64(sliceWeightBytes / NumberType.float.bytes)
            ck_sum_copies(weightCopies, stride, Int64(slices.count))
        }
    }

    private func run(_ slice: Int) {
        let count = arguments.count / slices.count
        statuses[slice] = arguments.withUnsafeBufferPointer {
            dnnl_primitive_execute(
                primitive, library.streams[slice], Int32(count), $0.baseAddress.map { $0 + slice * count })
        }
    }
}

/// Moves weights between the order of files (out, in / groups, height, width) and a primitive's own.
final class WeightReorder {
    private let layer: String
    private let library: OneDNN
    private let primitive: dnnl_primitive_t
    private let views: [dnnl_memory_t]
    private let arguments: [dnnl_exec_arg_t]

    /// Between `plain` and the weights, or their gradient, of a direction at `own`.
    init(
        _ convolution: ConvolutionPrimitive, plainType: NumberType, fromPlain: Bool, library: OneDNN,
        plain: UnsafeMutableRawPointer, own: UnsafeMutableRawPointer
    ) throws(EngineError) {
        layer = convolution.layer
        self.library = library
        var primitive: dnnl_primitive_t?
        var plainView: dnnl_memory_t?
        var shape = convolution.shape
        try check(
            "reorder", layer,
            onednn_reorder_make(
                &primitive, &plainView, library.engine, &shape, plainType.raw, convolution.descriptor,
                convolution.weightQuery, fromPlain ? 1 : 0, plain))
        var ownView: dnnl_memory_t?
        try check(
            "memory_create", layer,
            onednn_view(&ownView, convolution.descriptor, convolution.weightQuery, library.engine, own))
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
    let product = MatrixProduct(
        first: first, second: second, result: result, rows: rows, columns: columns, inner: inner, adds: adds)
    try check("sgemm", layer, product.run())
}

/// A product of matrices, in slices of its rows that threads compute side by side.
private struct MatrixProduct {
    var first, second, result: MatrixView
    var rows, columns, inner: Int
    var adds: Bool

    private var slices: Int { BatchSlices.count(operations: 2 * rows * columns * inner, atMost: rows) }

    func run() -> dnnl_status_t {
        withUnsafeTemporaryAllocation(of: dnnl_status_t.self, capacity: Int(CK_PARTS)) { statuses in
            statuses.initialize(repeating: dnnl_success)
            withUnsafePointer(to: (self, statuses)) { context in
                _ = ck_parallel_tasks(
                    Int64(slices),
                    { context, _, begin, end in
                        guard let context else { return }
                        let (product, statuses) = context.load(
                            as: (MatrixProduct, UnsafeMutableBufferPointer<dnnl_status_t>).self)
                        for slice in begin..<end { statuses[Int(slice)] = product.run(Int(slice)) }
                    }, context)
            }
            return statuses.first { $0 != dnnl_success } ?? dnnl_success
        }
    }

    private func run(_ slice: Int) -> dnnl_status_t {
        let (begin, end) = (rows * slice / slices, rows * (slice + 1) / slices)
        let letters = (first.isTransposed ? Int8(84) : 78, second.isTransposed ? Int8(84) : 78)
        return dnnl_sgemm(
            letters.0, letters.1, dnnl_dim_t(end - begin), dnnl_dim_t(columns), dnnl_dim_t(inner), 1,
            first.address + begin * (first.isTransposed ? 1 : first.stride), dnnl_dim_t(first.stride),
            second.address, dnnl_dim_t(second.stride), adds ? 1 : 0, result.address + begin * result.stride,
            dnnl_dim_t(result.stride))
    }
}
