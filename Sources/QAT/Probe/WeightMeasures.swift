import CKernels
import Weights

/// What is measured of weights beside their own quantizer.
extension TensorScope {
    /// The size of Q(w) s - Q(w s) as a share of that of Q(w) s, with a factor s for each row.
    func foldingError(_ weight: ParameterView, _ quantizer: WeightQuantizer, scales: [Float]) -> Double {
        let rows = weight.shape[0]
        let columns = weight.count / weight.shape[0]
        let folded = UnsafeMutablePointer<Float>.allocate(capacity: weight.count)
        let apart = UnsafeMutablePointer<Float>.allocate(capacity: weight.count)
        defer {
            folded.deallocate()
            apart.deallocate()
        }
        quantize(weight.values, weight, quantizer, values: apart)
        ck_scale_rows(apart, scales, Int64(rows), Int64(columns), apart)
        ck_scale_rows(weight.values, scales, Int64(rows), Int64(columns), folded)
        quantize(folded, weight, quantizer, values: folded)
        let noise = noise(apart, folded, scale: 1, weight.count)
        return noise.signal > 0 ? (noise.noise / noise.signal).squareRoot() : 0
    }

    /// The share of weights whose code differs from that of the weight of this name in a file; nil where the file has
    /// none of this shape.
    func flips(_ weight: ParameterView, _ quantizer: WeightQuantizer, since file: Safetensors) -> Double? {
        guard let values = try? file.values(weight.name, shape: weight.shape, as: Float.self),
            ck_find_not_finite(values, Int64(values.count)) < 0
        else { return nil }
        let earlier = UnsafeMutablePointer<Int8>.allocate(capacity: weight.count)
        defer { earlier.deallocate() }
        quantize(values, weight, quantizer, codes: earlier)
        guard let codes = codes.baseAddress else { return nil }
        quantize(weight.values, weight, quantizer, codes: codes)
        return Double(ck_count_different(codes, earlier, Int64(weight.count))) / Double(weight.count)
    }

    private func quantize(
        _ source: UnsafePointer<Float>, _ weight: ParameterView, _ quantizer: WeightQuantizer,
        values: UnsafeMutablePointer<Float>? = nil, codes: UnsafeMutablePointer<Int8>? = nil
    ) {
        var grid = quantizer.grid(rows: weight.shape[0], count: weight.count)
        ck_quantize_weights(&grid, source, values, codes, units.baseAddress, nil, partials)
    }
}
