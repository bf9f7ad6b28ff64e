#include "combining.h"

#include "pool.h"
#include "quantizer.h"

#include <string.h>

typedef struct {
    const ck_epilogue *epilogue;
    const float *first, *second, *gradient;
    float *result, *other;
    int64_t channels, pixels, source_stride, target_stride;
    float steps;
    int operation, first_adds, second_adds;
} pair;

// Sums and products have an activation only where their results are float.
#define ON_FLOAT(rows, activation) CASE(rows, activation, CK_FLOAT)
#define ON_GRID(rows, activation)
#define ON_ANY(rows, activation) ON_FLOAT(rows, activation)
#define KINDS(rows, activation, results, value, derivative) ON_##results(rows, activation)
#define EACH_KIND(rows) \
    CK_EACH_ACTIVATION(KINDS, rows) CASE(rows, CK_IDENTITY, CK_UNSIGNED) \
    CASE(rows, CK_IDENTITY, CK_SIGNED_NPU) CASE(rows, CK_IDENTITY, CK_SIGNED_SIMD)

#define KIND(activation, grid) ((activation) * 8 + (grid))

/// The loop of the pair's operation, activation and grid, over begin ..< end.
#define CASE(rows, activation, grid) \
    case KIND(activation, grid): \
        if (p->operation == CK_ADD) \
            rows(p, begin, end, activation, grid, CK_ADD); \
        else \
            rows(p, begin, end, activation, grid, CK_MULTIPLY); \
        break;
#define DISPATCH(rows) \
    switch (KIND(p->epilogue->activation, p->epilogue->grid)) { \
        EACH_KIND(rows) \
    default: __builtin_trap(); \
    }

/// The slope of a PReLU that has no parameters of its own.
#define FIXED_SLOPE 0.25f

/// The sum or product, in units of `unit`: of whole steps where `steps` is not 0.
INLINE float combined(int operation, float first, float second, float steps) {
    if (steps > 0.0f) {
        first = rintf(first * steps);
        second = rintf(second * steps);
    }
    return operation == CK_ADD ? first + second : first * second;
}

/// What 1 is in a sum or a product.
INLINE float unit_of(int operation, float steps) {
    return steps > 0.0f ? operation == CK_ADD ? steps : steps * steps : 1.0f;
}

INLINE const float *row_of(const pair *p, int64_t row) {
    return p->second + (p->pixels > 1 ? row / p->channels / p->pixels * p->channels : row);
}

INLINE void forward_rows(const pair *p, int64_t begin, int64_t end, int activation, int grid, int operation) {
    float steps = grid == CK_FLOAT ? 0.0f : p->steps;
    float clip = p->epilogue->clip * unit_of(operation, steps), levels = p->epilogue->levels;
    int64_t width = p->pixels > 1 ? p->channels : end - begin;
    for (int64_t row = begin; row < end; row += width) {
        const float *first = p->first + row, *second = row_of(p, row);
        float *result = p->result + row;
        VECTOR for (int64_t i = 0; i < width; i++)
            result[i] = quantized(
                activated(combined(operation, first[i], second[i], steps), activation, FIXED_SLOPE), grid, clip,
                levels);
    }
}

CLONES static void forward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pair *p = context;
    DISPATCH(forward_rows)
}

void ck_combine_forward(
    const ck_epilogue *epilogue, int operation, float steps, const float *first, const float *second, int64_t count,
    int64_t channels, int64_t pixels, float *result) {
    pair p = {
        .epilogue = epilogue, .operation = operation, .steps = steps, .first = first, .second = second,
        .channels = channels, .pixels = pixels, .result = result};
    ck_parallel(count, pixels > 1 ? channels * pixels : 16, forward_part, &p);
}

/// Gradients are computed for so many elements at a time, which stay in the fastest cache, and then handed on.
enum { CHUNK = 1024 };

/// Sets a gradient, or adds to it; times `factors` where they are not NULL. NULL targets want nothing.
INLINE void hand_on(const float *gradient, const float *factors, int64_t count, int adds, float *target) {
    if (!target) return;
    if (factors && adds)
        VECTOR for (int64_t i = 0; i < count; i++) target[i] += gradient[i] * factors[i];
    else if (factors)
        VECTOR for (int64_t i = 0; i < count; i++) target[i] = gradient[i] * factors[i];
    else if (adds)
        VECTOR for (int64_t i = 0; i < count; i++) target[i] += gradient[i];
    else
        memcpy(target, gradient, sizeof(float) * (size_t)count);
}

