// The codes of sums.
#pragma once

#include "clones.h"
#include "integer.h"

/// So many codes are rounded in floats together.
enum { NEAR = 32 };

INLINE int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

/// The code of a sum; `scaled` gets what was rounded, in units of 2^-shift codes.
INLINE int32_t finished(
    int64_t sum, int64_t multiplier, int64_t offset, int64_t lower_multiplier, int64_t lower_offset, int64_t shift,
    int64_t above, int64_t levels, int grid, int has_lower, int64_t *scaled) {
    int64_t value = sum * multiplier + offset;
    if (has_lower) {
        int64_t lower = sum * lower_multiplier + lower_offset;
        value = value < 0 ? lower : value;
    }
    // What rounding the constants may have taken: no half may fall short of being one.
    int64_t slack = (magnitude(sum) >> 1) + 1, top = levels << shift;
    int is_negative = grid == CK_SIGNED_SIMD && value < 0;
    if (grid == CK_SIGNED_SIMD) value = magnitude(value);
    value += grid == CK_SIGNED_NPU ? slack + (top >> 1) : slack;
    if (grid != CK_SIGNED_SIMD) value = value < 0 ? 0 : value;
    value = value > top ? top : value;
    *scaled = is_negative ? -value : value;
    int64_t below = value >> shift, rest = value & (((int64_t)1 << shift) - 1), half = (int64_t)1 << (shift - 1);
    int64_t up = rest >= above ? 1 : rest >= half ? below & 1 : 0;
    int32_t code = (int32_t)(below + up);
    if (grid != CK_SIGNED_SIMD) return code;
    int32_t top_code = (int32_t)levels;
    return is_negative ? -code : code == top_code ? code - 1 : code;
}

/// The steps of codes.
INLINE int32_t step_of(int32_t code, int32_t levels, int grid) {
    return grid == CK_SIGNED_NPU ? 2 * code - levels : code;
}

/// The steps of sums, in whole numbers of 64 bits.
INLINE void finish_exactly(
    const ck_integer_finish *f, const int32_t *sums, int64_t channel, int64_t count, int32_t *steps, int grid,
    int has_lower) {
    const int32_t *multiplier = f->multiplier + channel, *lower_multiplier = f->lower_multiplier + channel;
    const int32_t *shift = f->shift + channel;
    const int64_t *offset = f->offset + channel, *lower_offset = f->lower_offset + channel;
    const int64_t *above = f->above + channel;
    int64_t levels = f->levels;
    int32_t step_levels = (int32_t)levels;
    VECTOR for (int64_t i = 0; i < count; i++) {
        int64_t scaled;
        int32_t code = finished(
            sums[i], multiplier[i], offset[i], lower_multiplier[i], lower_offset[i], shift[i], above[i], levels, grid,
            has_lower, &scaled);
        steps[i] = step_of(code, step_levels, grid);
    }
}

/// The steps of NEAR sums in single precision, which says on which side of a half a value lies unless it is closer than
/// `doubt`. Returns whether one is.
INLINE int finish_nearly(
    const ck_integer_finish *f, const int32_t *sums, int64_t channel, int32_t *steps, int grid, int has_lower) {
    const float *scale = f->near + channel, *shift = scale + f->period;
    const float *lower_scale = shift + f->period, *lower_shift = lower_scale + f->period;
    // Rests from 0.5 to 0.501 go to the even neighbour: in doubt, too.
    float centre = 0.5005F, reach = f->doubt + 0.0005F, levels = (float)f->levels;
    float half = grid == CK_SIGNED_NPU ? 0.5F * levels : 0;
    int32_t step_levels = (int32_t)f->levels, in_doubt = 0;
    VECTOR for (int64_t i = 0; i < NEAR; i++) {
        float sum = (float)sums[i], value = sum * scale[i] + shift[i];
        if (has_lower) {
            float lower = sum * lower_scale[i] + lower_shift[i];
            value = value < 0 ? lower : value;
        }
        int is_negative = grid == CK_SIGNED_SIMD && value < 0;
        if (grid == CK_SIGNED_SIMD)
            value = is_negative ? -value : value;
        else
            value += half;
        value = value > 0 ? value : 0;
        value = value < levels ? value : levels;
        int32_t code = (int32_t)value;
        float distance = value - (float)code - centre;
        in_doubt |= (distance < 0 ? -distance : distance) <= reach;
        code += distance > 0;
        if (grid == CK_SIGNED_SIMD) code = is_negative ? -code : code == step_levels ? code - 1 : code;
        steps[i] = step_of(code, step_levels, grid);
    }
    return in_doubt;
}

/// The steps of sums, the first of which is of a channel.
INLINE void finish_chunk(
    const ck_integer_finish *f, const int32_t *sums, int64_t channel, int64_t count, int32_t *steps, int grid,
    int has_lower) {
    int64_t at = 0;
    if (f->doubt > 0)
        for (; at <= count - NEAR; at += NEAR)
            if (finish_nearly(f, sums + at, channel + at, steps + at, grid, has_lower))
                finish_exactly(f, sums + at, channel + at, NEAR, steps + at, grid, has_lower);
    finish_exactly(f, sums + at, channel + at, count - at, steps + at, grid, has_lower);
}
