#pragma once

#include "window.h"

/// The whole steps of a tensor, axes as its values: 32-bit numbers where `stride` is 0, else bytes, each of which stands for
/// stride x byte + zero.
typedef struct {
    void *numbers;
    int32_t stride, zero;
} ck_steps;

/// Reads the steps of `count` elements from `begin` on.
void ck_steps_read(const ck_steps *steps, int64_t begin, int64_t count, int32_t *numbers);

/// Writes the steps of `count` elements from `begin` on; bytes can hold them.
void ck_steps_write(const ck_steps *steps, int64_t begin, int64_t count, const int32_t *numbers);

/// Takes over values, `levels` steps from 0 to 1, each as the nearest step of at most `bound`.
///
/// Returns how many were moved: those that lie further than a thousandth of a step from theirs, and those beyond the bound;
/// -1 where the steps are bytes and one of them is none.
int64_t ck_steps_load(const ck_steps *steps, const float *values, double levels, int64_t bound, int64_t count);

/// The values of whole steps.
void ck_steps_values(const ck_steps *steps, double levels, int64_t count, float *values);

/// What makes codes of sums: by channel t = sum x multiplier + offset, or the lower pair where t is negative, in units of
/// 2^-shift codes.
///
/// Arrays have `period` elements: the channels, repeated until a row is long enough for vectors. `above` is 0.501 in these
/// units: from there on a rest is rounded up. From a half on it goes to the even neighbour.
///
/// Single precision is faster: `near` has both pairs in codes, multiplier, offset, lower multiplier, lower offset, a period
/// each, and is no further than `doubt` codes from t. Sums that lie closer to where rounding changes are computed in whole
/// numbers. Where `doubt` is 0, all are.
typedef struct {
    int64_t period;
    const int32_t *multiplier, *lower_multiplier, *shift;
    const int64_t *offset, *lower_offset, *above;
    const float *near;
    float doubt;
    int has_lower, grid;
    int64_t levels;
} ck_integer_finish;

/// The steps of one sum, and in `unrounded` what was rounded, in codes.
int32_t ck_integer_code(const ck_integer_finish *finish, int32_t sum, int64_t channel, double *unrounded);

/// Where sums go: as codes to `codes` where `finish` is not NULL, else as sum x scale + shift to `values`, where that is not
/// NULL; the sums themselves to `sums`, where that is not NULL. Arrays by channel have `period` elements.
typedef struct {
    const ck_integer_finish *finish;
    ck_steps codes;
    const double *scale, *shift;
    float *values;
    int64_t period;
    int32_t *sums;
} ck_integer_end;

/// Ends from sums, the first of which is element `begin` of the result, a multiple of the channels. Returns the largest
/// magnitude of a sum.
int64_t ck_integer_end_sums(const ck_integer_end *end, const int32_t *sums, int64_t begin, int64_t count);

/// Ends from steps as they are. Returns the largest magnitude of one.
int64_t ck_integer_end_steps(const ck_integer_end *end, const ck_steps *input, int64_t count);

/// Two operands of a sum, or of a product. One row of `channels` of the second serves `pixels` rows of the first.
typedef struct {
    ck_steps first, second;
    int multiplies;
    int32_t first_factor, second_factor;
    int64_t channels, pixels;
} ck_integer_pair;

/// Ends from first_factor x first + second_factor x second, or from first x second. Returns the largest magnitude of a sum.
int64_t ck_integer_end_pair(const ck_integer_end *end, const ck_integer_pair *pair, int64_t count);

/// The larger of two.
void ck_integer_maximum(const ck_steps *first, const ck_steps *second, const ck_steps *output, int64_t count);

/// The largest step of each window; outside is `pad`.
void ck_integer_max_pool(const ck_window *window, const ck_steps *input, int32_t pad, const ck_steps *output);

/// The sum of each window; outside is `pad`.
void ck_integer_sum_pool(const ck_window *window, const ck_steps *input, int32_t pad, const ck_steps *output);

/// So many neighbouring elements of a sample that move together.
typedef struct {
    int32_t source, target, count;
} ck_integer_run;

/// Moves runs of each of `batch` samples.
void ck_integer_move(
    const ck_integer_run *runs, int64_t run_count, int64_t batch, const ck_steps *input, int64_t input_elements,
    const ck_steps *output, int64_t output_elements);
