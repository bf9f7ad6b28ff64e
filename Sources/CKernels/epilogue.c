#include "epilogue.h"

#include "pool.h"
#include "quantizer.h"

#include <string.h>

// Every pair of activation and grid that a layer can have gets a loop of its own, with nothing left to decide inside.
#define ON_FLOAT(CASE, activation) CASE(activation, CK_FLOAT)
#define ON_GRID(CASE, activation) \
    CASE(activation, CK_UNSIGNED) CASE(activation, CK_SIGNED_NPU) CASE(activation, CK_SIGNED_SIMD)
#define ON_ANY(CASE, activation) ON_FLOAT(CASE, activation) ON_GRID(CASE, activation)
#define KINDS(CASE, activation, results, value, derivative) ON_##results(CASE, activation)
#define EACH_KIND(CASE) CK_EACH_ACTIVATION(KINDS, CASE)

#define KIND(activation, grid) ((activation) * 8 + (grid))

/// Rows of channels between two transfers of float sums into double ones.
enum { ROWS_A_SUM = 128 };

// Sums by channel stay in registers: a loop goes through some channels of all rows of a block, then through the next ones.
// A block is so small that it stays in the fastest cache. Rows of up to LANES channels are read in the order of memory.

/// The channels at a time, and the numbers of a block.
enum { LANES = 64, BLOCK = 4096 };

/// Calls `sum(loop, begin, rows, first, lanes, ...)` for all channels of the `count` numbers from `begin` on: `lanes`
/// channels from `first` on. The last row may be shorter than a period.
#define IN_LANES(sum, loop, begin, count, period, ...) \
    do { \
        int64_t full = (count) / (period), rest = (count) % (period), lane = 0; \
        for (; lane + LANES <= (period); lane += LANES) sum(loop, begin, full, lane, LANES, __VA_ARGS__); \
        for (; lane + LANES / 2 <= (period); lane += LANES / 2) \
            sum(loop, begin, full, lane, LANES / 2, __VA_ARGS__); \
        for (; lane + LANES / 4 <= (period); lane += LANES / 4) \
            sum(loop, begin, full, lane, LANES / 4, __VA_ARGS__); \
        if (lane < (period)) sum(loop, begin, full, lane, (int)((period)-lane), __VA_ARGS__); \
        for (lane = 0; lane < rest; lane += LANES) \
            sum(loop, (begin) + full * (period), 1, lane, rest - lane < LANES ? (int)(rest - lane) : LANES, \
                __VA_ARGS__); \
    } while (0)

#define EACH_LANE VECTOR for (int i = 0; i < lanes; i++)

