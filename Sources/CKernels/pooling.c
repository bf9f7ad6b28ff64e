#include "pooling.h"

#include "clones.h"
#include "pool.h"

#include <math.h>
#include <string.h>

enum { PADDING = 65535, MOST_VECTOR_TAPS = 9 };

typedef struct {
    const ck_window *window;
    const float *input;
    float *output;
    uint16_t *taps;
    const uint16_t *chosen;
    int adds, fill;
} sliding;

INLINE int is_inside(const ck_window *w, int64_t row, int64_t column) {
    return row >= 0 && row < w->in_height && column >= 0 && column < w->in_width;
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
            for (int64_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
                int64_t row = out_row * w->stride - w->top + tap / w->kernel_width;
                int64_t column = out_column * w->stride - w->left + tap % w->kernel_width;
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

/// The two neighbours of an output place along one axis and the weight of the second: half-pixel centres.
INLINE void neighbours(int64_t place, int64_t factor, int64_t size, int64_t *first, int64_t *second, float *weight) {
    float centre = ((float)place + 0.5f) / (float)factor - 0.5f;
    centre = centre < 0.0f ? 0.0f : centre;
    *first = (int64_t)centre;
    *second = *first + 1 < size ? *first + 1 : size - 1;
    *weight = centre - (float)*first;
}

CLONES static void unpool_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->out_height, out_row = line % w->out_height;
        const float *base = s->input + image * w->in_height * w->in_width * channels;
        for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
            float *output = s->output + (line * w->out_width + out_column) * channels;
            if (s->fill == CK_FILL_BILINEAR) {
                int64_t row, below, column, right;
                float down, across;
                neighbours(out_row, w->kernel_height, w->in_height, &row, &below, &down);
                neighbours(out_column, w->kernel_width, w->in_width, &column, &right, &across);
                const float *a = base + (row * w->in_width + column) * channels;
                const float *b = base + (row * w->in_width + right) * channels;
                const float *d = base + (below * w->in_width + column) * channels;
                const float *e = base + (below * w->in_width + right) * channels;
                VECTOR for (int64_t c = 0; c < channels; c++)
                    output[c] = (1.0f - down) * ((1.0f - across) * a[c] + across * b[c])
                        + down * ((1.0f - across) * d[c] + across * e[c]);
                continue;
            }
            int is_corner = out_row % w->kernel_height == 0 && out_column % w->kernel_width == 0;
            const float *input =
                base + (out_row / w->kernel_height * w->in_width + out_column / w->kernel_width) * channels;
            if (s->fill == CK_FILL_NEAREST || is_corner)
                memcpy(output, input, sizeof(float) * (size_t)channels);
            else
                VECTOR for (int64_t c = 0; c < channels; c++) output[c] = w->pad;
        }
    }
}

void ck_unpool_forward(const ck_window *window, int fill, const float *input, float *output) {
    sliding s = {.window = window, .input = input, .output = output, .fill = fill};
    ck_parallel_tasks(window->batch * window->out_height, unpool_rows, &s);
}

CLONES static void unpool_images_backward(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels, pixels = w->in_height * w->in_width;
    for (int64_t image = begin; image < end; image++) {
        float *base = s->output + image * pixels * channels;
        if (!s->adds) memset(base, 0, sizeof(float) * (size_t)(pixels * channels));
        for (int64_t out_row = 0; out_row < w->out_height; out_row++)
            for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
                const float *gradient =
                    s->input + ((image * w->out_height + out_row) * w->out_width + out_column) * channels;
                if (s->fill == CK_FILL_BILINEAR) {
                    int64_t row, below, column, right;
                    float down, across;
                    neighbours(out_row, w->kernel_height, w->in_height, &row, &below, &down);
                    neighbours(out_column, w->kernel_width, w->in_width, &column, &right, &across);
                    float *a = base + (row * w->in_width + column) * channels;
                    float *b = base + (row * w->in_width + right) * channels;
                    float *d = base + (below * w->in_width + column) * channels;
                    float *e = base + (below * w->in_width + right) * channels;
                    // At an edge two of the four are one place.
                    for (int64_t c = 0; c < channels; c++) a[c] += (1.0f - down) * (1.0f - across) * gradient[c];
                    for (int64_t c = 0; c < channels; c++) b[c] += (1.0f - down) * across * gradient[c];
                    for (int64_t c = 0; c < channels; c++) d[c] += down * (1.0f - across) * gradient[c];
                    for (int64_t c = 0; c < channels; c++) e[c] += down * across * gradient[c];
                    continue;
                }
                int is_corner = out_row % w->kernel_height == 0 && out_column % w->kernel_width == 0;
                if (s->fill == CK_FILL_ZERO && !is_corner) continue;
                float *target =
                    base + (out_row / w->kernel_height * w->in_width + out_column / w->kernel_width) * channels;
                VECTOR for (int64_t c = 0; c < channels; c++) target[c] += gradient[c];
            }
    }
}

void ck_unpool_backward(
    const ck_window *window, int fill, const float *output_gradient, int adds, float *input_gradient) {
    sliding s = {
        .window = window, .input = output_gradient, .adds = adds, .fill = fill, .output = input_gradient};
    ck_parallel_tasks(window->batch, unpool_images_backward, &s);
}

CLONES static void frame_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->out_height, row = line % w->out_height - w->top;
        for (int64_t out_column = 0; out_column < w->out_width; out_column++) {
            float *output = s->output + (line * w->out_width + out_column) * channels;
            int64_t column = out_column - w->left;
            if (is_inside(w, row, column))
                memcpy(
                    output, s->input + ((image * w->in_height + row) * w->in_width + column) * channels,
                    sizeof(float) * (size_t)channels);
            else
                VECTOR for (int64_t c = 0; c < channels; c++) output[c] = w->pad;
        }
    }
}

void ck_frame_forward(const ck_window *window, const float *input, float *framed) {
    sliding s = {.window = window, .input = input, .output = framed};
    ck_parallel_tasks(window->batch * window->out_height, frame_rows, &s);
}

CLONES static void frame_rows_backward(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const sliding *s = context;
    const ck_window *w = s->window;
    int64_t channels = w->channels;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->in_height, row = line % w->in_height + w->top;
        for (int64_t column = 0; column < w->in_width; column++) {
            float *target = s->output + (line * w->in_width + column) * channels;
            int64_t out_column = column + w->left;
            int in = row >= 0 && row < w->out_height && out_column >= 0 && out_column < w->out_width;
            if (!in) {
                if (!s->adds) memset(target, 0, sizeof(float) * (size_t)channels);
                continue;
            }
            const float *gradient = s->input + ((image * w->out_height + row) * w->out_width + out_column) * channels;
            if (s->adds)
                VECTOR for (int64_t c = 0; c < channels; c++) target[c] += gradient[c];
            else
                memcpy(target, gradient, sizeof(float) * (size_t)channels);
        }
    }
}

void ck_frame_backward(const ck_window *window, const float *framed_gradient, int adds, float *input_gradient) {
    sliding s = {.window = window, .input = framed_gradient, .adds = adds, .output = input_gradient};
    ck_parallel_tasks(window->batch * window->in_height, frame_rows_backward, &s);
}
