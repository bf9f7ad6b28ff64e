// The sums of products of whole steps, and where their taps lie.
#pragma once

#include "integer_products.h"

#include "pool.h"
#include "sliding.h"
#include "steps.h"

typedef struct {
    const ck_integer_product *product;
    const ck_steps *input;
    const int16_t *weights;
    int16_t *scratch;
    int32_t *sums;
    int64_t peaks[CK_PARTS];
} summing;

INLINE int64_t taps_of(const ck_window *w) { return w->kernel_height * w->kernel_width; }

/// The first element of the pixel under the tap of a row and column of the kernel, or -1 where it is 0.
INLINE int64_t under(
    const summing *s, int64_t image, int64_t out_row, int64_t out_column, int64_t tap_row, int64_t tap_column) {
    const ck_window *w = &s->product->window;
    int64_t row = out_row * w->stride - w->top + tap_row * s->product->dilation;
    int64_t column = out_column * w->stride - w->left + tap_column * s->product->dilation;
    if (s->product->steps_over) {
        if ((row | column) & 1) return -1;
        row /= 2;
        column /= 2;
    }
    if (!is_inside(w, row, column)) return -1;
    return ((image * w->in_height + row) * w->in_width + column) * w->channels;
}

/// The sums of depthwise products in the lines `begin` up to `end` of all images; `context` is a `summing`.
void ck_depthwise_rows(const void *context, int part, int64_t begin, int64_t end);
