#include "pooling.h"

#include "clones.h"
#include "pool.h"
#include "sliding.h"

#include <math.h>
#include <string.h>

enum { PADDING = 65535, MOST_VECTOR_TAPS = 9 };

enum { LANES = 16 };

typedef float values __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t numbers __attribute__((vector_size(4 * LANES), aligned(4)));
typedef uint16_t words __attribute__((vector_size(2 * LANES), aligned(2)));

/// A window that lies inside the map, and whose channels fill vectors: the largest values stay in registers.
INLINE void max_window(const ck_window *w, const float *input, float *output, uint16_t *taps) {
    for (int64_t channel = 0; channel < w->channels; channel += LANES) {
        values best = *(const values *)(input + channel);
        numbers chosen = {0};
        int32_t tap = 0;
        for (int64_t row = 0; row < w->kernel_height; row++) {
            const float *from = input + row * w->in_width * w->channels + channel;
            for (int64_t column = 0; column < w->kernel_width; column++, tap++, from += w->channels) {
                values value = *(const values *)from;
                numbers takes = value > best;
                best = (values)((takes & (numbers)value) | (~takes & (numbers)best));
                chosen = (takes & tap) | (~takes & chosen);
            }
        }
        *(values *)(output + channel) = best;
        *(words *)(taps + channel) = __builtin_convertvector(chosen, words);
    }
}

CLONES static void max_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->out_height, out_row = line % w->out_height;
        for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
            int64_t place = (line * w->out_width + out_column) * channels;
            float *best = s->output + place;
            uint16_t *taps = s->taps + place;
            int64_t top = out_row * w->stride - w->top, left = out_column * w->stride - w->left;
            if (channels % LANES == 0 && is_inside(w, top, left)
                && is_inside(w, top + w->kernel_height - 1, left + w->kernel_width - 1)) {
                max_window(w, s->input + ((image * w->in_height + top) * w->in_width + left) * channels, best, taps);
                continue;
            }
            for (int64_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
                int64_t row = top + tap / w->kernel_width, column = left + tap % w->kernel_width;
                int in = is_inside(w, row, column);
                const float *input = in ? s->input + ((image * w->in_height + row) * w->in_width + column) * channels
                                        : NULL;
                uint16_t number = in ? (uint16_t)tap : PADDING;
                if (tap == 0) {
                    VECTOR for (int64_t c = 0; c < channels; c++) {
                        best[c] = in ? input[c] : w->pad;
                        taps[c] = number;
                    }
                } else if (in) {
                    VECTOR for (int64_t c = 0; c < channels; c++) {
                        int takes = input[c] > best[c];
                        best[c] = takes ? input[c] : best[c];
                        taps[c] = takes ? number : taps[c];
                    }
                } else {
                    VECTOR for (int64_t c = 0; c < channels; c++) {
                        int takes = w->pad > best[c];
                        best[c] = takes ? w->pad : best[c];
                        taps[c] = takes ? number : taps[c];
                    }
                }
            }
        }
    }
}

void ck_max_pool_forward(const ck_window *window, const float *input, float *output, uint16_t *taps) {
    sliding s = {.window = window, .input = input, .output = output, .taps = taps};
    ck_parallel_tasks(window->batch * window->out_height, max_rows, &s);
}

