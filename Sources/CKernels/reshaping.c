#include "reshaping.h"

#include "clones.h"
#include "pool.h"

typedef struct {
    const float *values;
    float *result;
    int64_t rows, columns;
    const ck_space *space;
    int adds, is_to_depth;
} moving;

static void transpose_images(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    for (int64_t image = begin; image < end; image++) {
        const float *values = m->values + image * m->rows * m->columns;
        float *result = m->result + image * m->rows * m->columns;
        for (int64_t row = 0; row < m->rows; row++)
            for (int64_t column = 0; column < m->columns; column++) {
                float *target = result + column * m->rows + row;
                *target = (m->adds ? *target : 0.0f) + values[row * m->columns + column];
            }
    }
}

void ck_transpose(const float *values, int64_t images, int64_t rows, int64_t columns, int adds, float *result) {
    moving m = {.values = values, .rows = rows, .columns = columns, .adds = adds, .result = result};
    ck_parallel_tasks(images, transpose_images, &m);
}

static void space_images(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    const ck_space *s = m->space;
    int64_t factor = s->factor, deep_channels = s->channels * factor * factor;
    int64_t deep_height = s->height / factor, deep_width = s->width / factor;
    for (int64_t image = begin; image < end; image++)
        for (int64_t row = 0; row < s->height; row++)
            for (int64_t column = 0; column < s->width; column++) {
                int64_t wide = ((image * s->height + row) * s->width + column) * s->channels;
                int64_t deep =
                    ((image * deep_height + row / factor) * deep_width + column / factor) * deep_channels;
                int64_t inner_row = row % factor, inner_column = column % factor;
                int64_t group = s->is_focus ? (inner_column * factor + inner_row) * s->channels
                                            : inner_row * factor + inner_column;
                int64_t step = s->is_focus ? 1 : factor * factor;
                for (int64_t c = 0; c < s->channels; c++) {
                    int64_t there = deep + group + c * step;
                    float *target = m->result + (m->is_to_depth ? there : wide + c);
                    float value = m->values[m->is_to_depth ? wide + c : there];
                    *target = (m->adds ? *target : 0.0f) + value;
                }
            }
}

void ck_space_to_depth(const ck_space *space, const float *wide, int adds, float *deep) {
    moving m = {.space = space, .values = wide, .adds = adds, .result = deep, .is_to_depth = 1};
    ck_parallel_tasks(space->batch, space_images, &m);
}

void ck_depth_to_space(const ck_space *space, const float *deep, int adds, float *wide) {
    moving m = {.space = space, .values = deep, .adds = adds, .result = wide};
    ck_parallel_tasks(space->batch, space_images, &m);
}

void ck_mirror(const float *values, int64_t first, int64_t second, int64_t taps, float *result) {
    for (int64_t b = 0; b < second; b++)
        for (int64_t a = 0; a < first; a++)
            for (int64_t tap = 0; tap < taps; tap++)
                result[(b * first + a) * taps + taps - 1 - tap] = values[(a * second + b) * taps + tap];
}
