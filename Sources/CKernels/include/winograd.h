#pragma once

#include "taps.h"

#include <stdint.h>

// Convolutions of 3x3 windows with stride 1 by Winograd's sums, F(4x4, 3x3) of Lavin and Gray (2016): a tile of 4x4 pixels of
// the result is a product of polynomials, which is computed by their values at 6x6 points. Each point is a product of matrices
// of its own, so that a tile takes 36 multiplications for each pair of channels instead of 144. Tensors are channels last,
// channels of both are multiples of CK_TAP_LANES, and all sums are in single precision.

enum {
    /// The points of a tile.
    CK_WINOGRAD_POINTS = 36,
    /// Tiles that are worked on at a time.
    CK_WINOGRAD_TILES = 48,
};

/// A convolution, or the gradient of its input, for which input and output change places.
typedef struct {
    int64_t batch, in_height, in_width, in_channels, out_height, out_width, out_channels, pad_top, pad_left;
    /// Whether vectors of sums have registers of 256 bits, and products of points narrow tiles.
    int is_narrow;
} ck_winograd;

/// The tiles of all images.
int64_t ck_winograd_tiles(const ck_winograd *product);

/// Numbers from one point's matrix of so many elements to the next: never a power of two, whose elements would share a place
/// in the cache.
int64_t ck_winograd_matrix(int64_t elements);

/// The numbers that a task needs beside the tensors: the values of input and result at all points, of as many tiles as are
/// worked on at a time.
int64_t ck_winograd_room(int64_t in_channels, int64_t out_channels);

/// The values of a window at all points, axes points, input channels, output channels, from weights with axes out, in, taps.
/// With `is_backward` they are those of the gradient of the input: the window is turned, and the weights' `out` is its input.
void ck_winograd_weights(const ck_winograd *product, const float *plain, int is_backward, float *values);

/// Sets the result from the input and the values of the window. Each of `tasks` has room of its own.
void ck_winograd_product(
    const ck_winograd *product, const float *input, const float *values, float *result, int64_t tasks, float *room);

/// Sets a gradient of weights, axes out, in, taps, from the input and the result's gradient. Each of `slices` sums over a share
/// of the tiles, in `sums` of its own: the points' matrices of in x out. Slices are added in their order, so that the result
/// depends on their number; each is computed in `parts` of its output channels, on which nothing depends. Each part of a
/// slice has room for the channels of the widest one.
void ck_winograd_gradient(
    const ck_winograd *product, const float *input, const float *gradient, int64_t slices, int64_t parts, float *sums,
    float *room, float *plain);

/// The output channels of the widest part of a gradient of weights.
int64_t ck_winograd_widest(int64_t out_channels, int64_t parts);
