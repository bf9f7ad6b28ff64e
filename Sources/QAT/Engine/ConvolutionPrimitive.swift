import CKernels
import COneDNN

/// One direction of a convolution, with its views of memory: slices of the batch that threads compute side by side.
final class ConvolutionPrimitive {
    enum Direction: String { case forward, backwardData, backwardWeights }

    /// The order of activations: channels last, or the library's choice.
    enum Layout {
        case channelsLast, own

        var raw: onednn_layout {
            switch self {
            case .channelsLast: onednn_channels_last
            case .own: onednn_own_layout
            }
        }
    }

    /// The role of a tensor in any direction.
    enum Role { case source, weights, destination }

    let layer: String
    let direction: Direction
    /// The shape of the whole batch.
    let shape: onednn_convolution
    let slices: BatchSlices
    private let sourceType: NumberType
    private let destinationType: NumberType
    let library: OneDNN
    let descriptor: dnnl_primitive_desc_t
    private let primitive: dnnl_primitive_t
    private var views: [dnnl_memory_t] = []
    /// Slice after slice, the same number for each.
    private var arguments: [dnnl_exec_arg_t] = []
    /// What became of each slice.
    private let statuses: UnsafeMutablePointer<dnnl_status_t>
    private var weightCopies: UnsafeMutablePointer<Float>?
    /// Bytes from the source of a slice to that of the next.
    private var sourceStride = 0

    /// Prepares a direction.
    init(
        _ direction: Direction, _ shape: onednn_convolution, in layout: Layout = .channelsLast,
        source: NumberType = .float, weights: NumberType = .float, destination: NumberType = .float,
        library: OneDNN, layer: String
    ) throws(EngineError) {
        self.layer = layer
        self.direction = direction
        self.shape = shape
        self.library = library
        sourceType = source
        destinationType = destination
        slices = BatchSlices(shape, sumsWeights: direction == .backwardWeights)
        var slice = shape
        slice.batch = Int64(slices.samples)
        func describe(
            _ direction: onednn_direction, _ source: NumberType, _ weights: NumberType,
            hint: dnnl_primitive_desc_t?
        ) throws(EngineError) -> dnnl_primitive_desc_t {
            var made: dnnl_primitive_desc_t?
            try check(
                "convolution", layer,
                onednn_convolution_make(
                    &made, library.engine, direction, layout.raw, &slice, source.raw, weights.raw,
                    destination.raw, hint))
            guard let made else { throw .library(call: "convolution", layer: layer, status: 0) }
            return made
        }
        switch direction {
        case .forward: descriptor = try describe(onednn_forward, source, weights, hint: nil)
        case .backwardData, .backwardWeights:
            // The library takes the forward direction as a hint, on the numbers that the gradient has.
            let forward = try describe(onednn_forward, destination, destination, hint: nil)
            defer { dnnl_primitive_desc_destroy(forward) }
            descriptor = try describe(
                direction == .backwardData ? onednn_backward_data : onednn_backward_weights, source, weights,
                hint: forward)
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

    /// Whether sums of codes stay whole numbers until they are written: other kernels pass them through single precision.
    var sumsWholeNumbers: Bool { onednn_sums_whole_numbers(descriptor) != 0 }

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

    /// The bytes of a batch of activations in the primitive's own form, slice after slice.
    func bytes(of role: Role) -> Int { slices.count * sliceBytes(of: role) }

    func sliceBytes(of role: Role) -> Int {
        BatchSlices.aligned(Int(onednn_size(descriptor, query(role).0)))
    }

    /// The shape of a slice.
    var sliceShape: onednn_convolution {
        var slice = shape
        slice.batch = Int64(slices.samples)
        return slice
    }

    /// The numbers of a slice of activations.
    func sliceElements(of role: Role) -> Int {
        switch role {
        case .source: slices.samples * Int(shape.in_channels * shape.in_height * shape.in_width)
        case .destination: slices.samples * Int(shape.out_channels * shape.out_height * shape.out_width)
        case .weights: 0
        }
    }

    /// Whether the activations of a role are numbers of a type channels last.
    func isPlain(_ role: Role, _ type: NumberType) -> Bool {
        var shape = sliceShape
        return onednn_is_plain(descriptor, query(role).0, role == .source ? 1 : 0, &shape, type.raw) != 0
    }

    func query(_ role: Role) -> (dnnl_query_t, Int32) {
        switch (role, direction) {
        case (.source, .backwardData): (dnnl_query_diff_src_md, DNNL_ARG_DIFF_SRC)
        case (.source, _): (dnnl_query_src_md, DNNL_ARG_SRC)
        case (.weights, .backwardWeights): (dnnl_query_diff_weights_md, DNNL_ARG_DIFF_WEIGHTS)
        case (.weights, _): (dnnl_query_weights_md, DNNL_ARG_WEIGHTS)
        case (.destination, .forward): (dnnl_query_dst_md, DNNL_ARG_DST)
        case (.destination, _): (dnnl_query_diff_dst_md, DNNL_ARG_DIFF_DST)
        }
    }

    /// Says where the tensors of the whole batch lie; activations of `own` roles in the primitive's own form.
    func bind(
        source: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer,
        destination: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer?, own: [Role] = []
    ) throws(EngineError) {
        func stride(_ role: Role, _ type: NumberType) -> Int {
            own.contains(role) ? sliceBytes(of: role) : sliceElements(of: role) * type.bytes
        }
        let sumsWeights = direction == .backwardWeights
        sourceStride = stride(.source, sourceType)
        let destinationStride = stride(.destination, destinationType)
        for slice in 0..<slices.count {
            let places = [
                (Role.source, source + slice * sourceStride),
                (.weights, weights + (sumsWeights ? slice * sliceWeightBytes : 0)),
                (.destination, destination + slice * destinationStride),
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

    /// Reads the source of the whole batch from there; the tensors are bound.
    func read(from address: UnsafeMutableRawPointer) throws(EngineError) {
        let count = views.count / slices.count
        for slice in 0..<slices.count {
            try check(
                "memory_set_data_handle", layer,
                dnnl_memory_set_data_handle(views[slice * count], address + slice * sourceStride))
        }
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
