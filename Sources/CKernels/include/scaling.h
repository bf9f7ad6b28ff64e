#pragma once

#include <stdint.h>

/// The pixels along one axis that make each pixel of the result: `counts[i]` pixels from `firsts[i]` on, with the weights that
/// follow in `weights`, whole numbers of 2^-15 that add up to one. `most` is the largest of the counts.
typedef struct {
    int64_t length;
    int64_t most;
    const int32_t *firsts;
    const int32_t *counts;
    const int32_t *weights;
} ck_scaling_taps;

/// Scales a picture of bytes: (height, width, channels) to (rows->length, columns->length, channels). `lines` has room for
/// rows->most * columns->length * channels numbers.
///
/// Each row is scaled when the first row of the result reads it, and kept as long as one does. Bytes are rounded once, at
/// the end; 7 bits of fraction stay in between. Every machine gets the same bytes.
void ck_scale_picture(
    const uint8_t *input, int64_t height, int64_t width, int64_t channels, const ck_scaling_taps *rows,
    const ck_scaling_taps *columns, int32_t *lines, uint8_t *output);
