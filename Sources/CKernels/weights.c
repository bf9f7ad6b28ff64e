#include "weights.h"

#include "pool.h"
#include "quantizer.h"

#include <string.h>

typedef struct {
    const ck_weight_grid *grid;
    const float *weights;
    double *partials;
    float low, high, scale, clipped;
    float *values, *units, *sums;
    uint16_t *codes;
} quantizing;

INLINE uint16_t bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

CLONES static void sum_part(const void *context, int part, int64_t begin, int64_t end) {
    const quantizing *q = context;
    double sum = 0.0;
    for (int64_t block = begin; block < end; block += 1024) {
        int64_t stop = block + 1024 < end ? block + 1024 : end;
        float lanes[16] = {0.0f};
        int64_t i = block;
        for (; i + 16 <= stop; i += 16)
            for (int lane = 0; lane < 16; lane++) lanes[lane] += q->weights[i + lane];
        for (; i < stop; i++) lanes[0] += q->weights[i];
        for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
    }
    q->partials[part] = sum;
}

CLONES static void deviation_part(const void *context, int part, int64_t begin, int64_t end) {
    const quantizing *q = context;
    double sum = 0.0;
    for (int64_t block = begin; block < end; block += 1024) {
        int64_t stop = block + 1024 < end ? block + 1024 : end;
        float lanes[16] = {0.0f};
        int64_t i = block;
        for (; i + 16 <= stop; i += 16)
            for (int lane = 0; lane < 16; lane++) {
                float apart = q->weights[i + lane] - q->low;
                lanes[lane] += apart * apart;
            }
        for (; i < stop; i++) lanes[0] += (q->weights[i] - q->low) * (q->weights[i] - q->low);
        for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
    }
    q->partials[part] = sum;
}

static double total(const double *partials, int parts) {
    double sum = 0.0;
    for (int part = 0; part < parts; part++) sum += partials[part];
    return sum;
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
        float unit = grid->is_simd ? scale / half : scale / levels;
        float divisor = clipped > 0.0f ? clipped : 1.0f;
        if (q->units) q->units[row] = unit;
        const float *weights = q->weights + row * columns;
        float sum = 0.0f;
        for (int64_t i = 0; i < columns; i++) {
            float inner = held(weights[i], q->low, q->high);
            float code = rounded((inner / divisor + 1.0f) * 0.5f * levels);
            float steps = grid->is_simd ? code - half : 2.0f * code - levels;
            if (q->values) q->values[row * columns + i] = scale * steps / (grid->is_simd ? half : levels);
            if (q->codes) q->codes[row * columns + i] = bf16(steps);
            sum += steps;
        }
        if (q->sums) q->sums[row] = sum;
    }
}

int64_t ck_quantize_weights(
    const ck_weight_grid *grid, const float *weights, float *values, uint16_t *codes, float *units,
    float *sums, double *partials) {
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
    const float *source, *factors, *offsets;
    uint16_t *codes;
    float *target;
    float levels, factor;
    int64_t period;
    int grid, adds;
} converting;

INLINE void encode_rows(const converting *c, int64_t begin, int64_t end, float scale, float shift) {
    VECTOR for (int64_t i = begin; i < end; i++) {
        float code = rintf(c->source[i] * scale + shift);
        uint32_t bits;
        memcpy(&bits, &code, sizeof bits);
        c->codes[i] = (uint16_t)(bits >> 16);
    }
}

CLONES static void encode_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const converting *c = context;
    if (c->grid == CK_SIGNED_NPU)
        encode_rows(c, begin, end, c->levels * 0.5f, c->levels * 0.5f);
    else
        encode_rows(c, begin, end, c->levels, 0.0f);
}

void ck_encode(const float *values, int grid, float levels, uint16_t *codes, int64_t count) {
    converting c = {.source = values, .codes = codes, .levels = levels, .grid = grid};
    ck_parallel(count, 16, encode_part, &c);
}

CLONES static void bf16_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const converting *c = context;
    for (int64_t row = begin; row < end; row += c->period) {
        int64_t width = end - row < c->period ? end - row : c->period;
        VECTOR for (int64_t i = 0; i < width; i++) c->codes[row + i] = bf16(c->source[row + i] * c->factors[i]);
    }
}

void ck_to_bf16(const float *values, const float *factors, int64_t period, uint16_t *result, int64_t count) {
    converting c = {.source = values, .factors = factors, .period = period, .codes = result};
    ck_parallel(count, period, bf16_part, &c);
}

CLONES static void rows_scaled_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const converting *c = context;
    for (int64_t row = begin / c->period; row < end / c->period; row++) {
        float factor = c->factors ? c->factors[row] : 1.0f, offset = c->offsets ? c->offsets[row] : 0.0f;
        const float *source = c->source + row * c->period;
        float *target = c->target + row * c->period;
        if (c->adds)
            VECTOR for (int64_t i = 0; i < c->period; i++) target[i] += source[i] * factor + offset;
        else
            VECTOR for (int64_t i = 0; i < c->period; i++) target[i] = source[i] * factor + offset;
    }
}

void ck_scale_rows(
    const float *values, const float *factors, const float *offsets, int64_t rows, int64_t columns, int adds,
    float *gradients) {
    converting c = {
        .source = values, .factors = factors, .offsets = offsets, .period = columns, .adds = adds,
        .target = gradients};
    ck_parallel(rows * columns, columns, rows_scaled_part, &c);
}

CLONES static void scaled_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const converting *c = context;
    if (c->adds)
        VECTOR for (int64_t i = begin; i < end; i++) c->target[i] += c->source[i] * c->factor;
    else
        VECTOR for (int64_t i = begin; i < end; i++) c->target[i] = c->source[i] * c->factor;
}

void ck_add_scaled(const float *source, float factor, float *target, int64_t count) {
    converting c = {.source = source, .factor = factor, .target = target, .adds = 1};
    ck_parallel(count, 16, scaled_part, &c);
}

void ck_scaled(const float *source, float factor, float *target, int64_t count) {
    converting c = {.source = source, .factor = factor, .target = target};
    ck_parallel(count, 16, scaled_part, &c);
}
