#pragma once

#include <stdint.h>

/// What is applied before the quantizer, one activation a line: its name; whether its layers have float results (FLOAT),
/// results on a grid (GRID), or either (ANY); what becomes of x; and the derivative there. `slope` is PReLU's.
#define CK_EACH_ACTIVATION(LINE, context) \
    LINE(context, CK_IDENTITY, ANY, x, 1.0f) \
    LINE(context, CK_RELU, FLOAT, x < 0.0f ? 0.0f : x, x > 0.0f ? 1.0f : 0.0f) \
    LINE(context, CK_RELU6, FLOAT, held(x, 0.0f, 6.0f), x > 0.0f && x < 6.0f ? 1.0f : 0.0f) \
    LINE(context, CK_LEAKYRELU, ANY, x < 0.0f ? 0.01f * x : x, x > 0.0f ? 1.0f : 0.01f) \
    LINE(context, CK_PRELU, ANY, x < 0.0f ? slope * x : x, x > 0.0f ? 1.0f : slope) \
    LINE(context, CK_HSIGMOID, FLOAT, held((x + 3.0f) / 6.0f, 0.0f, 1.0f), \
         x >= -3.0f && x <= 3.0f ? 1.0f / 6.0f : 0.0f) \
    LINE(context, CK_HSWISH, ANY, x * held((x + 3.0f) / 6.0f, 0.0f, 1.0f), \
         x < -3.0f ? 0.0f : x > 3.0f ? 1.0f : (2.0f * x + 3.0f) / 6.0f) \
    LINE(context, CK_OFFSET, GRID, x + 3.0f, 1.0f)

#define CK_NAME(context, name, results, value, derivative) name,
enum { CK_EACH_ACTIVATION(CK_NAME, ) };
#undef CK_NAME

/// The activation of a name of the list, such as "CK_RELU"; -1 where there is none.
int ck_activation(const char *name);

/// The grids of activations; levels are 2^b - 1, and 2^(b-1) for SIMD's signed grid.
enum { CK_FLOAT, CK_UNSIGNED, CK_SIGNED_NPU, CK_SIGNED_SIMD };

/// What follows a sum: scale and shift by channel (batch norm, bias), activation, activation quantizer.
///
/// Arrays have `period` elements: the channels, repeated until a row is long enough for vectors.
typedef struct {
    int activation, grid;
    float clip, levels;
    int64_t period;
    const float *scale, *shift, *slope;
} ck_epilogue;

/// output = quantized(activated(input * scale + shift)), for `count` elements.
void ck_epilogue_forward(const ck_epilogue *epilogue, const float *input, float *output, int64_t count);

/// values[row][channel] = 2 * values[row][channel] + offsets[row].
void ck_double_rows(float *values, const float *offsets, int64_t rows, int64_t channels);

/// Sums over the rows of `count` elements, by channel: of (input - centre) and of its square. Where `offsets` is not NULL
/// it doubles the rows first, as ck_double_rows.
///
/// `partials` has room for 2 * CK_PARTS * period doubles and as many floats behind them. `sums` gets 2 * channels.
void ck_statistics(
    float *input, const float *offsets, const float *centre, int64_t count, int64_t period, int64_t channels,
    double *partials, double *sums);

/// Sums by channel of d = the gradient of the epilogue's affine part, of d * (input - centre) and of the slope's gradient;
/// last, one sum: the gradient of the clip's logarithm.
///
/// `partials` has room for 4 * CK_PARTS * period doubles and as many floats behind them. `sums` gets 3 * channels + 1.
void ck_epilogue_reduce(
    const ck_epilogue *epilogue, const float *input, const float *centre, const float *gradient, int64_t count,
    int64_t channels, double *partials, double *sums);

/// result = first * d + second * input + third, by channel, with d as above. `result` may be `gradient`.
void ck_epilogue_backward(
    const ck_epilogue *epilogue, const float *input, const float *gradient, const float *first, const float *second,
    const float *third, float *result, int64_t count);

/// Where the first element lies that is not finite, or -1.
int64_t ck_find_not_finite(const float *values, int64_t count);
