import CKernels
import COneDNN

/// How a product is divided over the samples of its batch, so that threads share it.
///
/// The division depends on the shape alone: results do not depend on the number of threads.
struct BatchSlices {
    let count: Int
    /// The samples of each slice.
    let samples: Int

    /// Fewer operations are not worth a slice of their own.
    private static let leastOperations = 1_000_000
    /// Fewer pixels of the result are not worth weights' sums of their own, but where threads had nothing to share.
    private static let leastPixels = 1024

    /// Divides a product; with `sumsWeights` each slice has sums for all weights, which are added afterwards.
    init(_ shape: onednn_convolution, sumsWeights: Bool) {
        let batch = Int(shape.batch)
        let outputPixels = batch * Int(shape.out_height * shape.out_width)
        let inputs = batch * Int(shape.in_channels * shape.in_height * shape.in_width)
        let outputs = outputPixels * Int(shape.out_channels)
        let terms = Int(shape.in_channels / shape.groups * shape.kernel_height * shape.kernel_width)
        // Moving a number takes as long as several operations.
        let operations = 2 * terms * outputs + 8 * (inputs + outputs)
        var most = batch
        if sumsWeights { most = min(most, max(2, outputPixels / BatchSlices.leastPixels)) }
        let wanted = BatchSlices.count(operations: operations, atMost: most)
        // One primitive serves all slices where they have one size.
        count = (1...max(1, wanted)).last { batch % $0 == 0 } ?? 1
        samples = batch / count
    }

    /// The slices of so much work.
    static func count(operations: Int, atMost most: Int) -> Int {
        max(1, min(most, Int(CK_PARTS), operations / leastOperations))
    }

    /// So many bytes, up to the next cache line.
    static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
}
