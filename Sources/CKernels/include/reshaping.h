#pragma once

#include <stdint.h>

/// Moves between channels last and channels first: result[image][column][row] = values[image][row][column].
/// Adds where `adds`, else sets.
void ck_transpose(const float *values, int64_t images, int64_t rows, int64_t columns, int adds, float *result);

/// Space against depth: a map of `height` x `width` x `channels`, and one `factor` times smaller each way with
/// factor^2 times the channels.
typedef struct {
    int64_t batch, height, width, channels, factor;
    /// Focus: group (column, row) of all channels after another; else Pixel_Shuffle: channel by channel, (row, column).
    int is_focus;
} ck_space;

/// Fills the deep map from the wide one. Adds where `adds`, else sets.
void ck_space_to_depth(const ck_space *space, const float *wide, int adds, float *deep);

/// Fills the wide map from the deep one. Adds where `adds`, else sets.
void ck_depth_to_space(const ck_space *space, const float *deep, int adds, float *wide);

/// Exchanges the first two axes of weights, and turns their taps around: result[b][a][last - t] = values[a][b][t].
void ck_mirror(const float *values, int64_t first, int64_t second, int64_t taps, float *result);
