#pragma once

#include "integer.h"

/// A product of whole steps: windows that slide over maps, axes batch, height, width, channels. Outside of them is 0.
typedef struct {
    ck_window window;
    int64_t groups, dilation, out_channels;
    /// The window slides over a map twice as high and wide, whose every second row and column is 0.
    int steps_over;
    /// So many products fit 32 bits together.
    int64_t block;
} ck_integer_product;

/// The 16-bit numbers of scratch that a product needs.
int64_t ck_integer_scratch(const ck_integer_product *product);

/// The sums of a product as a 32-bit accumulator holds them: one that leaves its range wraps around.
///
/// Weights have axes out, height, width, in / groups; where `is_depthwise`, height, width, channels. Returns the largest
/// magnitude of a sum, wrapped or not.
int64_t ck_integer_sums(
    const ck_integer_product *product, int is_depthwise, const ck_steps *input, const int16_t *weights,
    int16_t *scratch, int32_t *sums);

/// The map twice as high and wide: the bytes of the window's input in every second row and column, 0 elsewhere.
void ck_integer_spread(const ck_window *window, const uint8_t *bytes, uint8_t *spread);

/// The sum of the bytes that each window reads, axes pixels, groups. `pixels` gets those of each pixel of the input; the
/// product does not step over zeros.
void ck_integer_window_sums(
    const ck_integer_product *product, const uint8_t *bytes, int32_t *pixels, int32_t *windows);

/// What makes the sums of steps of `raw` ones, of bytes and codes of weights, axes images, pixels, channels:
///
///     sum = scale x raw + window_scale x windows[image, pixel, group] + corrections[classes[pixel], channel]
///
/// `windows` and `corrections` may be NULL.
typedef struct {
    const int32_t *raw, *windows, *corrections, *classes;
    int32_t scale, window_scale;
    int64_t pixels, groups, channels;
} ck_integer_raw;

/// Ends from raw sums, the first of which is element `begin` of the result. Returns the largest magnitude of a sum.
int64_t ck_integer_end_raw(const ck_integer_end *end, const ck_integer_raw *raw, int64_t begin, int64_t count);
