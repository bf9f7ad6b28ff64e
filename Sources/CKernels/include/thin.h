#pragma once

#include "pooling.h"

#include <stdint.h>

/// Whether the gradient of a convolution's input has so few channels, and the window such a form, that ck_thin_gradient
/// takes it.
int ck_is_thin(const ck_window *window, int64_t out_channels);

/// The gradient of the input of a convolution of few channels, as the first layer of a network has them: oneDNN pads
/// them to a whole vector and multiplies by zeros.
///
/// `window` has the input's channels; weights have axes out, in, height, width; `packed` has room for as many floats.
void ck_thin_gradient(
    const ck_window *window, int64_t out_channels, const float *gradient, const float *weights, float *packed,
    float *result);
