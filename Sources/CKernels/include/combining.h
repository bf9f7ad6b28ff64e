#pragma once

#include "epilogue.h"

/// How two are combined.
enum { CK_ADD, CK_MULTIPLY };

/// Where both operands lie on grids, `steps` is the number of steps from 0 to 1 (else 0): sums and products are then
/// those of whole numbers, and a half is a half.
///
/// result = quantized(activated(first op second)): of the epilogue only activation and grid count. The second operand
/// has `pixels` times fewer rows than the first where `pixels` is above 1: one row of `channels` an image.
void ck_combine_forward(
    const ck_epilogue *epilogue, int operation, float steps, const float *first, const float *second, int64_t count,
    int64_t channels, int64_t pixels, float *result);

/// The gradients of both operands; each adds where its `adds`, else sets. NULL is not wanted.
void ck_combine_backward(
    const ck_epilogue *epilogue, int operation, float steps, const float *first, const float *second, const float *gradient,
    int64_t count, int64_t channels, int64_t pixels, int first_adds, float *first_gradient, int second_adds,
    float *second_gradient);

/// The larger of two.
void ck_max_forward(const float *first, const float *second, float *result, int64_t count);

/// The larger takes the gradient; equals share it.
void ck_max_backward(
    const float *first, const float *second, const float *gradient, int64_t count, int first_adds,
    float *first_gradient, int second_adds, float *second_gradient);

/// Copies columns of rows: target[row][i] = source[row][i], for i below `columns`, rows `source_stride` and
/// `target_stride` apart. Adds where `adds`.
void ck_copy_columns(
    const float *source, int64_t source_stride, float *target, int64_t target_stride, int64_t columns, int64_t rows,
    int adds);

/// target[i] += source[i].
void ck_add(const float *source, float *target, int64_t count);

/// Adds copies of `stride` numbers, one behind the other, to the first, in their order.
void ck_sum_copies(float *first, int64_t stride, int64_t copies);
