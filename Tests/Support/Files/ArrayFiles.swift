import CCodecs

/// An array as numpy writes it.
package func npyFile(_ type: String, _ axes: [Int], _ values: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let shape = axes.map { "\($0)," }.joined(separator: " ")
    var text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }".utf8)
    let sizeBytes = version == 1 ? 2 : 4
    while (8 + sizeBytes + text.count + 1) % 64 != 0 { text.append(0x20) }
    text.append(0x0A)
    let size = (0..<sizeBytes).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + text + values
}

/// Values low byte first.
package func littleEndian<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
    }
}

/// A zip file with these members, stored or deflated.
package func zipFile(_ members: [(name: String, bytes: [UInt8])], deflates: Bool) -> [UInt8] {
    var (file, list): ([UInt8], [UInt8]) = ([], [])
    for (name, bytes) in members {
        let body = deflates ? deflated(bytes) : bytes
        let common =
            littleEndian([UInt16(20), 0, deflates ? 8 : 0, 0, 0])
            + littleEndian([checksum(bytes), UInt32(body.count), UInt32(bytes.count)])
            + littleEndian([UInt16(name.utf8.count), 0])
        list +=
            littleEndian([UInt32(0x0201_4B50)]) + littleEndian([UInt16(20)]) + common
            + littleEndian([UInt16(0), 0, 0]) + littleEndian([UInt32(0), UInt32(file.count)])
            + Array(name.utf8)
        file += littleEndian([UInt32(0x0403_4B50)]) + common + Array(name.utf8) + body
    }
    let count = UInt16(members.count)
    return file + list + littleEndian([UInt32(0x0605_4B50)]) + littleEndian([UInt16(0), 0, count, count])
        + littleEndian([UInt32(list.count), UInt32(file.count)]) + littleEndian([UInt16(0)])
}

/// An .npz file of four arrays; `x` and `y` make the ones of `count` samples.
package func npzFile(
    deflates: Bool = false, train: Int = 6, test: Int = 3, x: (Int) -> [UInt8], y: (Int) -> [UInt8]
) -> [UInt8] {
    zipFile(
        [
            ("x_train.npy", x(train)), ("y_train.npy", y(train)), ("x_test.npy", x(test)),
            ("y_test.npy", y(test)),
        ], deflates: deflates)
}

/// The bytes as gzip packs them.
package func gzipFile(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    codecs_deflate_gzip(&stream)
    defer { deflateEnd(&stream) }
    return packed(bytes, &stream)
}

/// The bytes as a zip file packs them.
package func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    codecs_deflate_raw(&stream)
    defer { deflateEnd(&stream) }
    return packed(bytes, &stream)
}

private func packed(_ bytes: [UInt8], _ stream: inout z_stream) -> [UInt8] {
    var input = bytes
    return [UInt8](unsafeUninitializedCapacity: bytes.count + bytes.count / 100 + 100) { output, filled in
        input.withUnsafeMutableBufferPointer { input in
            (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
            (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
            deflate(&stream, Z_FINISH)
            filled = output.count - Int(stream.avail_out)
        }
    }
}

/// The sum that a zip file has of a member (CRC-32).
private func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
}
