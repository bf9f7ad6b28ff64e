// The loops of `taps.c` on bfloats: pairs of 16-bit numbers, multiplied and summed in single precision.
#include "tapwork.h"

#include "clones.h"

#if defined(__x86_64__)

#include <immintrin.h>

int ck_has_bfloat(void) {
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)

#define UNIT uint32_t
#define MULTIPLIED(sums, units, unit) \
    ((tile_vector)_mm512_dpbf16_ps((__m512)(sums), (__m512bh)(units), (__m512bh)_mm512_set1_epi32((int)(unit))))
#define FINISHED(sums) (sums)
#include "tiles.h"

void ck_bfloat_weight_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_weight_work *work = context;
    weight_tiles(
        work->product, work->vectors, work->scalars, work->images, work->is_first, work->first_tile + begin,
        work->first_tile + end);
}

void ck_bfloat_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_pixel_work *work = context;
    pixel_tiles(work->product, work->input, work->result, work->images, begin, end);
}

INLINE __mmask16 lanes(int64_t count) { return count >= 16 ? 0xffff : (__mmask16)((1u << count) - 1); }

INLINE __m256i rounded(const float *values, __mmask16 mask) {
    return (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, values));
}

void ck_bfloat_rounded(const float *values, int64_t count, uint16_t *result) {
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 mask = lanes(count - i);
        _mm256_mask_storeu_epi16(result + i, mask, rounded(values + i, mask));
    }
}

void ck_bfloat_paired(const float *first, const float *second, int64_t count, uint32_t *pairs) {
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 mask = lanes(count - i);
        __m512i low = _mm512_cvtepu16_epi32(rounded(first + i, mask));
        __m512i high = second ? _mm512_cvtepu16_epi32(rounded(second + i, mask)) : _mm512_setzero_si512();
        _mm512_mask_storeu_epi32(pairs + i, mask, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
}

#pragma clang attribute pop

#else

int ck_has_bfloat(void) { return 0; }

// Nothing calls these where there are no bfloats.

void ck_bfloat_weight_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)context, (void)part, (void)begin, (void)end;
    __builtin_trap();
}

void ck_bfloat_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)context, (void)part, (void)begin, (void)end;
    __builtin_trap();
}

void ck_bfloat_rounded(const float *values, int64_t count, uint16_t *rounded) {
    (void)values, (void)count, (void)rounded;
    __builtin_trap();
}

void ck_bfloat_paired(const float *first, const float *second, int64_t count, uint32_t *pairs) {
    (void)first, (void)second, (void)count, (void)pairs;
    __builtin_trap();
}

#endif