int ck_activation(const char *name) {
#define FOUND(context, activation, results, value, derivative) \
    if (strcmp(name, #activation) == 0) return activation;
    CK_EACH_ACTIVATION(FOUND, )
#undef FOUND
    return -1;
}

/// The numbers from `at` on that are one block: whole rows, up to the next transfer of sums.
INLINE int64_t block_at(int64_t begin, int64_t at, int64_t end, int64_t period) {
    int64_t rows = BLOCK / period < 1 ? 1 : BLOCK / period < ROWS_A_SUM ? BLOCK / period : ROWS_A_SUM;
    int64_t until_transfer = ROWS_A_SUM - (at - begin) / period % ROWS_A_SUM;
    int64_t count = (rows < until_transfer ? rows : until_transfer) * period;
    return count < end - at ? count : end - at;
}

/// Whether float sums are transferred into double ones in front of `at`.
INLINE int is_transfer(int64_t begin, int64_t at, int64_t end, int64_t period) {
    return at == end || (at - begin) / period % ROWS_A_SUM == 0;
}

typedef struct {
    const ck_epilogue *epilogue;
    const float *input, *gradient, *centre, *first, *second, *third, *offsets;
    float *output;
    double *partials;
    int64_t period, channels;
} loop;

INLINE void forward_rows(const loop *l, int64_t begin, int64_t end, int activation, int grid) {
    const ck_epilogue e = *l->epilogue;
    for (int64_t row = begin; row < end; row += e.period) {
        int64_t width = end - row < e.period ? end - row : e.period;
        const float *input = l->input + row;
        float *output = l->output + row;
        VECTOR for (int64_t i = 0; i < width; i++) {
            float slope = activation == CK_PRELU ? e.slope[i] : 0.0f;
            float value = activated(input[i] * e.scale[i] + e.shift[i], activation, slope);
            output[i] = quantized(value, grid, e.clip, e.levels);
        }
    }
}

CLONES static void forward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const loop *l = context;
    switch (KIND(l->epilogue->activation, l->epilogue->grid)) {
#define CASE(activation, grid) \
    case KIND(activation, grid): forward_rows(l, begin, end, activation, grid); break;
        EACH_KIND(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

void ck_epilogue_forward(const ck_epilogue *epilogue, const float *input, float *output, int64_t count) {
    loop l = {.epilogue = epilogue, .input = input, .output = output};
    ck_parallel(count, epilogue->period, forward_part, &l);
}

// One part's sums: doubles first, floats for the current rows behind all parts' doubles.
typedef struct {
    double *sums;
    float *rows;
    int64_t count;
} partial;

INLINE partial partial_of(double *partials, int part, int64_t count) {
    partial p = {
        partials + part * count, (float *)(partials + CK_PARTS * count) + part * count, count};
    return p;
}

INLINE void flush(partial p) {
    VECTOR for (int64_t i = 0; i < p.count; i++) {
        p.sums[i] += (double)p.rows[i];
        p.rows[i] = 0.0f;
    }
}

/// Adds the parts in their order, and the repeats of a channel within a period.
static void fold(const double *partials, int parts, int sums_a_part, int64_t period, int64_t channels, double *sums) {
    memset(sums, 0, sizeof(double) * (size_t)(sums_a_part * channels));
    for (int part = 0; part < parts; part++)
        for (int sum = 0; sum < sums_a_part; sum++)
            for (int64_t base = 0; base < period; base += channels)
                for (int64_t channel = 0; channel < channels; channel++)
                    sums[sum * channels + channel] +=
                        partials[(part * sums_a_part + sum) * period + base + channel];
}

/// Doubles rows of channels and adds each row's offset.
INLINE void double_rows(const loop *l, int64_t begin, int64_t end) {
    int64_t channels = l->channels;
    for (int64_t row = begin; row < end; row += channels) {
        float *values = l->output + row, offset = l->offsets[row / channels];
        VECTOR for (int64_t i = 0; i < channels; i++) values[i] = 2.0f * values[i] + offset;
    }
}

CLONES static void double_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    double_rows(context, begin, end);
}

void ck_double_rows(float *values, const float *offsets, int64_t rows, int64_t channels) {
    loop l = {.output = values, .offsets = offsets, .channels = channels};
    ck_parallel(rows * channels, channels, double_part, &l);
}

INLINE void sum_lanes(const loop *l, int64_t begin, int64_t rows, int64_t first, int lanes, partial p) {
    float *sums = p.rows + first, *squares = sums + l->period;
    float sum[LANES], square[LANES], centre[LANES];
    EACH_LANE {
        sum[i] = sums[i];
        square[i] = squares[i];
        centre[i] = l->centre[first + i];
    }
    for (int64_t row = 0; row < rows; row++) {
        const float *input = l->input + begin + row * l->period + first;
        EACH_LANE {
            float value = input[i] - centre[i];
            sum[i] += value;
            square[i] += value * value;
        }
    }
    EACH_LANE {
        sums[i] = sum[i];
        squares[i] = square[i];
    }
}

CLONES static void statistics_part(const void *context, int part, int64_t begin, int64_t end) {
    const loop *l = context;
    int64_t period = l->period;
    partial p = partial_of(l->partials, part, 2 * period);
    memset(p.sums, 0, sizeof(double) * (size_t)p.count);
    memset(p.rows, 0, sizeof(float) * (size_t)p.count);
    for (int64_t at = begin, count; at < end; at += count) {
        count = block_at(begin, at, end, period);
        if (l->offsets) double_rows(l, at, at + count);
        IN_LANES(sum_lanes, l, at, count, period, p);
        if (is_transfer(begin, at + count, end, period)) flush(p);
    }
}

void ck_statistics(
    float *input, const float *offsets, const float *centre, int64_t count, int64_t period, int64_t channels,
    double *partials, double *sums) {
    loop l = {
        .input = input, .output = input, .offsets = offsets, .centre = centre, .partials = partials,
        .period = period, .channels = channels};
    int parts = ck_parallel(count, period, statistics_part, &l);
    fold(partials, parts, 2, period, channels, sums);
}

INLINE void reduce_lanes(
    const loop *l, int64_t begin, int64_t rows, int64_t first, int lanes, partial p, int activation, int grid) {
    const ck_epilogue e = *l->epilogue;
    float *sums = p.rows + first, *products = sums + e.period, *slopes = products + e.period;
    float *clips = slopes + e.period;
    float unit = grid == CK_FLOAT ? 1.0f : 1.0f / e.clip;
    float scale[LANES], shift[LANES], slope[LANES], centre[LANES];
    float sum[LANES], product[LANES], slope_sum[LANES], clip_sum[LANES];
    EACH_LANE {
        scale[i] = e.scale[first + i];
        shift[i] = e.shift[first + i];
        slope[i] = activation == CK_PRELU ? e.slope[first + i] : 0.0f;
        centre[i] = l->centre[first + i];
        sum[i] = sums[i];
        product[i] = products[i];
        slope_sum[i] = slopes[i];
        clip_sum[i] = clips[i];
    }
    for (int64_t row = 0; row < rows; row++) {
        const float *input = l->input + begin + row * e.period + first;
        const float *gradient = l->gradient + begin + row * e.period + first;
        EACH_LANE {
            float affine = input[i] * scale[i] + shift[i];
            float value = activated(affine, activation, slope[i]);
            float passed = gradient[i] * unit * inside(value, grid, e.clip);
            float d = passed * slope_of(affine, activation, slope[i]);
            sum[i] += d;
            product[i] += d * (input[i] - centre[i]);
            if (activation == CK_PRELU) slope_sum[i] += affine < 0.0f ? passed * affine : 0.0f;
            if (grid != CK_FLOAT) clip_sum[i] += gradient[i] * beyond(value, grid, e.clip);
        }
    }
    EACH_LANE {
        sums[i] = sum[i];
        products[i] = product[i];
        if (activation == CK_PRELU) slopes[i] = slope_sum[i];
        if (grid != CK_FLOAT) clips[i] = clip_sum[i];
    }
}

/// The same for rows that are longer, one after the other: their channels' sums are in the fastest cache, and what is read lies
/// in the order of memory.
INLINE void reduce_long_rows(const loop *l, int64_t begin, int64_t end, partial p, int activation, int grid) {
    const ck_epilogue e = *l->epilogue;
    float *sums = p.rows, *products = sums + e.period, *slopes = products + e.period, *clips = slopes + e.period;
    float unit = grid == CK_FLOAT ? 1.0f : 1.0f / e.clip;
    for (int64_t row = begin; row < end; row += e.period) {
        int64_t width = end - row < e.period ? end - row : e.period;
        const float *input = l->input + row, *gradient = l->gradient + row;
        VECTOR for (int64_t i = 0; i < width; i++) {
            float slope = activation == CK_PRELU ? e.slope[i] : 0.0f;
            float affine = input[i] * e.scale[i] + e.shift[i];
            float value = activated(affine, activation, slope);
            float passed = gradient[i] * unit * inside(value, grid, e.clip);
            float d = passed * slope_of(affine, activation, slope);
            sums[i] += d;
            products[i] += d * (input[i] - l->centre[i]);
            if (activation == CK_PRELU) slopes[i] += affine < 0.0f ? passed * affine : 0.0f;
            if (grid != CK_FLOAT) clips[i] += gradient[i] * beyond(value, grid, e.clip);
        }
    }
}

INLINE void reduce_rows(const loop *l, partial p, int64_t begin, int64_t end, int activation, int grid) {
    int64_t period = l->epilogue->period;
    for (int64_t at = begin, count; at < end; at += count) {
        count = block_at(begin, at, end, period);
        if (period > LANES)
            reduce_long_rows(l, at, at + count, p, activation, grid);
        else
            IN_LANES(reduce_lanes, l, at, count, period, p, activation, grid);
        if (is_transfer(begin, at + count, end, period)) flush(p);
    }
}

CLONES static void reduce_part(const void *context, int part, int64_t begin, int64_t end) {
    const loop *l = context;
    partial p = partial_of(l->partials, part, 4 * l->epilogue->period);
    memset(p.sums, 0, sizeof(double) * (size_t)p.count);
    memset(p.rows, 0, sizeof(float) * (size_t)p.count);
    switch (KIND(l->epilogue->activation, l->epilogue->grid)) {
#define CASE(activation, grid) \
    case KIND(activation, grid): reduce_rows(l, p, begin, end, activation, grid); break;
        EACH_KIND(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

void ck_epilogue_reduce(
    const ck_epilogue *epilogue, const float *input, const float *centre, const float *gradient, int64_t count,
    int64_t channels, double *partials, double *sums) {
    loop l = {
        .epilogue = epilogue, .input = input, .centre = centre, .gradient = gradient, .partials = partials};
    int parts = ck_parallel(count, epilogue->period, reduce_part, &l);
    // The fourth row of each part is folded into one number, in the place behind the others.
    double clip = 0.0;
    int64_t period = epilogue->period;
    for (int part = 0; part < parts; part++)
        for (int64_t i = 0; i < period; i++) clip += partials[(part * 4 + 3) * period + i];
    for (int part = 0; part < parts; part++)
        if (part > 0)
            memmove(
                partials + part * 3 * period, partials + part * 4 * period, sizeof(double) * (size_t)(3 * period));
    fold(partials, parts, 3, period, channels, sums);
    sums[3 * channels] = clip;
}

INLINE void backward_rows(const loop *l, int64_t begin, int64_t end, int activation, int grid) {
    const ck_epilogue e = *l->epilogue;
    float unit = grid == CK_FLOAT ? 1.0f : 1.0f / e.clip;
    for (int64_t row = begin; row < end; row += e.period) {
        int64_t width = end - row < e.period ? end - row : e.period;
        const float *input = l->input + row, *gradient = l->gradient + row;
        float *output = l->output + row;
        VECTOR for (int64_t i = 0; i < width; i++) {
            float slope = activation == CK_PRELU ? e.slope[i] : 0.0f;
            float affine = input[i] * e.scale[i] + e.shift[i];
            float value = activated(affine, activation, slope);
            float d = gradient[i] * unit * inside(value, grid, e.clip) * slope_of(affine, activation, slope);
            output[i] = l->first[i] * d + (l->second[i] * input[i] + l->third[i]);
        }
    }
}

CLONES static void backward_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const loop *l = context;
    switch (KIND(l->epilogue->activation, l->epilogue->grid)) {
#define CASE(activation, grid) \
    case KIND(activation, grid): backward_rows(l, begin, end, activation, grid); break;
        EACH_KIND(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

void ck_epilogue_backward(
    const ck_epilogue *epilogue, const float *input, const float *gradient, const float *first, const float *second,
    const float *third, float *result, int64_t count) {
    loop l = {
        .epilogue = epilogue, .input = input, .gradient = gradient, .first = first, .second = second, .third = third,
        .output = result};
    ck_parallel(count, epilogue->period, backward_part, &l);
}

CLONES int64_t ck_find_not_finite(const float *values, int64_t count) {
    for (int64_t block = 0; block < count; block += 4096) {
        int64_t end = block + 4096 < count ? block + 4096 : count;
        float sum = 0.0f;
        for (int64_t i = block; i < end; i++) sum += values[i] * 0.0f;
        if (sum == 0.0f) continue;
        for (int64_t i = block; i < end; i++)
            if (!isfinite(values[i])) return i;
    }
    return -1;
}
