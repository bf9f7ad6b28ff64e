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

/// How alike two runs of values are.
typedef struct {
    double squares, other_squares, products;
    int64_t different;
} ck_match;

/// The sums of squares of both, the sum of their products, and how many differ.
ck_match ck_compare(const float *values, const float *others, int64_t count);

/// Counts values that lie on a grid, by level: `lowest` + level x `step`. Others are left out.
void ck_count_levels(
    const float *values, int64_t count, float lowest, float step, int64_t levels, int64_t *counts);

/// Counts codes; `counts` has 256 places, the first that of -128.
void ck_count_codes(const int8_t *codes, int64_t count, int64_t *counts);

/// Lowers `least` and raises `most`, a place for each channel, to what rows of channels hold; values that are not
/// finite are left out.
void ck_channel_ranges(const float *values, int64_t rows, int64_t channels, float *least, float *most);

/// Counts the values of each row, divided by its reach, in `bins` equal bins over -1 ... 1 of the row's group: `counts`
/// has a run of bins for each group. Rows without a reach count in the middle.
void ck_row_histograms(
    const float *values, int64_t rows, int64_t columns, const float *reaches, const int32_t *groups, int64_t bins,
    uint32_t *counts);

/// How many codes of two runs differ.
int64_t ck_count_different(const int8_t *codes, const int8_t *others, int64_t count);

/// Fills `scaled` with rows x the factor of each row.
void ck_scale_rows(const float *values, const float *factors, int64_t rows, int64_t columns, float *scaled);
