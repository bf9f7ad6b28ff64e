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
