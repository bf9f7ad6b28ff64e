import Graph
import QAT

/// How a number of a dump is stored; little-endian.
enum DumpType: String {
    case uint8, int8, uint16, int16, float32

    var size: Int {
        switch self {
        case .uint8, .int8: 1
        case .uint16, .int16: 2
        case .float32: 4
        }
    }
}

extension LayerCodes {
    var type: DumpType {
        guard codes != nil else { return .float32 }
        return isSigned ? (bits > 8 ? .int16 : .int8) : bits > 8 ? .uint16 : .uint8
    }

    /// Height, width, channels; or time, features; or the length.
    var lastAxes: [Int] {
        guard case .map(let channels, let height, let width) = shape else { return shape.dimensions }
        return [height, width, channels]
    }

    /// The numbers, channels last.
    var bytes: [UInt8] {
        guard let codes else {
            return (values ?? []).flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
            }
        }
        guard type.size == 2 else { return codes.map { UInt8(truncatingIfNeeded: $0) } }
        return codes.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}
