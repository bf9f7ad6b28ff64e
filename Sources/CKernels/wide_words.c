// The loop of `words.c` with vectors of 512 bits.
#include "tapwork.h"

#include "clones.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

#define UNIT uint32_t
#define MULTIPLIED(sums, units, unit) \
    ((tile_vector)_mm512_add_epi32( \
        (__m512i)(sums), _mm512_madd_epi16((__m512i)(units), _mm512_set1_epi32((int)(unit)))))
#define FINISHED(sums) \
    (p->keeps_whole ? (tile_vector)(sums) : (tile_vector)_mm512_cvtepi32_ps((__m512i)(sums)))
#include "tiles.h"

void ck_wide_words_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_pixel_work *work = context;
    pixel_tiles(work->product, work->input, work->result, work->images, begin, end);
}

#pragma clang attribute pop

#else

// Nothing calls this where there are no such products.
void ck_wide_words_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)context, (void)part, (void)begin, (void)end;
    __builtin_trap();
}

#endif
