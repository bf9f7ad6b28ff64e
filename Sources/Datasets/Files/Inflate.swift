import CCodecs

/// Unpacks a gzip file, all of its members, piece by piece.
///
/// `read` returns the bytes of a range of the file, fewer at its end.
func gunzipped(
    file: String, limit: Int, read: (Range<Int>) throws(DatasetError) -> [UInt8]
) throws(DatasetError) -> [UInt8] {
    let piece = 1 << 20
    var stream = z_stream()
    guard codecs_inflate_gzip(&stream) == Z_OK else { throw .unreadable(file, reason: "zlib does not start") }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var offset = 0
    var isComplete = false
    while true {
        let input = try read(offset..<offset + piece)
        guard !input.isEmpty else { break }
        var used = 0
        while used < input.count {
            if isComplete {
                // A member has ended. Zeros that pad the file are no member; anything else starts the next one.
                guard input[used] != 0 else {
                    used += 1
                    continue
                }
                inflateReset(&stream)
                isComplete = false
            }
            let step = inflateStep(&stream, input, from: used, into: &output, room: limit - output.count)
            used += step.used
            switch step.status {
            case Z_OK: break
            case Z_STREAM_END: isComplete = true
            case Z_BUF_ERROR where output.count >= limit:
                throw .tooLarge(file: file, bytes: limit + 1, limit: limit)
            case Z_BUF_ERROR where step.used > 0 || step.made > 0: break
            default: throw damaged(file: file, byte: offset + used)
            }
        }
        offset += input.count
    }
    guard isComplete else {
        throw .malformed(
            file: file, byte: offset, expected: "more of the gzip stream", found: "the end of the file")
    }
    return output
}

/// Unpacks the deflate stream of one zip member whose unpacked size is known.
func inflated(
    _ input: UnsafeBufferPointer<UInt8>, file: String, at start: Int, count: Int
) throws(DatasetError) -> [UInt8] {
    var stream = z_stream()
    guard codecs_inflate_raw(&stream) == Z_OK else { throw .unreadable(file, reason: "zlib does not start") }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var used = 0
    let packed = Array(input)
    while true {
        // One byte more than announced, so that a stream that goes on is noticed.
        let step = inflateStep(&stream, packed, from: used, into: &output, room: count + 1 - output.count)
        used += step.used
        if step.status == Z_STREAM_END { break }
        guard step.status == Z_OK || step.status == Z_BUF_ERROR, step.used > 0 || step.made > 0 else {
            throw damaged(file: file, byte: start + used)
        }
    }
    guard output.count == count else {
        throw .malformed(
            file: file, byte: start, expected: "a deflate stream that unpacks to \(count) bytes",
            found: output.count > count ? "one that goes on" : "\(output.count) bytes")
    }
    return output
}

private func damaged(file: String, byte: Int) -> DatasetError {
    .malformed(
        file: file, byte: byte, expected: "a whole compressed stream", found: "damaged data; fetch it again")
}

/// Unpacks until the input or the piece of output is used up.
private func inflateStep(
    _ stream: inout z_stream, _ input: [UInt8], from start: Int, into output: inout [UInt8], room: Int
) -> (status: Int32, used: Int, made: Int) {
    let capacity = min(max(room, 0), 1 << 20)
    var status = Z_OK
    var used = 0
    let made = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
        input.withUnsafeBufferPointer { whole in
            let rest = UnsafeBufferPointer(rebasing: whole[start...])
            stream.next_in = UnsafeMutablePointer(mutating: rest.baseAddress)
            stream.avail_in = UInt32(min(rest.count, 1 << 30))
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(capacity)
            let available = Int(stream.avail_in)
            status = inflate(&stream, Z_NO_FLUSH)
            used = available - Int(stream.avail_in)
            filled = capacity - Int(stream.avail_out)
        }
    }
    output += made
    return (status, used, made.count)
}
