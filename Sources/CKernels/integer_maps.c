#include "integer.h"

#include "pool.h"
#include "sliding.h"
#include "steps.h"

typedef struct {
    const ck_window *window;
    const ck_steps *input, *output;
    int32_t pad;
    int takes_largest;
} pooling;

/// The result of one window for some of its channels.
INLINE void pool_window(
    const pooling *s, int64_t image, int64_t out_row, int64_t out_column, int64_t channel, int64_t count,
    int takes_largest) {
    const ck_window *w = s->window;
    int32_t result[CHUNK], step[CHUNK];
    int32_t start = takes_largest ? INT32_MIN : 0;
    for (int64_t c = 0; c < count; c++) result[c] = start;
    for (int64_t tap = 0; tap < w->kernel_height * w->kernel_width; tap++) {
        int64_t row = out_row * w->stride - w->top + tap / w->kernel_width;
        int64_t column = out_column * w->stride - w->left + tap % w->kernel_width;
        if (is_inside(w, row, column))
            read_steps(
                s->input, ((image * w->in_height + row) * w->in_width + column) * w->channels + channel, count, step);
        else
            for (int64_t c = 0; c < count; c++) step[c] = s->pad;
        if (takes_largest)
            VECTOR for (int64_t c = 0; c < count; c++) result[c] = step[c] > result[c] ? step[c] : result[c];
        else
            VECTOR for (int64_t c = 0; c < count; c++) result[c] += step[c];
    }
    int64_t pixel = (image * w->out_height + out_row) * w->out_width + out_column;
    write_steps(s->output, pixel * w->channels + channel, count, result);
}

/// The largest byte of each channel; all are bytes alike.
INLINE void pool_bytes(const pooling *s, int64_t image, int64_t out_row, int64_t out_column) {
    const ck_window *w = s->window;
    int64_t pixel = (image * w->out_height + out_row) * w->out_width + out_column, channels = w->channels;
    uint8_t *result = (uint8_t *)s->output->numbers + pixel * channels;
    uint8_t pad = (uint8_t)((s->pad - s->input->zero) / s->input->stride);
    int is_first = 1;
    for (int64_t y = 0; y < w->kernel_height; y++)
        for (int64_t x = 0; x < w->kernel_width; x++) {
            int64_t row = out_row * w->stride - w->top + y, column = out_column * w->stride - w->left + x;
            if (!is_inside(w, row, column)) {
                for (int64_t c = 0; c < channels; c++) result[c] = is_first || pad > result[c] ? pad : result[c];
            } else {
                const uint8_t *bytes = (const uint8_t *)s->input->numbers
                    + ((image * w->in_height + row) * w->in_width + column) * channels;
                if (is_first)
                    memcpy(result, bytes, (size_t)channels);
                else
                    VECTOR for (int64_t c = 0; c < channels; c++)
                        result[c] = bytes[c] > result[c] ? bytes[c] : result[c];
            }
            is_first = 0;
        }
}

CLONES static void pool_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const pooling *s = context;
    const ck_window *w = s->window;
    const ck_steps *input = s->input, *output = s->output;
    int are_bytes = input->stride > 0 && input->stride == output->stride && input->zero == output->zero;
    for (int64_t line = begin; line < end; line++)
        for (int64_t column = 0; column < w->out_width; column++) {
            if (are_bytes && s->takes_largest) {
                pool_bytes(s, line / w->out_height, line % w->out_height, column);
                continue;
            }
            for (int64_t channel = 0; channel < w->channels; channel += CHUNK) {
                int64_t count = smaller(CHUNK, w->channels - channel);
                int64_t image = line / w->out_height, row = line % w->out_height;
                if (s->takes_largest)
                    pool_window(s, image, row, column, channel, count, 1);
                else
                    pool_window(s, image, row, column, channel, count, 0);
            }
        }
}

void ck_integer_max_pool(const ck_window *window, const ck_steps *input, int32_t pad, const ck_steps *output) {
    pooling s = {.window = window, .input = input, .output = output, .pad = pad, .takes_largest = 1};
    ck_parallel_tasks(window->batch * window->out_height, pool_rows, &s);
}

void ck_integer_sum_pool(const ck_window *window, const ck_steps *input, int32_t pad, const ck_steps *output) {
    pooling s = {.window = window, .input = input, .output = output, .pad = pad};
    ck_parallel_tasks(window->batch * window->out_height, pool_rows, &s);
}

typedef struct {
    const ck_integer_run *runs;
    int64_t run_count, input_elements, output_elements;
    const ck_steps *input, *output;
} moving;

/// Copies so many bytes, mostly few.
INLINE void copy_bytes(uint8_t *target, const uint8_t *source, int64_t count) {
    if (count < 16)
        for (int64_t i = 0; i < count; i++) target[i] = source[i];
    else
        memcpy(target, source, (size_t)count);
}

static void move_samples(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int is_alike = m->input->stride == m->output->stride && m->input->zero == m->output->zero;
    int64_t width = m->input->stride ? 1 : (int64_t)sizeof(int32_t);
    int32_t steps[CHUNK];
    for (int64_t sample = begin; sample < end; sample++)
        for (int64_t index = 0; index < m->run_count; index++) {
            const ck_integer_run *run = m->runs + index;
            int64_t source = sample * m->input_elements + run->source;
            int64_t target = sample * m->output_elements + run->target;
            if (is_alike) {
                copy_bytes(
                    (uint8_t *)m->output->numbers + target * width, (const uint8_t *)m->input->numbers + source * width,
                    run->count * width);
                continue;
            }
            for (int64_t done = 0, size; done < run->count; done += size) {
                size = smaller(CHUNK, run->count - done);
                read_steps(m->input, source + done, size, steps);
                write_steps(m->output, target + done, size, steps);
            }
        }
}

void ck_integer_move(
    const ck_integer_run *runs, int64_t run_count, int64_t batch, const ck_steps *input, int64_t input_elements,
    const ck_steps *output, int64_t output_elements) {
    moving m = {runs, run_count, input_elements, output_elements, input, output};
    ck_parallel_tasks(batch, move_samples, &m);
}
