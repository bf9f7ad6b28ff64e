#include "weights.h"

#include "pool.h"
#include "quantizer.h"
#include "sums.h"

#include <stddef.h>

typedef struct {
    const ck_weight_grid *grid;
    const float *weights;
    double *partials;
    float low, high, scale, clipped;
    float *values, *units, *sums;
    int8_t *codes;
} quantizing;

CLONES static void sum_part(const void *context, int part, int64_t begin, int64_t end) {
    const quantizing *q = context;
    q->partials[part] = summed(q->weights, begin, end, 0.0f, 0);
}

CLONES static void deviation_part(const void *context, int part, int64_t begin, int64_t end) {
    const quantizing *q = context;
    q->partials[part] = summed(q->weights, begin, end, q->low, 1);
}

/// The largest magnitudes of a run of weights, as they are and clipped.
INLINE void largest(const quantizing *q, int64_t begin, int64_t end, float *plain, float *clipped) {
    float most[16] = {0.0f}, least[16] = {0.0f};
    int64_t i = begin;
    for (; i + 16 <= end; i += 16)
        for (int lane = 0; lane < 16; lane++) {
            float value = fabsf(q->weights[i + lane]);
            float inner = fabsf(held(q->weights[i + lane], q->low, q->high));
            most[lane] = value > most[lane] || value != value ? value : most[lane];
            least[lane] = inner > least[lane] || inner != inner ? inner : least[lane];
        }
    for (; i < end; i++) {
        float value = fabsf(q->weights[i]), inner = fabsf(held(q->weights[i], q->low, q->high));
        most[0] = value > most[0] || value != value ? value : most[0];
        least[0] = inner > least[0] || inner != inner ? inner : least[0];
    }
    *plain = *clipped = 0.0f;
    for (int lane = 0; lane < 16; lane++) {
        *plain = most[lane] > *plain || most[lane] != most[lane] ? most[lane] : *plain;
        *clipped = least[lane] > *clipped || least[lane] != least[lane] ? least[lane] : *clipped;
    }
}

CLONES static void largest_part(const void *context, int part, int64_t begin, int64_t end) {
    const quantizing *q = context;
    float plain, clipped;
    largest(q, begin, end, &plain, &clipped);
    q->partials[2 * part] = plain;
    q->partials[2 * part + 1] = clipped;
}

/// The values and codes of one row; the scale is that of the row. Those that are not wanted are known to be when compiled.
INLINE void quantize_row(
    const quantizing *q, const float *weights, float scale, float divisor, int is_simd, float *values, int8_t *codes) {
    float levels = (float)((1 << q->grid->bits) - 1), half = (float)(1 << (q->grid->bits - 1));
    // Whole steps of the NPU's grid are odd numbers; of 8 bits they fit a byte only halved.
    float centre = is_simd || q->grid->bits == 8 ? half : levels, spread = centre == half ? 1.0f : 2.0f;
    float low = q->low, high = q->high, unit = is_simd ? half : levels;
    int64_t columns = q->grid->columns;
    VECTOR for (int64_t i = 0; i < columns; i++) {
        float code = rounded((held(weights[i], low, high) / divisor + 1.0f) * 0.5f * levels);
        float steps = is_simd ? code - half : 2.0f * code - levels;
        if (values) values[i] = scale * steps / unit;
        if (codes) codes[i] = (int8_t)(int32_t)(spread * code - centre);
    }
}

/// The sum of a row's whole steps.
INLINE float steps_of(const quantizing *q, const int8_t *codes) {
    int64_t columns = q->grid->columns;
    int32_t sum = 0;
    for (int64_t i = 0; i < columns; i++) sum += codes[i];
    return ck_halves_codes(q->grid) ? 2.0f * (float)sum + (float)columns : (float)sum;
}

CLONES static void rows_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const quantizing *q = context;
    const ck_weight_grid *grid = q->grid;
    int64_t columns = grid->columns;
    float levels = (float)((1 << grid->bits) - 1), half = (float)(1 << (grid->bits - 1));
    for (int64_t row = begin / columns; row < end / columns; row++) {
        float scale = q->scale, clipped = q->clipped;
        if (!grid->is_per_tensor) largest(q, row * columns, (row + 1) * columns, &scale, &clipped);
        if (grid->is_simd)
            scale = scale < 0.05f ? scale + 0.05f : scale;
        else
            scale = scale < 1e-4f ? 1e-4f : scale;
        float divisor = clipped > 0.0f ? clipped : 1.0f;
        const float *weights = q->weights + row * columns;
        float *values = q->values ? q->values + row * columns : NULL;
        int8_t *codes = q->codes ? q->codes + row * columns : NULL;
        if (grid->is_simd) {
            if (codes && values) quantize_row(q, weights, scale, divisor, 1, values, codes);
            else if (codes) quantize_row(q, weights, scale, divisor, 1, NULL, codes);
            else quantize_row(q, weights, scale, divisor, 1, values, NULL);
        } else {
            if (codes && values) quantize_row(q, weights, scale, divisor, 0, values, codes);
            else if (codes) quantize_row(q, weights, scale, divisor, 0, NULL, codes);
            else quantize_row(q, weights, scale, divisor, 0, values, NULL);
        }
        if (q->units) q->units[row] = grid->is_simd ? scale / half : scale / levels;
        if (q->sums) q->sums[row] = steps_of(q, codes);
    }
}

int ck_halves_codes(const ck_weight_grid *grid) { return !grid->is_simd && grid->bits == 8; }

int64_t ck_quantize_weights(
    const ck_weight_grid *grid, const float *weights, float *values, int8_t *codes, float *units, float *sums,
    double *partials) {
    int64_t count = grid->rows * grid->columns;
    quantizing q = {.grid = grid, .weights = weights, .partials = partials, .values = values, .codes = codes};
    q.units = units;
    q.sums = sums;
    double mean = total(partials, ck_parallel(count, 1, sum_part, &q)) / (double)count;
    q.low = (float)mean;
    double variance = total(partials, ck_parallel(count, 1, deviation_part, &q)) / (double)count;
    float reach = grid->factor * (float)sqrt(variance);
    q.low = (float)mean - reach;
    q.high = (float)mean + reach;
    if (grid->is_per_tensor) {
        int parts = ck_parallel(count, 1, largest_part, &q);
        for (int part = 0; part < parts; part++) {
            q.scale = partials[2 * part] > q.scale ? (float)partials[2 * part] : q.scale;
            q.clipped = partials[2 * part + 1] > q.clipped ? (float)partials[2 * part + 1] : q.clipped;
        }
    }
    ck_parallel(count, grid->columns, rows_part, &q);
    if (isfinite(mean) && isfinite(variance)) return -1;
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(weights[i])) return i / grid->columns;
    return 0;
}

typedef struct {
    const float *source;
    float *target;
    float factor;
    int adds;
} scaling;

CLONES static void scaled_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const scaling *c = context;
    if (c->adds)
        VECTOR for (int64_t i = begin; i < end; i++) c->target[i] += c->source[i] * c->factor;
    else
        VECTOR for (int64_t i = begin; i < end; i++) c->target[i] = c->source[i] * c->factor;
}

void ck_add_scaled(const float *source, float factor, float *target, int64_t count) {
    scaling c = {.source = source, .factor = factor, .target = target, .adds = 1};
    ck_parallel(count, 16, scaled_part, &c);
}

void ck_scaled(const float *source, float factor, float *target, int64_t count) {
    scaling c = {.source = source, .factor = factor, .target = target};
    ck_parallel(count, 16, scaled_part, &c);
}
