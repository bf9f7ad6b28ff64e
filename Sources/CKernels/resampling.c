#include "resampling.h"

#include "clones.h"
#include "pool.h"
#include "sliding.h"

#include <string.h>

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
