#include "thin.h"

#include "clones.h"
#include "pool.h"

// As in oneDNN's products, which this stands in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

/// A sum has so many lanes on every processor, whatever the width of its vectors.
enum { LANES = 16, MOST = 4, BLOCK = 4 };

/// So many floats, wherever they lie.
typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

typedef struct {
    const ck_window *window;
    const float *gradient, *weights;
    float *result;
    int64_t out_channels;
} thin;

INLINE float sum_of(const vector *sums) {
    vector lanes = *sums;
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
    return lanes[0];
}

typedef float half_vector __attribute__((vector_size(2 * LANES), aligned(4)));
typedef float four __attribute__((vector_size(4 * BLOCK), aligned(4)));

/// The sums of the lanes of a channel's vectors, pixel by pixel, each in the order of `sum_of`.
INLINE void sums_of(vector (*sums)[MOST], int channel, int channels, float *result) {
    vector a = sums[0][channel], b = sums[1][channel], c = sums[2][channel], d = sums[3][channel];
    vector first = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    vector second = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    vector quarters =
        __builtin_shufflevector(first, second, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
        + __builtin_shufflevector(first, second, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    half_vector pairs = __builtin_shufflevector(quarters, quarters, 0, 1, 4, 5, 8, 9, 12, 13)
        + __builtin_shufflevector(quarters, quarters, 2, 3, 6, 7, 10, 11, 14, 15);
    four all = __builtin_shufflevector(pairs, pairs, 0, 2, 4, 6) + __builtin_shufflevector(pairs, pairs, 1, 3, 5, 7);
    for (int i = 0; i < BLOCK; i++) result[i * channels + channel] = all[i];
}

/// Some neighbouring pixels: the products of all windows that reach them. More than one lie where no window leaves the map
/// to a side.
INLINE void pixels(
    const thin *t, int64_t image, int64_t y, int64_t x, int count, int channels, float *result) {
    const ck_window *w = t->window;
    int64_t out = t->out_channels;
    vector lanes[BLOCK][MOST] = {{{0.0f}}};
    for (int64_t row = 0; row < w->kernel_height; row++) {
        int64_t top = y + w->top - row;
        if (top < 0 || top >= w->out_height) continue;
        for (int64_t column = 0; column < w->kernel_width; column++) {
            int64_t left = x + w->left - column;
            if (count == 1 && (left < 0 || left >= w->out_width)) continue;
            const float *gradient = t->gradient + ((image * w->out_height + top) * w->out_width + left) * out;
            const float *weights = t->weights + (row * w->kernel_width + column) * channels * out;
            for (int64_t block = 0; block < out; block += LANES) {
                vector values[BLOCK];
                for (int i = 0; i < count; i++) values[i] = *(const vector *)(gradient + i * out + block);
                for (int channel = 0; channel < channels; channel++) {
                    vector weight = *(const vector *)(weights + channel * out + block);
                    for (int i = 0; i < count; i++) lanes[i][channel] += values[i] * weight;
                }
            }
        }
    }
    for (int channel = 0; channel < channels; channel++) {
        if (count == BLOCK)
            sums_of(lanes, channel, channels, result);
        else
            for (int i = 0; i < count; i++) result[i * channels + channel] = sum_of(&lanes[i][channel]);
    }
}

INLINE void rows(const thin *t, int64_t begin, int64_t end, int channels) {
    const ck_window *w = t->window;
    int64_t first = w->kernel_width - 1 - w->left, last = w->out_width - w->left;
    for (int64_t row = begin / w->in_width; row < end / w->in_width; row++) {
        int64_t image = row / w->in_height, y = row % w->in_height;
        float *result = t->result + row * w->in_width * channels;
        for (int64_t x = 0; x < w->in_width;) {
            int is_inner = x >= first && x + BLOCK <= last && x + BLOCK <= w->in_width;
            if (is_inner)
                pixels(t, image, y, x, BLOCK, channels, result + x * channels);
            else
                pixels(t, image, y, x, 1, channels, result + x * channels);
            x += is_inner ? BLOCK : 1;
        }
    }
}

CLONES static void thin_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const thin *t = context;
    switch (t->window->channels) {
    case 1: rows(t, begin, end, 1); break;
    case 2: rows(t, begin, end, 2); break;
    case 3: rows(t, begin, end, 3); break;
    case 4: rows(t, begin, end, 4); break;
    default: __builtin_trap();
    }
}

int ck_is_thin(const ck_window *window, int64_t out_channels) {
    return window->channels <= MOST && window->stride == 1 && out_channels % LANES == 0;
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