CLONES static void max_images_backward(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels, pixels = w->in_height * w->in_width, taps = w->kernel_height * w->kernel_width;
    for (int64_t image = begin; image < end; image++) {
        float *base = s->output + image * pixels * channels;
        if (!s->adds) memset(base, 0, sizeof(float) * (size_t)(pixels * channels));
        for (int64_t out_row = 0; out_row < w->out_height; out_row++)
            for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
                int64_t place = ((image * w->out_height + out_row) * w->out_width + out_column) * channels;
                const float *gradient = s->input + place;
                const uint16_t *chosen = s->chosen + place;
                int64_t top = out_row * w->stride - w->top, left = out_column * w->stride - w->left;
                if (taps > MOST_VECTOR_TAPS) {
                    for (int64_t c = 0; c < channels; c++) {
                        if (chosen[c] == PADDING) continue;
                        int64_t row = top + chosen[c] / w->kernel_width, column = left + chosen[c] % w->kernel_width;
                        base[(row * w->in_width + column) * channels + c] += gradient[c];
                    }
                    continue;
                }
                for (int64_t tap = 0; tap < taps; tap++) {
                    int64_t row = top + tap / w->kernel_width, column = left + tap % w->kernel_width;
                    if (!is_inside(w, row, column)) continue;
                    float *target = base + (row * w->in_width + column) * channels;
                    VECTOR for (int64_t c = 0; c < channels; c++)
                        target[c] += chosen[c] == (uint16_t)tap ? gradient[c] : 0.0f;
                }
            }
    }
}

void ck_max_pool_backward(
    const ck_window *window, const float *output_gradient, const uint16_t *taps, int adds, float *input_gradient) {
    sliding s = {
        .window = window, .input = output_gradient, .chosen = taps, .adds = adds, .output = input_gradient};
    ck_parallel_tasks(window->batch, max_images_backward, &s);
}

CLONES static void mean_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels;
    float count = (float)(w->kernel_height * w->kernel_width), steps = w->steps;
    float pad = steps > 0.0f ? w->pad * steps : w->pad;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->out_height, out_row = line % w->out_height;
        for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
            float *mean = s->output + (line * w->out_width + out_column) * channels;
            memset(mean, 0, sizeof(float) * (size_t)channels);
            float outside = 0.0f;
            for (int64_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
                int64_t row = out_row * w->stride - w->top + tap / w->kernel_width;
                int64_t column = out_column * w->stride - w->left + tap % w->kernel_width;
                if (!is_inside(w, row, column)) {
                    outside += pad;
                    continue;
                }
                const float *input = s->input + ((image * w->in_height + row) * w->in_width + column) * channels;
                if (steps > 0.0f)
                    VECTOR for (int64_t c = 0; c < channels; c++) mean[c] += rintf(input[c] * steps);
                else
                    VECTOR for (int64_t c = 0; c < channels; c++) mean[c] += input[c];
            }
            VECTOR for (int64_t c = 0; c < channels; c++) mean[c] = (mean[c] + outside) / count;
        }
    }
}

void ck_mean_pool_forward(const ck_window *window, const float *input, float *output) {
    sliding s = {.window = window, .input = input, .output = output};
    ck_parallel_tasks(window->batch * window->out_height, mean_rows, &s);
}

CLONES static void mean_images_backward(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels, pixels = w->in_height * w->in_width;
    float share = (w->steps > 0.0f ? w->steps : 1.0f) / (float)(w->kernel_height * w->kernel_width);
    for (int64_t image = begin; image < end; image++) {
        float *base = s->output + image * pixels * channels;
        if (!s->adds) memset(base, 0, sizeof(float) * (size_t)(pixels * channels));
        for (int64_t out_row = 0; out_row < w->out_height; out_row++)
            for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
                const float *gradient =
                    s->input + ((image * w->out_height + out_row) * w->out_width + out_column) * channels;
                for (int64_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
                    int64_t row = out_row * w->stride - w->top + tap / w->kernel_width;
                    int64_t column = out_column * w->stride - w->left + tap % w->kernel_width;
                    if (!is_inside(w, row, column)) continue;
                    float *target = base + (row * w->in_width + column) * channels;
                    VECTOR for (int64_t c = 0; c < channels; c++) target[c] += gradient[c] * share;
                }
            }
    }
}

void ck_mean_pool_backward(const ck_window *window, const float *output_gradient, int adds, float *input_gradient) {
    sliding s = {.window = window, .input = output_gradient, .adds = adds, .output = input_gradient};
    ck_parallel_tasks(window->batch, mean_images_backward, &s);
}
