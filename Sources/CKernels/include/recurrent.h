#pragma once

#include <stdint.h>

/// One time step of an LSTM over a batch: gates in the order input, forget, cell, output.
///
/// `grid` is CK_FLOAT for float cells, else CK_SIGNED_NPU or CK_SIGNED_SIMD; levels 2^b - 1, or 2^(b-1) - 1 for SIMD.
typedef struct {
    int64_t batch, hidden;
    int grid;
    float levels;
} ck_cell;

/// sums has axes batch, 4 x hidden and already holds the bias; cell and state have axes batch, hidden. `state` has rows
/// `state_stride` apart.
void ck_cell_forward(
    const ck_cell *cell, const float *sums, const float *cell_before, float *cell_after, float *state,
    int64_t state_stride);

/// `sums` is replaced by its gradient; `cell_gradient` holds that of the cell after the step and gets that of the one before.
void ck_cell_backward(
    const ck_cell *cell, float *sums, const float *cell_before, const float *cell_after, const float *state_gradient,
    float *cell_gradient);

/// Rows of a table: result[i] = table[index[i]], quantized unsigned where `levels` is not 0. Indices are whole numbers held in floats.
/// Result rows are `stride` apart.
void ck_look_up(
    const float *table, int64_t entries, int64_t features, const float *indices, int64_t count, float clip,
    float levels, float *result, int64_t stride);

/// Adds the gradients to the table's rows, but for the one at `padding` (-1 is none).
void ck_look_up_backward(
    const float *table, int64_t entries, int64_t features, const float *indices, int64_t count, int64_t padding,
    float clip, float levels, const float *gradient, int64_t stride, float *table_gradient);
