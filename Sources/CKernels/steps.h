// Whole steps in bytes or in 32 bits, and what becomes of sums: parts of every loop over integers.
#pragma once

#include "clones.h"
#include "epilogue.h"
#include "integer.h"

#include <stddef.h>
#include <string.h>

/// Loops go through so many elements at a time, whose 32-bit numbers stay in the fastest cache.
enum { CHUNK = 1024 };

INLINE int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

INLINE int64_t smaller(int64_t first, int64_t second) { return first < second ? first : second; }

INLINE void read_steps(const ck_steps *steps, int64_t begin, int64_t count, int32_t *numbers) {
    if (!steps->stride) {
        memcpy(numbers, (const int32_t *)steps->numbers + begin, sizeof(int32_t) * (size_t)count);
        return;
    }
    const uint8_t *bytes = (const uint8_t *)steps->numbers + begin;
    int32_t stride = steps->stride, zero = steps->zero;
    VECTOR for (int64_t i = 0; i < count; i++) numbers[i] = stride * bytes[i] + zero;
}

INLINE void write_steps(const ck_steps *steps, int64_t begin, int64_t count, const int32_t *numbers) {
    if (!steps->stride) {
        memcpy((int32_t *)steps->numbers + begin, numbers, sizeof(int32_t) * (size_t)count);
        return;
    }
    uint8_t *bytes = (uint8_t *)steps->numbers + begin;
    int32_t zero = steps->zero;
    // Steps of codes lie 1 or 2 apart.
    if (steps->stride == 1)
        VECTOR for (int64_t i = 0; i < count; i++) bytes[i] = (uint8_t)(numbers[i] - zero);
    else if (steps->stride == 2)
        VECTOR for (int64_t i = 0; i < count; i++) bytes[i] = (uint8_t)((numbers[i] - zero) >> 1);
    else
        for (int64_t i = 0; i < count; i++) bytes[i] = (uint8_t)((numbers[i] - zero) / steps->stride);
}

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

INLINE void finish_chunk(
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

/// Ends from at most CHUNK sums of one period. `peak` is raised to their largest magnitude.
INLINE void end_chunk(const ck_integer_end *end, const int32_t *sums, int64_t begin, int64_t count, int64_t *peak) {
    int32_t least = 0, most = 0;
    VECTOR for (int64_t i = 0; i < count; i++) {
        least = sums[i] < least ? sums[i] : least;
        most = sums[i] > most ? sums[i] : most;
    }
    int64_t largest = -(int64_t)least > most ? -(int64_t)least : most;
    *peak = largest > *peak ? largest : *peak;
    if (end->sums && end->sums + begin != sums) memcpy(end->sums + begin, sums, sizeof(int32_t) * (size_t)count);
    int64_t channel = begin % end->period;
    const ck_integer_finish *f = end->finish;
    if (!f) {
        const double *scale = end->scale + channel, *shift = end->shift + channel;
        if (!end->values) return;
        float *values = end->values + begin;
        VECTOR for (int64_t i = 0; i < count; i++) values[i] = (float)((double)sums[i] * scale[i] + shift[i]);
        return;
    }
    int32_t steps[CHUNK];
    switch (f->grid) {
    case CK_UNSIGNED:
        if (f->has_lower)
            finish_chunk(f, sums, channel, count, steps, CK_UNSIGNED, 1);
        else
            finish_chunk(f, sums, channel, count, steps, CK_UNSIGNED, 0);
        break;
    case CK_SIGNED_NPU:
        if (f->has_lower)
            finish_chunk(f, sums, channel, count, steps, CK_SIGNED_NPU, 1);
        else
            finish_chunk(f, sums, channel, count, steps, CK_SIGNED_NPU, 0);
        break;
    default:
        if (f->has_lower)
            finish_chunk(f, sums, channel, count, steps, CK_SIGNED_SIMD, 1);
        else
            finish_chunk(f, sums, channel, count, steps, CK_SIGNED_SIMD, 0);
    }
    write_steps(&end->codes, begin, count, steps);
}

/// How many elements from `at` on make the next chunk: none crosses a period.
INLINE int64_t chunk_at(const ck_integer_end *end, int64_t at, int64_t stop) {
    return smaller(smaller(CHUNK, end->period - at % end->period), stop - at);
}
