#pragma once

#include <stdint.h>

/// A window that slides over maps, axes batch, height, width, channels. What lies outside counts as `pad`.
typedef struct {
    int64_t batch, channels, in_height, in_width, out_height, out_width;
    int64_t kernel_height, kernel_width, stride, top, left;
    float pad;
    /// Means of values on a grid are taken of whole steps, so many from 0 to 1, and given in steps; 0 for other values.
    float steps;
} ck_window;

/// The largest value of each window, and which tap it is (row by row; 65535 where it is padding). The first of equals wins.
void ck_max_pool_forward(const ck_window *window, const float *input, float *output, uint16_t *taps);

/// Hands each gradient to the tap that won. Adds where `adds`, else sets.
void ck_max_pool_backward(
    const ck_window *window, const float *output_gradient, const uint16_t *taps, int adds, float *input_gradient);

/// The mean of each window; padding counts.
void ck_mean_pool_forward(const ck_window *window, const float *input, float *output);

/// Hands each gradient to all taps in equal shares. Adds where `adds`, else sets.
void ck_mean_pool_backward(const ck_window *window, const float *output_gradient, int adds, float *input_gradient);

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
