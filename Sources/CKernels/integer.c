#include "integer.h"

#include "clones.h"
#include "epilogue.h"
#include "pool.h"
#include "sliding.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/// So many neighbouring pixels share each row of weights while it is in the cache.
enum { TILE = 8 };

typedef struct {
    const ck_integer_product *product;
    const int32_t *input;
    const int16_t *weights;
    int16_t *scratch;
    int32_t *sums;
    int64_t peaks[CK_PARTS];
} summing;

static int64_t taps_of(const ck_window *w) { return w->kernel_height * w->kernel_width; }

static int64_t columns_of(const ck_integer_product *p) {
    return taps_of(&p->window) * (p->window.channels / p->groups);
}

int64_t ck_integer_scratch(const ck_integer_product *product) { return CK_PARTS * TILE * columns_of(product); }

/// The pixel under a tap, or NULL where it is 0.
INLINE const int32_t *under(
    const summing *s, int64_t image, int64_t out_row, int64_t out_column, int64_t tap) {
    const ck_window *w = &s->product->window;
    int64_t row = out_row * w->stride - w->top + tap / w->kernel_width * s->product->dilation;
    int64_t column = out_column * w->stride - w->left + tap % w->kernel_width * s->product->dilation;
    if (s->product->steps_over) {
        if ((row | column) & 1) return NULL;
        row /= 2;
        column /= 2;
    }
    if (!is_inside(w, row, column)) return NULL;
    return s->input + ((image * w->in_height + row) * w->in_width + column) * w->channels;
}

INLINE int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

/// A sum of products, in blocks that fit 32 bits.
INLINE int64_t dot(const int16_t *first, const int16_t *second, int64_t count, int64_t block) {
    int64_t sum = 0;
    for (int64_t begin = 0; begin < count; begin += block) {
        int64_t end = begin + block < count ? begin + block : count;
        int32_t part = 0;
        for (int64_t i = begin; i < end; i++) part += (int32_t)first[i] * (int32_t)second[i];
        sum += part;
    }
    return sum;
}

CLONES static void sum_rows(const void *context, int part, int64_t begin, int64_t end) {
    summing *s = (summing *)context;
    const ck_integer_product *p = s->product;
    const ck_window *w = &p->window;
    int64_t width = w->channels / p->groups, columns = columns_of(p), outs = p->out_channels / p->groups;
    int16_t *patches = s->scratch + part * TILE * columns;
    int64_t peak = 0;
    for (int64_t line = begin; line < end; line++)
        for (int64_t first = 0; first < w->out_width; first += TILE) {
            int64_t pixels = w->out_width - first < TILE ? w->out_width - first : TILE;
            int32_t *sums = s->sums + (line * w->out_width + first) * p->out_channels;
            for (int64_t group = 0; group < p->groups; group++) {
                for (int64_t pixel = 0; pixel < pixels; pixel++)
                    for (int64_t tap = 0; tap < taps_of(w); tap++) {
                        const int32_t *source =
                            under(s, line / w->out_height, line % w->out_height, first + pixel, tap);
                        int16_t *target = patches + pixel * columns + tap * width;
                        if (!source) {
                            memset(target, 0, sizeof(int16_t) * (size_t)width);
                            continue;
                        }
                        source += group * width;
                        VECTOR for (int64_t i = 0; i < width; i++) target[i] = (int16_t)source[i];
                    }
                for (int64_t out = group * outs; out < (group + 1) * outs; out++)
                    for (int64_t pixel = 0; pixel < pixels; pixel++) {
                        int64_t sum = dot(patches + pixel * columns, s->weights + out * columns, columns, p->block);
                        peak = magnitude(sum) > peak ? magnitude(sum) : peak;
                        sums[pixel * p->out_channels + out] = (int32_t)sum;
                    }
            }
        }
    s->peaks[part] = peak;
}

/// Each channel by itself: the taps of all channels at once.
CLONES static void depthwise_rows(const void *context, int part, int64_t begin, int64_t end) {
    summing *s = (summing *)context;
    const ck_window *w = &s->product->window;
    int64_t channels = w->channels, peak = 0;
    for (int64_t line = begin; line < end; line++)
        for (int64_t column = 0; column < w->out_width; column++) {
            int32_t *sums = s->sums + (line * w->out_width + column) * channels;
            memset(sums, 0, sizeof(int32_t) * (size_t)channels);
            for (int64_t tap = 0; tap < taps_of(w); tap++) {
                const int32_t *source = under(s, line / w->out_height, line % w->out_height, column, tap);
                const int16_t *weights = s->weights + tap * channels;
                if (!source) continue;
                VECTOR for (int64_t c = 0; c < channels; c++) sums[c] += source[c] * (int32_t)weights[c];
            }
            for (int64_t c = 0; c < channels; c++) peak = magnitude(sums[c]) > peak ? magnitude(sums[c]) : peak;
        }
    s->peaks[part] = peak;
}

int64_t ck_integer_sums(
    const ck_integer_product *product, int is_depthwise, const int32_t *input, const int16_t *weights, int16_t *scratch,
    int32_t *sums) {
    summing s = {.product = product, .input = input, .weights = weights, .scratch = scratch, .sums = sums};
    ck_parallel_tasks(product->window.batch * product->window.out_height, is_depthwise ? depthwise_rows : sum_rows, &s);
    int64_t peak = 0;
    for (int part = 0; part < CK_PARTS; part++) peak = s.peaks[part] > peak ? s.peaks[part] : peak;
    return peak;
}

/// Rounds a number of at least 0 in units of 2^-shift.
INLINE int64_t rounded_shift(int64_t value, int32_t shift, int64_t above) {
    int64_t below = value >> shift, rest = value & (((int64_t)1 << shift) - 1);
    int64_t half = (int64_t)1 << (shift - 1);
    return below + (rest >= above ? 1 : rest >= half ? below & 1 : 0);
}

