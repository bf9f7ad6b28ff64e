// What every loop over windows is given.
#pragma once

#include "clones.h"
#include "window.h"

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
