/// The least time that each kernel of a program computed in a pass, over all passes since it was made.
///
/// What counts is the time that the calling thread computes: with one thread all of it, else its share.
public final class KernelTimes {
    /// The layers of the kernels, in the order of the forward pass. A layer can have several.
    public let layers: [String]
    /// Milliseconds of the forward pass by kernel; infinity before the first pass.
    public private(set) var forward: [Double]
    /// Milliseconds of the backward pass by kernel, likewise.
    public private(set) var backward: [Double]

    init(_ kernels: [any Kernel]) {
        layers = kernels.map(\.layer)
        forward = kernels.map { _ in .infinity }
        backward = forward
    }

    func measureForward(_ kernel: Int, _ work: () throws(EngineError) -> Void) throws(EngineError) {
        forward[kernel] = min(forward[kernel], try KernelTimes.milliseconds(work))
    }

    func measureBackward(_ kernel: Int, _ work: () throws(EngineError) -> Void) throws(EngineError) {
        backward[kernel] = min(backward[kernel], try KernelTimes.milliseconds(work))
    }

    private static func milliseconds(_ work: () throws(EngineError) -> Void) throws(EngineError) -> Double {
        let begin = Engine.computedMilliseconds
        try work()
        return Engine.computedMilliseconds - begin
    }
}
