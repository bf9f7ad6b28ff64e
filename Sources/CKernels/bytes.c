// The loop of `taps.c` on bytes: four products at once, summed exactly.
#include "tapwork.h"

#include "clones.h"

#if defined(__x86_64__)

#include <immintrin.h>

int ck_has_bytes(void) {
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

#define UNIT uint32_t
#define MULTIPLIED(sums, units, unit) \
    ((tile_vector)_mm512_dpbusd_epi32((__m512i)(sums), _mm512_set1_epi32((int)(unit)), (__m512i)(units)))
#define FINISHED(sums) ((tile_vector)_mm512_cvtepi32_ps((__m512i)(sums)))
#include "tiles.h"

void ck_bytes_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_pixel_work *work = context;
    pixel_tiles(work->product, work->input, work->result, work->images, begin, end);
}

#pragma clang attribute pop

#else

int ck_has_bytes(void) { return 0; }

// Nothing calls this where there are no such products.
void ck_bytes_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)context, (void)part, (void)begin, (void)end;
    __builtin_trap();
}

#endif
