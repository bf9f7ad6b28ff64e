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

    /// The bytes of one number.
    var bytes: Int {
        switch self {
        case .float, .word: 4
        case .bfloat: 2
        case .unsignedByte, .signedByte: 1
        }
    }
}
