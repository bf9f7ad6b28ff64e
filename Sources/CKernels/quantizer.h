// The vendor's rounding and its three grids of activations, one value at a time.
#pragma once

#include "clones.h"
#include "epilogue.h"

#include <math.h>

/// Rounds a value of at least 0: up from 0.501, down below 0.5, to the even neighbour between.
INLINE float rounded(float value) {
    float below = floorf(value);
    float rest = value - below;
    float odd = below - 2.0f * floorf(below * 0.5f);
    return below + (rest >= 0.501f ? 1.0f : rest >= 0.5f ? odd : 0.0f);
}

INLINE float held(float value, float low, float high) {
    // NaN passes: it must be seen, not hidden.
    return value < low ? low : value > high ? high : value;
}

/// The value on its grid, in units of the clip.
INLINE float quantized(float value, int grid, float clip, float levels) {
    switch (grid) {
    case CK_UNSIGNED: return rounded(held(value, 0.0f, clip) * (levels / clip)) / levels;
    case CK_SIGNED_NPU: {
        float code = rounded((held(value, -clip, clip) + clip) * (levels / (2.0f * clip)));
        return (2.0f * code - levels) / levels;
    }
    case CK_SIGNED_SIMD: {
        float code = rounded(fabsf(held(value, -clip, clip)) * (levels / clip));
        code = value < 0.0f ? -code : code;
        return held(code, -levels, levels - 1.0f) / levels;
    }
    default: return value;
    }
}

/// Whether the gradient passes.
INLINE float inside(float value, int grid, float clip) {
    switch (grid) {
    case CK_UNSIGNED: return value >= 0.0f && value <= clip ? 1.0f : 0.0f;
    case CK_SIGNED_NPU:
    case CK_SIGNED_SIMD: return value >= -clip && value <= clip ? 1.0f : 0.0f;
    default: return 1.0f;
    }
}

/// +1 above the range, -1 below it where there is a below, else 0: the sign with which a clip's gradient counts.
INLINE float beyond(float value, int grid, float clip) {
    switch (grid) {
    case CK_UNSIGNED: return value > clip ? 1.0f : 0.0f;
    case CK_SIGNED_NPU:
    case CK_SIGNED_SIMD: return value > clip ? 1.0f : value < -clip ? -1.0f : 0.0f;
    default: return 0.0f;
    }
}

// A number that is no activation gives NaN: it must be seen, not hidden.

INLINE float activated(float x, int activation, float slope) {
    (void)slope;
    switch (activation) {
#define VALUE(context, name, results, value, derivative) \
    case name: return value;
        CK_EACH_ACTIVATION(VALUE, )
#undef VALUE
    }
    return NAN;
}

/// The activation's derivative.
INLINE float slope_of(float x, int activation, float slope) {
    (void)slope;
    switch (activation) {
#define DERIVATIVE(context, name, results, value, derivative) \
    case name: return derivative;
        CK_EACH_ACTIVATION(DERIVATIVE, )
#undef DERIVATIVE
    }
    return NAN;
}
