#pragma once

#include "pooling.h"

#include <stdint.h>

/// The whole numbers behind values in units of the clip, as bytes: signed ones on SIMD's signed grid, else unsigned.
/// `grid` and `levels` as in ck_epilogue.
///
/// `sums` gets the sum of each row of `channels` where it is not NULL, on grids of unsigned bytes alone.
void ck_encode(
    const float *values, int grid, float levels, int64_t rows, int64_t channels, uint8_t *codes, float *sums);

/// The values that ck_encode read, from their codes.
void ck_decode(const uint8_t *codes, int grid, float levels, int64_t count, float *values);

/// Puts maps of one channel on maps of twice the height and width with zeros between.
void ck_spread_pixels(const float *values, int64_t images, int64_t height, int64_t width, float *spread);

/// The sums of the windows over maps of one channel, whatever the window says of channels; what lies outside counts as 0.
void ck_window_sums(const ck_window *window, const float *values, float *sums);
