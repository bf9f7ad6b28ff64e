import CKernels
import COneDNN

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
        let begin = rows * slice / slices
        let end = rows * (slice + 1) / slices
        let letters = (first.isTransposed ? Int8(84) : 78, second.isTransposed ? Int8(84) : 78)
        return dnnl_sgemm(
            letters.0, letters.1, dnnl_dim_t(end - begin), dnnl_dim_t(columns), dnnl_dim_t(inner), 1,
            first.address + begin * (first.isTransposed ? 1 : first.stride), dnnl_dim_t(first.stride),
            second.address, dnnl_dim_t(second.stride), adds ? 1 : 0, result.address + begin * result.stride,
            dnnl_dim_t(result.stride))
    }
}
