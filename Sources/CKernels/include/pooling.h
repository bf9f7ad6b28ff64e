#pragma once

#include "window.h"

/// The largest value of each window, and which tap it is (row by row; 65535 where it is padding). The first of equals wins.
void ck_max_pool_forward(const ck_window *window, const float *input, float *output, uint16_t *taps);

/// Hands each gradient to the tap that won. Adds where `adds`, else sets.
void ck_max_pool_backward(
    const ck_window *window, const float *output_gradient, const uint16_t *taps, int adds, float *input_gradient);

/// The mean of each window; padding counts.
void ck_mean_pool_forward(const ck_window *window, const float *input, float *output);

/// Hands each gradient to all taps in equal shares. Adds where `adds`, else sets.
void ck_mean_pool_backward(const ck_window *window, const float *output_gradient, int adds, float *input_gradient);
