#include "recurrent.h"

#include "epilogue.h"
#include "pool.h"
#include "quantizer.h"

#include <string.h>

typedef struct {
    const ck_cell *cell;
    const float *before, *after_values, *state_gradient;
    float *sums, *after, *state, *cell_gradient;
    int64_t state_stride;
} step;

/// The rational approximation of tanh.
INLINE float bent(float x) {
    float square = x * x;
    return x * (27.0f + square) / (27.0f + 9.0f * square);
}

INLINE float bent_slope(float x) {
    float square = x * x, below = 27.0f + 9.0f * square;
    return 9.0f * (square - 9.0f) * (square - 9.0f) / (below * below);
}

/// A gate in whole steps, `levels` of them from 0 to 1; as it is where cells are float.
INLINE float gate_steps(float sum, int grid, float levels) {
    float open = held((sum + 3.0f) / 6.0f, 0.0f, 1.0f);
    return grid == CK_FLOAT ? open : rounded(open * levels);
}

/// The whole steps of a state, `levels` of them from 0 to 1.
INLINE float state_steps(float value, int grid, float levels) {
    if (grid == CK_SIGNED_NPU)
        return 2.0f * rounded((held(value, -levels, levels) + levels) * 0.5f) - levels;
    float code = rounded(fabsf(held(value, -levels, levels)));
    return value < 0.0f ? -code : code;
}

/// T of a value, held to -1 ... 1, in whole steps; in float just T.
INLINE float bent_steps(float value, int grid, float levels) {
    return grid == CK_FLOAT ? bent(value) : state_steps(held(bent(value), -1.0f, 1.0f) * levels, grid, levels);
}

/// The product of a gate and a state on the grid, all in whole steps: a half is a half.
INLINE float product_steps(float gate, float state, int grid, float levels) {
    return grid == CK_FLOAT ? gate * state : state_steps(gate * state / levels, grid, levels);
}

INLINE void forward_rows(const step *s, int64_t begin, int64_t end, int grid) {
    int64_t hidden = s->cell->hidden;
    float levels = s->cell->levels;
    for (int64_t row = begin; row < end; row++) {
        const float *sums = s->sums + row * 4 * hidden, *before = s->before + row * hidden;
        float *after = s->after + row * hidden, *state = s->state + row * s->state_stride;
        VECTOR for (int64_t i = 0; i < hidden; i++) {
            float input = gate_steps(sums[i], grid, levels), forget = gate_steps(sums[hidden + i], grid, levels);
            float new = bent_steps(sums[2 * hidden + i], grid, levels);
            float output = gate_steps(sums[3 * hidden + i], grid, levels);
            float old = grid == CK_FLOAT ? before[i] : rintf(before[i] * levels);
            float cell = product_steps(forget, old, grid, levels) + product_steps(input, new, grid, levels);
            if (grid != CK_FLOAT) cell = state_steps(cell * 0.5f, grid, levels) / levels;
            after[i] = cell;
            float shown = product_steps(output, bent_steps(cell, grid, levels), grid, levels);
            state[i] = grid == CK_FLOAT ? shown : shown / levels;
        }
    }
}

CLONES static void forward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const step *s = context;
    int64_t hidden = s->cell->hidden;
    switch (s->cell->grid) {
    case CK_SIGNED_NPU: forward_rows(s, begin / hidden, end / hidden, CK_SIGNED_NPU); break;
    case CK_SIGNED_SIMD: forward_rows(s, begin / hidden, end / hidden, CK_SIGNED_SIMD); break;
    default: forward_rows(s, begin / hidden, end / hidden, CK_FLOAT); break;
    }
}

void ck_cell_forward(
    const ck_cell *cell, const float *sums, const float *cell_before, float *cell_after, float *state,
    int64_t state_stride) {
    step s = {
        .cell = cell, .sums = (float *)sums, .before = cell_before, .after = cell_after, .state = state,
        .state_stride = state_stride};
    ck_parallel(cell->batch * cell->hidden, cell->hidden, forward_part, &s);
}