INLINE void backward_rows(const pair *p, int64_t begin, int64_t end, int activation, int grid, int operation) {
    float steps = grid == CK_FLOAT ? 0.0f : p->steps;
    float clip = p->epilogue->clip * unit_of(operation, steps);
    float unit = grid == CK_FLOAT ? 1.0f : 1.0f / p->epilogue->clip;
    int64_t width = p->pixels > 1 ? p->channels : end - begin;
    float d[CHUNK];
    for (int64_t row = begin; row < end; row += width)
        for (int64_t at = 0; at < width; at += CHUNK) {
            int64_t count = width - at < CHUNK ? width - at : CHUNK;
            const float *first = p->first + row + at, *second = row_of(p, row) + at, *gradient = p->gradient + row + at;
            VECTOR for (int64_t i = 0; i < count; i++) {
                float sum = combined(operation, first[i], second[i], steps);
                float value = activated(sum, activation, FIXED_SLOPE);
                d[i] = gradient[i] * unit * inside(value, grid, clip) * slope_of(sum, activation, FIXED_SLOPE);
            }
            int multiplies = operation == CK_MULTIPLY;
            hand_on(d, multiplies ? second : NULL, count, p->first_adds, p->result ? p->result + row + at : NULL);
            // Where one row serves many, its gradient is their sum.
            int adds = p->second_adds || (p->pixels > 1 && row / p->channels % p->pixels != 0);
            hand_on(
                d, multiplies ? first : NULL, count, adds, p->other ? p->other + (second - p->second) : NULL);
        }
}

CLONES static void backward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pair *p = context;
    DISPATCH(backward_rows)
}

void ck_combine_backward(
    const ck_epilogue *epilogue, int operation, float steps, const float *first, const float *second,
    const float *gradient, int64_t count, int64_t channels, int64_t pixels, int first_adds, float *first_gradient, int second_adds,
    float *second_gradient) {
    pair p = {
        .epilogue = epilogue, .operation = operation, .steps = steps, .first = first, .second = second,
        .gradient = gradient, .channels = channels, .pixels = pixels, .first_adds = first_adds, .result = first_gradient,
        .second_adds = second_adds, .other = second_gradient};
    ck_parallel(count, pixels > 1 ? channels * pixels : 16, backward_part, &p);
}

CLONES static void max_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pair *p = context;
    VECTOR for (int64_t i = begin; i < end; i++)
        p->result[i] = p->second[i] > p->first[i] ? p->second[i] : p->first[i];
}

void ck_max_forward(const float *first, const float *second, float *result, int64_t count) {
    pair p = {.first = first, .second = second, .result = result};
    ck_parallel(count, 16, max_part, &p);
}

CLONES static void max_backward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pair *p = context;
    float left[CHUNK], right[CHUNK];
    for (int64_t at = begin; at < end; at += CHUNK) {
        int64_t count = end - at < CHUNK ? end - at : CHUNK;
        const float *first = p->first + at, *second = p->second + at, *gradient = p->gradient + at;
        VECTOR for (int64_t i = 0; i < count; i++) {
            float share = first[i] > second[i] ? 1.0f : first[i] == second[i] ? 0.5f : 0.0f;
            left[i] = gradient[i] * share;
            right[i] = gradient[i] * (1.0f - share);
        }
        hand_on(left, NULL, count, p->first_adds, p->result ? p->result + at : NULL);
        hand_on(right, NULL, count, p->second_adds, p->other ? p->other + at : NULL);
    }
}

void ck_max_backward(
    const float *first, const float *second, const float *gradient, int64_t count, int first_adds,
    float *first_gradient, int second_adds, float *second_gradient) {
    pair p = {
        .first = first, .second = second, .gradient = gradient, .first_adds = first_adds, .result = first_gradient,
        .second_adds = second_adds, .other = second_gradient};
    ck_parallel(count, 16, max_backward_part, &p);
}

CLONES static void columns_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pair *p = context;
    for (int64_t row = begin / p->channels; row < end / p->channels; row++) {
        const float *source = p->first + row * p->source_stride;
        float *target = p->result + row * p->target_stride;
        if (p->first_adds)
            VECTOR for (int64_t i = 0; i < p->channels; i++) target[i] += source[i];
        else
            memcpy(target, source, sizeof(float) * (size_t)p->channels);
    }
}

void ck_copy_columns(
    const float *source, int64_t source_stride, float *target, int64_t target_stride, int64_t columns, int64_t rows,
    int adds) {
    pair p = {
        .first = source, .source_stride = source_stride, .result = target, .target_stride = target_stride,
        .channels = columns, .first_adds = adds};
    ck_parallel(rows * columns, columns, columns_part, &p);
}

void ck_add(const float *source, float *target, int64_t count) {
    ck_copy_columns(source, 16, target, 16, 16, count / 16, 1);
    for (int64_t i = count / 16 * 16; i < count; i++) target[i] += source[i];
}

typedef struct {
    float *first;
    int64_t stride, copies;
} copies;

// So many sums stay in the fastest cache while the copies are added.
#define BLOCK 2048

CLONES static void sum_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const copies *c = context;
    for (int64_t block = begin; block < end; block += BLOCK) {
        int64_t count = end - block < BLOCK ? end - block : BLOCK;
        float *sums = c->first + block;
        for (int64_t copy = 1; copy < c->copies; copy++) {
            const float *terms = sums + copy * c->stride;
            VECTOR for (int64_t i = 0; i < count; i++) sums[i] += terms[i];
        }
    }
}

void ck_sum_copies(float *first, int64_t stride, int64_t count) {
    copies c = {first, stride, count};
    ck_parallel(stride, 16, sum_part, &c);
}
