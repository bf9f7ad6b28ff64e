#include "codes.h"

#include "clones.h"
#include "epilogue.h"
#include "pool.h"

#include <math.h>
#include <string.h>

typedef struct {
    const float *source;
    uint8_t *codes;
    float *target;
    float scale, shift;
    int64_t channels;
} encoding;

INLINE void encode(const encoding *e, int64_t begin, int64_t end) {
    const float *source = e->source;
    uint8_t *codes = e->codes;
    float scale = e->scale, shift = e->shift;
    VECTOR for (int64_t i = begin; i < end; i++) codes[i] = (uint8_t)(int32_t)rintf(source[i] * scale + shift);
}

/// Numbers that are summed while they are in the fastest cache.
enum { SUMMED = 4096 };

CLONES static void encode_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const encoding *e = context;
    if (!e->target) {
        encode(e, begin, end);
        return;
    }
    int64_t channels = e->channels, block = (SUMMED / channels + 1) * channels;
    for (int64_t first = begin; first < end; first += block) {
        int64_t last = first + block < end ? first + block : end;
        encode(e, first, last);
        for (int64_t row = first / channels; row < last / channels; row++) {
            const uint8_t *codes = e->codes + row * channels;
            int32_t sum = 0;
            for (int64_t i = 0; i < channels; i++) sum += codes[i];
            e->target[row] = (float)sum;
        }
    }
}

void ck_encode(
    const float *values, int grid, float levels, int64_t rows, int64_t channels, uint8_t *codes, float *sums) {
    float half = levels * 0.5f;
    encoding e = {
        .source = values, .codes = codes, .target = sums, .channels = channels,
        .scale = grid == CK_SIGNED_NPU ? half : levels, .shift = grid == CK_SIGNED_NPU ? half : 0.0f};
    ck_parallel(rows * channels, channels, encode_part, &e);
}

typedef struct {
    const uint8_t *codes;
    float *values;
    float levels;
    int grid;
} decoding;

CLONES static void decode_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const decoding d = *(const decoding *)context;
    switch (d.grid) {
    case CK_SIGNED_NPU:
        VECTOR for (int64_t i = begin; i < end; i++) d.values[i] = (2.0f * d.codes[i] - d.levels) / d.levels;
        break;
    case CK_SIGNED_SIMD:
        VECTOR for (int64_t i = begin; i < end; i++) d.values[i] = (float)(int8_t)d.codes[i] / d.levels;
        break;
    default: VECTOR for (int64_t i = begin; i < end; i++) d.values[i] = (float)d.codes[i] / d.levels;
    }
}

void ck_decode(const uint8_t *codes, int grid, float levels, int64_t count, float *values) {
    decoding d = {.codes = codes, .values = values, .levels = levels, .grid = grid};
    ck_parallel(count, 16, decode_part, &d);
}

void ck_spread_pixels(const float *values, int64_t images, int64_t height, int64_t width, float *spread) {
    memset(spread, 0, sizeof(float) * (size_t)(4 * images * height * width));
    for (int64_t row = 0; row < images * height; row++)
        for (int64_t x = 0; x < width; x++) spread[4 * row * width + 2 * x] = values[row * width + x];
}

typedef struct {
    const ck_window *window;
    const float *values;
    float *sums;
} summing;

INLINE int64_t at_least(int64_t value, int64_t least) { return value < least ? least : value; }

/// Adds one tap's values to a row of sums.
INLINE void add_tap(const ck_window *w, const float *values, int64_t column, float *sums) {
    int64_t stride = w->stride;
    int64_t begin = at_least((w->left - column + stride - 1) / stride, 0);
    int64_t last = w->in_width - 1 + w->left - column;
    if (last < 0) return;
    int64_t end = last / stride + 1 < w->out_width ? last / stride + 1 : w->out_width;
    const float *source = values + column - w->left;
    if (stride == 1)
        VECTOR for (int64_t x = begin; x < end; x++) sums[x] += source[x];
    else
        for (int64_t x = begin; x < end; x++) sums[x] += source[x * stride];
}

CLONES static void window_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const summing *s = context;
    const ck_window *w = s->window;
    for (int64_t row = begin / w->out_width; row < end / w->out_width; row++) {
        int64_t image = row / w->out_height, top = row % w->out_height * w->stride - w->top;
        float *sums = s->sums + row * w->out_width;
        memset(sums, 0, sizeof(float) * (size_t)w->out_width);
        for (int64_t y = at_least(top, 0); y < top + w->kernel_height && y < w->in_height; y++)
            for (int64_t column = 0; column < w->kernel_width; column++)
                add_tap(w, s->values + (image * w->in_height + y) * w->in_width, column, sums);
    }
}

void ck_window_sums(const ck_window *window, const float *values, float *sums) {
    summing s = {.window = window, .values = values, .sums = sums};
    ck_parallel(window->batch * window->out_height * window->out_width, window->out_width, window_part, &s);
}
