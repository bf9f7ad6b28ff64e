#pragma once

#include "window.h"

/// The ways to fill a larger map.
enum { CK_FILL_ZERO, CK_FILL_NEAREST, CK_FILL_BILINEAR };

/// Upsampling by whole factors: out sizes are in sizes times kernel sizes. `pad` fills the places of CK_FILL_ZERO.
void ck_unpool_forward(const ck_window *window, int fill, const float *input, float *output);

/// The transpose of the forward map. Adds where `adds`, else sets.
void ck_unpool_backward(
    const ck_window *window, int fill, const float *output_gradient, int adds, float *input_gradient);

/// Copies a map into a larger or smaller frame whose (0, 0) lies `top` and `left` before the map's; the rest is `pad`.
void ck_frame_forward(const ck_window *window, const float *input, float *framed);

/// Takes the map's part out of a frame's gradient. Adds where `adds`, else sets; places outside the frame get 0.
void ck_frame_backward(const ck_window *window, const float *framed_gradient, int adds, float *input_gradient);