INLINE void backward_rows(const step *s, int64_t begin, int64_t end, int grid) {
    int64_t hidden = s->cell->hidden;
    float levels = s->cell->levels;
    for (int64_t row = begin; row < end; row++) {
        float *sums = s->sums + row * 4 * hidden, *cell_gradient = s->cell_gradient + row * hidden;
        const float *before = s->before + row * hidden, *after = s->after_values + row * hidden;
        const float *state_gradient = s->state_gradient + row * hidden;
        VECTOR for (int64_t i = 0; i < hidden; i++) {
            float zi = sums[i], zf = sums[hidden + i], zg = sums[2 * hidden + i], zo = sums[3 * hidden + i];
            float unit = grid == CK_FLOAT ? 1.0f : 1.0f / levels;
            float input = gate_steps(zi, grid, levels) * unit, forget = gate_steps(zf, grid, levels) * unit;
            float new = bent_steps(zg, grid, levels) * unit, output = gate_steps(zo, grid, levels) * unit;
            float shown = bent_steps(after[i], grid, levels) * unit, d = state_gradient[i];
            // States and products lie inside their ranges: nothing is cut off there but by T, held to -1 ... 1.
            float bent_after = bent(after[i]);
            float passes = grid == CK_FLOAT || (bent_after >= -1.0f && bent_after <= 1.0f) ? 1.0f : 0.0f;
            float dc = cell_gradient[i] + d * output * bent_slope(after[i]) * passes;
            if (grid != CK_FLOAT) dc *= 0.5f;
            float bent_new = bent(zg);
            float passes_new = grid == CK_FLOAT || (bent_new >= -1.0f && bent_new <= 1.0f) ? 1.0f : 0.0f;
            cell_gradient[i] = dc * forget;
            sums[i] = dc * new * slope_of(zi, CK_HSIGMOID, 0.0f);
            sums[hidden + i] = dc * before[i] * slope_of(zf, CK_HSIGMOID, 0.0f);
            sums[2 * hidden + i] = dc * input * bent_slope(zg) * passes_new;
            sums[3 * hidden + i] = d * shown * slope_of(zo, CK_HSIGMOID, 0.0f);
        }
    }
}

CLONES static void backward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const step *s = context;
    int64_t hidden = s->cell->hidden;
    switch (s->cell->grid) {
    case CK_SIGNED_NPU: backward_rows(s, begin / hidden, end / hidden, CK_SIGNED_NPU); break;
    case CK_SIGNED_SIMD: backward_rows(s, begin / hidden, end / hidden, CK_SIGNED_SIMD); break;
    default: backward_rows(s, begin / hidden, end / hidden, CK_FLOAT); break;
    }
}

void ck_cell_backward(
    const ck_cell *cell, float *sums, const float *cell_before, const float *cell_after, const float *state_gradient,
    float *cell_gradient) {
    step s = {
        .cell = cell, .sums = sums, .before = cell_before, .after_values = cell_after,
        .state_gradient = state_gradient, .cell_gradient = cell_gradient};
    ck_parallel(cell->batch * cell->hidden, cell->hidden, backward_part, &s);
}

INLINE int64_t entry(float index, int64_t entries) {
    float whole = rintf(index);
    if (!(whole > 0.0f)) return 0;
    return whole >= (float)entries ? entries - 1 : (int64_t)whole;
}

void ck_look_up(
    const float *table, int64_t entries, int64_t features, const float *indices, int64_t count, float clip,
    float levels, float *result, int64_t stride) {
    for (int64_t row = 0; row < count; row++) {
        const float *values = table + entry(indices[row], entries) * features;
        float *target = result + row * stride;
        if (levels > 0.0f)
            for (int64_t i = 0; i < features; i++) target[i] = quantized(values[i], CK_UNSIGNED, clip, levels);
        else
            memcpy(target, values, sizeof(float) * (size_t)features);
    }
}

void ck_look_up_backward(
    const float *table, int64_t entries, int64_t features, const float *indices, int64_t count, int64_t padding,
    float clip, float levels, const float *gradient, int64_t stride, float *table_gradient) {
    for (int64_t row = 0; row < count; row++) {
        int64_t index = entry(indices[row], entries);
        if (index == padding) continue;
        const float *values = table + index * features, *source = gradient + row * stride;
        float *target = table_gradient + index * features;
        for (int64_t i = 0; i < features; i++)
            target[i] += levels > 0.0f ? source[i] / clip * inside(values[i], CK_UNSIGNED, clip) : source[i];
    }
}
