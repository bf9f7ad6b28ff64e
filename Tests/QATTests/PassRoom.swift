@testable import QAT

/// The memory of a pass that runs on its own.
final class PassRoom {
    private var buffers: [Buffer] = []
    private var arena: Arena?

    /// Room for so many bytes, which is there from `allocate` on, as long as this is.
    func callAsFunction(_ bytes: Int) -> Buffer {
        let buffer = Buffer(bytes: bytes)
        buffer.isNeeded(.always)
        buffers.append(buffer)
        return buffer
    }

    /// Gives all buffers their memory.
    func allocate() throws { arena = try Arena(buffers, kernels: 0) }
}
