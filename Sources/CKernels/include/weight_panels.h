#pragma once

#include "taps.h"

// Gradients of weights of convolutions without groups from copies of both tensors, in tiles that registers of 256 bits hold.
// A tile multiplies one vector of channels with at most CK_NARROW_PIXELS scalars; what it reads lies in two runs of memory. The
// copies are panels, axes pixels, images, channels: a vector, or the scalars of a tile.

/// A gradient of weights, axes taps, scalar channels, vector channels. Runs have the numbers of pixels in panels; those of a tap
/// begin at its start and end at the next one's.
typedef struct {
    const ck_tap_run *runs;
    const int32_t *starts;
    int64_t taps;
    /// The pixels of panels in their order: where each is in an image, in pixels.
    const int32_t *vector_pixels, *scalar_pixels;
    int64_t vector_count, scalar_count;
    int64_t vector_channels, scalar_channels;
    /// Numbers of an image.
    int64_t vector_image, scalar_image;
    float *sums;
} ck_weight_panels;

/// The numbers that panels of so many images have.
int64_t ck_weight_panels_room(const ck_weight_panels *product, int64_t images);

/// Sets the sums over all images. Panels have `block` images each, and `panels` has room for those of `together` blocks, which
/// are copied at a time.
void ck_weight_panels_gradient(
    const ck_weight_panels *product, const float *vectors, const float *scalars, int64_t batch, int64_t block,
    int64_t together, float *panels);
