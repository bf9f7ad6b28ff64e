#pragma once

#include <stdint.h>

/// What a run of values looks like. Values that are not finite are counted and otherwise left out.
typedef struct {
    float minimum, maximum;
    double sum, squares;
    int64_t outside, not_finite;
} ck_range;

/// Extremes, sums and how many values lie outside low ... high.
ck_range ck_observe(const float *values, int64_t count, float low, float high);

/// Counts values in `bins` equal bins over low ... high, both ends included; others are left out.
void ck_histogram(const float *values, int64_t count, float low, float high, int64_t bins, uint32_t *counts);

/// The sums of squares of values x scale, and of the differences to what a quantizer made of them.
void ck_noise(
    const float *values, const float *quantized, float scale, int64_t count, double *signal, double *noise);
