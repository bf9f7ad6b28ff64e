#pragma once

#include <stdint.h>

/// The quantized cell of an LSTM in integers: thresholds of the sums where codes go up by one, and T of the cell as a table.
typedef struct {
    int64_t levels;
    int is_npu;
    /// Bits behind the point of a sum.
    double unit;
    const int64_t *gates, *new_values;
    /// By steps + levels.
    const int32_t *bent;
} ck_integer_cell;

/// The sum of a gate in fixed point, and what rounding the constants may have taken from it.
typedef struct {
    int64_t value, slack;
} ck_integer_gate;

/// The cell and the state after a step, from the sums of the gates i, f, g, o and the cell before.
void ck_integer_cell_step(const ck_integer_cell *cell, const ck_integer_gate *gates, int32_t *cell_steps, int32_t *state);

/// One step of a batch. Sums of features have rows of 4 x hidden, `stride` apart; those of states follow each other. By gate and
/// unit, a sum is feature x its multiplier + state x its multiplier + bias. `cells` is that before and after, axes batch, hidden.
typedef struct {
    const ck_integer_cell *cell;
    int64_t batch, hidden, stride;
    const int32_t *features, *states;
    const int64_t *feature_multipliers, *state_multipliers, *biases;
    int32_t *cells, *hiddens;
} ck_integer_cells;

void ck_integer_cells_step(const ck_integer_cells *cells);
