#include "thin.h"

#include "clones.h"
#include "pool.h"

// As in oneDNN's products, which this stands in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

// Few channels fill no vector, so that pixels beside each other do: rows of the gradient are brought to axes output channels,
// columns, some columns and channels at a time, and each adds to the rows of the result that its windows reach.

enum {
    LANES = 8,
    /// Columns of the result at a time.
    COLUMNS = 32,
    VECTORS = COLUMNS / LANES,
    /// Output channels at a time.
    GROUP = 32,
    /// The most channels of the result.
    MOST = 4,
    /// The largest window.
    WINDOW = 16,
    /// Columns of the gradient that reach so many of the result, in whole vectors.
    REACH = COLUMNS + WINDOW,
};

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

typedef struct {
    const ck_window *window;
    const float *gradient, *weights;
    float *result;
    int64_t out_channels;
} thin;

/// Rows of the result, by the row's remainder.
typedef float row_sums[WINDOW][MOST][COLUMNS];

#define PAIRS(first, second, ...) __builtin_shufflevector(first, second, __VA_ARGS__)

/// Brings a vector of channels of each of eight columns to a vector of columns of each channel.
INLINE void transpose(const vector *columns, float *channels) {
    vector a[LANES], b[LANES];
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i += 2) {
        a[i] = PAIRS(columns[i], columns[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        a[i + 1] = PAIRS(columns[i], columns[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i += 4)
        _Pragma("clang loop unroll(full)") for (int half = 0; half < 2; half++) {
            b[i + 2 * half] = PAIRS(a[i + half], a[i + half + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            b[i + 2 * half + 1] = PAIRS(a[i + half], a[i + half + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES / 2; i++) {
        *(vector *)(channels + i * REACH) = PAIRS(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(vector *)(channels + (i + 4) * REACH) = PAIRS(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/// Brings `count` channels of a row of the gradient, from column `first` on, to axes channels, columns; zero outside the map.
INLINE void read_row(
    const float *row, int64_t width, int64_t channels, int64_t first, int64_t count, float (*columns)[REACH]) {
    for (int64_t channel = 0; channel < count; channel += LANES)
        for (int64_t at = 0; at < REACH; at += LANES) {
            vector values[LANES];
            for (int i = 0; i < LANES; i++) {
                int64_t column = first + at + i;
                values[i] = column < 0 || column >= width ? (vector){0.0f}
                                                          : *(const vector *)(row + column * channels + channel);
            }
            transpose(values, columns[channel] + at);
        }
}

/// Adds what a row of the gradient gives to `vectors` vectors of a row of the result: `count` channels times a row of the
/// window. Registers of 256 bits hold the sums of at most twelve vectors.
INLINE void add_columns(
    const thin *t, const float (*columns)[REACH], const float *weights, int64_t count, int vectors, int channels,
    int64_t first, float (*sums)[COLUMNS]) {
    int64_t width = t->window->kernel_width, out = t->out_channels;
    vector lanes[MOST][VECTORS];
    for (int c = 0; c < channels; c++)
        for (int v = 0; v < vectors; v++) lanes[c][v] = *(const vector *)(sums[c] + first + v * LANES);
    for (int64_t column = 0; column < width; column++)
        for (int64_t i = 0; i < count; i++) {
            const float *from = columns[i] + first + width - 1 - column;
            const float *weight = weights + column * channels * out + i;
            float factors[MOST];
            for (int c = 0; c < channels; c++) factors[c] = weight[c * out];
            for (int v = 0; v < vectors; v++) {
                vector values = *(const vector *)(from + v * LANES);
                for (int c = 0; c < channels; c++) lanes[c][v] += values * factors[c];
            }
        }
    for (int c = 0; c < channels; c++)
        for (int v = 0; v < vectors; v++) *(vector *)(sums[c] + first + v * LANES) = lanes[c][v];
}

/// The same for `vectors` vectors, which are even in number.
INLINE void add_row(
    const thin *t, const float (*columns)[REACH], const float *weights, int64_t count, int vectors, int channels,
    float (*sums)[COLUMNS]) {
    if (channels * vectors <= 12) {
        add_columns(t, columns, weights, count, vectors, channels, 0, sums);
        return;
    }
    add_columns(t, columns, weights, count, vectors / 2, channels, 0, sums);
    add_columns(t, columns, weights, count, vectors / 2, channels, vectors / 2 * LANES, sums);
}

/// Rows `begin` ..< `end` of an image's gradient, columns from `x` on.
INLINE void columns_of(
    const thin *t, int64_t image, int64_t begin, int64_t end, int64_t x, int vectors, int channels) {
    const ck_window *w = t->window;
    int64_t height = w->kernel_height, out = t->out_channels;
    int64_t count = w->in_width - x < COLUMNS ? w->in_width - x : COLUMNS;
    row_sums sums;
    float columns[GROUP][REACH];
    for (int64_t y = begin; y < end + height - 1; y++) {
        // Row y is the last that starts, and the one that the window's height ends is done.
        if (y < end) __builtin_memset(sums[y % WINDOW], 0, sizeof sums[0]);
        int64_t source = y + w->top - height + 1;
        for (int64_t first = 0; source >= 0 && source < w->out_height && first < out; first += GROUP) {
            int64_t group = out - first < GROUP ? out - first : GROUP;
            const float *row = t->gradient + (image * w->out_height + source) * w->out_width * out + first;
            read_row(row, w->out_width, out, x + w->left - w->kernel_width + 1, group, columns);
            for (int64_t target = y - height + 1; target <= y; target++) {
                if (target < begin || target >= end) continue;
                int64_t tap = (target + w->top - source) * w->kernel_width;
                add_row(
                    t, columns, t->weights + tap * channels * out + first, group, vectors, channels,
                    sums[target % WINDOW]);
            }
        }
        int64_t done = y - height + 1;
        if (done < begin) continue;
        float *result = t->result + ((image * w->in_height + done) * w->in_width + x) * channels;
        for (int64_t i = 0; i < count; i++)
            for (int c = 0; c < channels; c++) result[i * channels + c] = sums[done % WINDOW][c][i];
    }
}

INLINE void rows(const thin *t, int64_t begin, int64_t end, int channels) {
    const ck_window *w = t->window;
    while (begin < end) {
        int64_t image = begin / w->in_height, y = begin % w->in_height;
        int64_t stop = w->in_height < y + end - begin ? w->in_height : y + end - begin;
        for (int64_t x = 0; x < w->in_width; x += COLUMNS)
            if (w->in_width - x > COLUMNS / 2)
                columns_of(t, image, y, stop, x, VECTORS, channels);
            else
                columns_of(t, image, y, stop, x, VECTORS / 2, channels);
        begin += stop - y;
    }
}

CLONES static void thin_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const thin *t = context;
    int64_t first = begin / t->window->in_width, last = end / t->window->in_width;
    switch (t->window->channels) {
    case 1: rows(t, first, last, 1); break;
    case 2: rows(t, first, last, 2); break;
    case 3: rows(t, first, last, 3); break;
    case 4: rows(t, first, last, 4); break;
    default: __builtin_trap();
    }
}

int ck_is_thin(const ck_window *window, int64_t out_channels) {
    return window->channels <= MOST && window->stride == 1 && out_channels % LANES == 0
        && window->kernel_height <= WINDOW && window->kernel_width <= WINDOW;
}

void ck_thin_gradient(
    const ck_window *window, int64_t out_channels, const float *gradient, const float *weights, float *packed,
    float *result) {
    int64_t taps = window->kernel_height * window->kernel_width, channels = window->channels;
    for (int64_t out = 0; out < out_channels; out++)
        for (int64_t channel = 0; channel < channels; channel++)
            for (int64_t tap = 0; tap < taps; tap++)
                packed[(tap * channels + channel) * out_channels + out] =
                    weights[(out * channels + channel) * taps + tap];
    thin t = {
        .window = window, .gradient = gradient, .weights = packed, .result = result, .out_channels = out_channels};
    ck_parallel(window->batch * window->in_height * window->in_width, window->in_width, thin_part, &t);
}
