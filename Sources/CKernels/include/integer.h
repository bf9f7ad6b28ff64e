#pragma once

#include "window.h"

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
    const ck_integer_product *product, int is_depthwise, const int32_t *input, const int16_t *weights, int16_t *scratch,
    int32_t *sums);

/// What makes codes of sums: by channel t = sum x multiplier + offset, or the lower pair where t is negative, in units of
/// 2^-shift codes.
///
/// `above` is 0.501 in these units: from there on a rest is rounded up. From a half on it goes to the even neighbour.
typedef struct {
    int64_t channels;
    const int64_t *multiplier, *offset, *lower_multiplier, *lower_offset, *above;
    const int32_t *shift;
    int has_lower, grid;
    int64_t levels;
} ck_integer_finish;

/// Fills the whole steps of `count` sums.
void ck_integer_codes(const ck_integer_finish *finish, const int32_t *sums, int64_t count, int32_t *steps);

/// The steps of one sum, and in `unrounded` what was rounded, in codes.
int32_t ck_integer_code(const ck_integer_finish *finish, int32_t sum, int64_t channel, double *unrounded);

/// The largest value of each window; outside is `pad`.
void ck_integer_max_pool(const ck_window *window, const int32_t *input, int32_t pad, int32_t *output);

/// The sum of each window; outside is `pad`.
void ck_integer_sum_pool(const ck_window *window, const int32_t *input, int32_t pad, int32_t *output);

/// The largest magnitude.
int64_t ck_integer_peak(const int32_t *values, int64_t count);

/// The whole steps nearest to values, so many from 0 to 1. Returns how many values lie further than a thousandth of a step
/// from theirs.
int64_t ck_integer_load(const float *values, double levels, int64_t count, int32_t *steps);

/// The values of whole steps.
void ck_integer_values(const int32_t *steps, double levels, int64_t count, float *values);
