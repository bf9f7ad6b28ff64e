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

/// Whether the grid's whole steps are too large for bytes: then a code c stands for 2 c + 1 steps, else for c.
int ck_halves_codes(const ck_weight_grid *grid);

/// Quantizes weights: `values` gets them in their own units, `codes` as whole numbers, `units` the value of one whole
/// step by row, `sums` a row's steps; those that are NULL are not wanted, and sums come with codes alone. `partials` has
/// room for 2 * CK_PARTS + 2 * rows doubles.
///
/// Returns the first row whose scale is not finite, or -1.
int64_t ck_quantize_weights(
    const ck_weight_grid *grid, const float *weights, float *values, int8_t *codes, float *units, float *sums,
    double *partials);

/// target[i] += source[i] * factor.
void ck_add_scaled(const float *source, float factor, float *target, int64_t count);

/// target[i] = source[i] * factor.
void ck_scaled(const float *source, float factor, float *target, int64_t count);