/// The whole steps of a sum; `scaled` gets what was rounded, in units of 2^-shift codes.
INLINE int32_t finished(
    const ck_integer_finish *f, int32_t sum, int64_t channel, int grid, int has_lower, int64_t *scaled) {
    int32_t shift = f->shift[channel];
    int64_t value = sum * f->multiplier[channel] + f->offset[channel];
    if (has_lower && value < 0) value = sum * f->lower_multiplier[channel] + f->lower_offset[channel];
    // What rounding the constants may have taken: no half may fall short of being one.
    int64_t slack = (magnitude(sum) >> 1) + 1, top = f->levels << shift;
    switch (grid) {
    case CK_UNSIGNED:
        value += slack;
        value = value < 0 ? 0 : value > top ? top : value;
        *scaled = value;
        return (int32_t)rounded_shift(value, shift, f->above[channel]);
    case CK_SIGNED_NPU:
        value += slack + (top >> 1);
        value = value < 0 ? 0 : value > top ? top : value;
        *scaled = value;
        return (int32_t)(2 * rounded_shift(value, shift, f->above[channel]) - f->levels);
    default: {
        int is_negative = value < 0;
        value = magnitude(value) + slack;
        value = value > top ? top : value;
        *scaled = is_negative ? -value : value;
        int64_t code = rounded_shift(value, shift, f->above[channel]);
        return (int32_t)(is_negative ? -code : code == f->levels ? code - 1 : code);
    }
    }
}

typedef struct {
    const ck_integer_finish *finish;
    const int32_t *sums;
    int32_t *steps;
} finishing;

INLINE void finish_rows(const finishing *c, int64_t begin, int64_t end, int grid) {
    int64_t channels = c->finish->channels, scaled;
    for (int64_t row = begin; row < end; row += channels)
        for (int64_t i = 0; i < channels; i++)
            c->steps[row + i] =
                finished(c->finish, c->sums[row + i], i, grid, c->finish->has_lower, &scaled);
}

CLONES static void finish_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const finishing *c = context;
    switch (c->finish->grid) {
    case CK_UNSIGNED: finish_rows(c, begin, end, CK_UNSIGNED); break;
    case CK_SIGNED_NPU: finish_rows(c, begin, end, CK_SIGNED_NPU); break;
    default: finish_rows(c, begin, end, CK_SIGNED_SIMD); break;
    }
}

void ck_integer_codes(const ck_integer_finish *finish, const int32_t *sums, int64_t count, int32_t *steps) {
    finishing c = {.finish = finish, .sums = sums, .steps = steps};
    ck_parallel(count, finish->channels, finish_part, &c);
}

int32_t ck_integer_code(const ck_integer_finish *finish, int32_t sum, int64_t channel, double *unrounded) {
    int64_t scaled = 0;
    int32_t steps = finished(finish, sum, channel, finish->grid, finish->has_lower, &scaled);
    *unrounded = ldexp((double)scaled, -finish->shift[channel]);
    return steps;
}

typedef struct {
    const ck_window *window;
    const int32_t *input;
    int32_t *output;
    int32_t pad;
    int takes_largest;
} pooling;

CLONES static void pool_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pooling *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->out_height, out_row = line % w->out_height;
        for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
            int32_t *result = s->output + (line * w->out_width + out_column) * channels;
            int32_t start = s->takes_largest ? INT32_MIN : 0;
            for (int64_t c = 0; c < channels; c++) result[c] = start;
            for (int64_t tap = 0; tap < taps_of(w); tap++) {
                int64_t row = out_row * w->stride - w->top + tap / w->kernel_width;
                int64_t column = out_column * w->stride - w->left + tap % w->kernel_width;
                int in = is_inside(w, row, column);
                const int32_t *input =
                    in ? s->input + ((image * w->in_height + row) * w->in_width + column) * channels : NULL;
                for (int64_t c = 0; c < channels; c++) {
                    int32_t value = in ? input[c] : s->pad;
                    if (s->takes_largest)
                        result[c] = value > result[c] ? value : result[c];
                    else
                        result[c] += value;
                }
            }
        }
    }
}

void ck_integer_max_pool(const ck_window *window, const int32_t *input, int32_t pad, int32_t *output) {
    pooling s = {.window = window, .input = input, .output = output, .pad = pad, .takes_largest = 1};
    ck_parallel_tasks(window->batch * window->out_height, pool_rows, &s);
}

void ck_integer_sum_pool(const ck_window *window, const int32_t *input, int32_t pad, int32_t *output) {
    pooling s = {.window = window, .input = input, .output = output, .pad = pad};
    ck_parallel_tasks(window->batch * window->out_height, pool_rows, &s);
}

int64_t ck_integer_peak(const int32_t *values, int64_t count) {
    int64_t peak = 0;
    for (int64_t i = 0; i < count; i++) peak = magnitude(values[i]) > peak ? magnitude(values[i]) : peak;
    return peak;
}

int64_t ck_integer_load(const float *values, double levels, int64_t count, int32_t *steps) {
    int64_t between = 0;
    for (int64_t i = 0; i < count; i++) {
        double value = (double)values[i] * levels, whole = rint(value);
        int fits = whole > -0x1p31 && whole < 0x1p31;
        steps[i] = fits ? (int32_t)whole : whole > 0.0 ? INT32_MAX : whole < 0.0 ? -INT32_MAX : 0;
        between += !fits || fabs(value - whole) > 1e-3;
    }
    return between;
}

void ck_integer_values(const int32_t *steps, double levels, int64_t count, float *values) {
    for (int64_t i = 0; i < count; i++) values[i] = (float)((double)steps[i] / levels);
}
