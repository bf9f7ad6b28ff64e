#include "integer_cells.h"

#include "clones.h"
#include "pool.h"

INLINE int64_t distance(int64_t value) { return value < 0 ? -value : value; }

/// How many thresholds a sum has reached; `guess` is near.
INLINE int64_t reached(int64_t value, const int64_t *thresholds, int64_t count, double guess) {
    int64_t place = guess > 0.0 ? guess < (double)count ? (int64_t)guess : count : 0;
    while (place < count && value >= thresholds[place]) place++;
    while (place > 0 && value < thresholds[place - 1]) place--;
    return place;
}

INLINE int32_t gate_code(const ck_integer_cell *c, ck_integer_gate gate) {
    int64_t value = gate.value + gate.slack;
    double levels = (double)c->levels;
    return (int32_t)reached(value, c->gates, c->levels, ((double)value / c->unit + 3.0) / 6.0 * levels + 0.5);
}

INLINE int32_t new_step(const ck_integer_cell *c, ck_integer_gate gate) {
    int64_t levels = c->levels, value = (c->is_npu ? gate.value : distance(gate.value)) + gate.slack;
    double x = (double)value / c->unit, square = x * x;
    double bent = x < -3.0 ? -1.0 : x > 3.0 ? 1.0 : x * (27.0 + square) / (27.0 + 9.0 * square);
    double guess = (c->is_npu ? (bent + 1.0) * 0.5 : bent) * (double)levels + 0.5;
    int32_t code = (int32_t)reached(value, c->new_values, levels, guess);
    if (c->is_npu) return 2 * code - (int32_t)levels;
    return gate.value < 0 ? -code : code;
}

/// The family's rounding of a quotient that is not negative.
INLINE int64_t rounded(int64_t number, int64_t divisor) {
    int64_t below = number / divisor, rest = number % divisor;
    if (2 * rest < divisor) return below;
    return 1000 * rest < 501 * divisor ? below + (below & 1) : below + 1;
}

/// The product of a gate and a state, on the grid again.
INLINE int32_t product(const ck_integer_cell *c, int64_t gate, int64_t state) {
    int64_t value = gate * state, levels = c->levels;
    if (c->is_npu) return (int32_t)(2 * rounded(value + levels * levels, 2 * levels) - levels);
    int64_t code = rounded(distance(value), levels);
    return (int32_t)(value < 0 ? -code : code);
}

/// Half of a sum of two states, on the grid again.
INLINE int32_t half(const ck_integer_cell *c, int64_t sum) {
    int64_t levels = c->levels;
    if (c->is_npu) return (int32_t)(2 * rounded(sum + 2 * levels, 4) - levels);
    int64_t code = rounded(distance(sum), 2);
    return (int32_t)(sum < 0 ? -code : code);
}

INLINE void step(const ck_integer_cell *c, const ck_integer_gate *gates, int32_t *cell, int32_t *state) {
    int32_t kept = product(c, gate_code(c, gates[1]), *cell);
    *cell = half(c, kept + product(c, gate_code(c, gates[0]), new_step(c, gates[2])));
    *state = product(c, gate_code(c, gates[3]), c->bent[*cell + c->levels]);
}

void ck_integer_cell_step(
    const ck_integer_cell *cell, const ck_integer_gate *gates, int32_t *cell_steps, int32_t *state) {
    step(cell, gates, cell_steps, state);
}

static void step_samples(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_integer_cells *c = context;
    int64_t hidden = c->hidden;
    for (int64_t sample = begin; sample < end; sample++)
        for (int64_t unit = 0; unit < hidden; unit++) {
            ck_integer_gate gates[4];
            for (int64_t gate = 0; gate < 4; gate++) {
                int64_t index = gate * hidden + unit;
                int64_t feature = c->features[sample * c->stride + index];
                int64_t before = c->states[sample * 4 * hidden + index];
                gates[gate].value =
                    feature * c->feature_multipliers[index] + before * c->state_multipliers[index] + c->biases[index];
                gates[gate].slack = (distance(feature) + distance(before)) / 2 + 1;
            }
            int64_t place = sample * hidden + unit;
            step(c->cell, gates, &c->cells[place], &c->hiddens[place]);
        }
}

void ck_integer_cells_step(const ck_integer_cells *cells) {
    ck_parallel_tasks(cells->batch, step_samples, cells);
}
