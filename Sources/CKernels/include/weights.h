#pragma once

#include <stdint.h>

/// How weights are quantized: axes out, then everything else; one scale a row, or one for all rows.
typedef struct {
    int64_t rows, columns;
    int is_per_tensor;
    /// The two's-complement grid; else the NPU's, which has no zero.
    int is_simd;
    int bits;
    float factor;
} ck_weight_grid;

/// Quantizes weights: `values` gets them in their own units, `codes` as bf16 whole numbers, `units` the value of one code
/// step by row, `sums` that of a row's codes; those that are NULL are not wanted. `partials` has room for 2 * CK_PARTS + 2 * rows doubles.
///
/// Returns the first row whose scale is not finite, or -1.
int64_t ck_quantize_weights(
    const ck_weight_grid *grid, const float *weights, float *values, uint16_t *codes, float *units,
    float *sums, double *partials);

/// Feature codes from values in units of the clip, as bf16 whole numbers. `grid` and `levels` as in ck_epilogue.
void ck_encode(const float *values, int grid, float levels, uint16_t *codes, int64_t count);

/// values as bf16, to the nearest, each times its channel's factor; `factors` has `period` elements.
void ck_to_bf16(const float *values, const float *factors, int64_t period, uint16_t *result, int64_t count);

/// gradients[row][column] += values[row][column] * factors[row] + offsets[row]; sets instead of adding unless `adds`.
void ck_scale_rows(
    const float *values, const float *factors, const float *offsets, int64_t rows, int64_t columns, int adds,
    float *gradients);

/// target[i] += source[i] * factor.
void ck_add_scaled(const float *source, float factor, float *target, int64_t count);

/// target[i] = source[i] * factor.
void ck_scaled(const float *source, float factor, float *target, int64_t count);
