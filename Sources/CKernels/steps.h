// Whole steps in bytes or in 32 bits, and what becomes of sums: parts of every loop over integers.
#pragma once

#include "epilogue.h"
#include "finishing.h"

#include <stddef.h>
#include <string.h>

/// Loops go through so many elements at a time, whose 32-bit numbers stay in the fastest cache.
enum { CHUNK = 1024 };

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
