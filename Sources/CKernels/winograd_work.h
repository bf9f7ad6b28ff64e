// What the loops of Winograd's sums work on.
#pragma once

#include "pool.h"
#include "winograd.h"

/// A window, whose values at all points are wanted.
typedef struct {
    const ck_winograd *product;
    const float *plain;
    int is_backward;
    float *values;
} winograd_window;

/// A product, whose tiles are shared by so many tasks.
typedef struct {
    const ck_winograd *product;
    const float *input, *values;
    float *result, *room;
    int64_t tiles, tasks;
} winograd_tiles;

/// A gradient of weights, whose tiles are shared by slices, and whose output channels by parts.
typedef struct {
    const ck_winograd *product;
    const float *input, *gradient;
    int64_t slices, parts, tiles;
    float *sums, *room, *plain;
} winograd_gradient;

/// The loops: by input channel of a window, by task of a product, and by part of a slice of a gradient.
typedef struct {
    ck_task window, product, gradient;
} winograd_loops;

/// The loops for registers of 256 bits, and for those of 512.
extern const winograd_loops ck_winograd_narrow, ck_winograd_wide;
