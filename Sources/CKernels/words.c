// The loop of `taps.c` on words: two products at once, summed exactly, with vectors of 256 bits.
#include "tapwork.h"

#include "clones.h"

CLONES void ck_words_widened(
    const uint8_t *codes, int64_t pixels, int64_t channels, int64_t width, int are_signed, uint16_t *words) {
    if (channels < width) {
        for (int64_t pixel = 0; pixel < pixels; pixel++, codes += channels, words += width)
            for (int64_t i = 0; i < width; i++)
                words[i] = i >= channels ? 0 : are_signed ? (uint16_t)(int8_t)codes[i] : codes[i];
        return;
    }
    int64_t count = pixels * channels;
    if (are_signed)
        VECTOR for (int64_t i = 0; i < count; i++) words[i] = (uint16_t)(int8_t)codes[i];
    else
        VECTOR for (int64_t i = 0; i < count; i++) words[i] = codes[i];
}

#if defined(__x86_64__)

#include <immintrin.h>

int ck_has_words(void) { return __builtin_cpu_supports("avx2"); }

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

typedef int32_t word_sums __attribute__((vector_size(4 * CK_TAP_LANES), aligned(4)));
typedef int32_t half_sums __attribute__((vector_size(2 * CK_TAP_LANES)));

/// The products of half a vector of units and a factor.
#define HALF_PRODUCTS(units, factor, ...) \
    ((half_sums)_mm256_madd_epi16((__m256i)__builtin_shufflevector(units, units, __VA_ARGS__), factor))

#define UNIT uint32_t
#define MULTIPLIED(sums, units, unit) \
    __extension__({ \
        word_sums all = (word_sums)(units); \
        __m256i factor = _mm256_set1_epi32((int)(unit)); \
        half_sums low = HALF_PRODUCTS(all, factor, 0, 1, 2, 3, 4, 5, 6, 7); \
        half_sums high = HALF_PRODUCTS(all, factor, 8, 9, 10, 11, 12, 13, 14, 15); \
        word_sums added = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); \
        (tile_vector)((word_sums)(sums) + added); \
    })
#define FINISHED(sums) \
    (p->keeps_whole ? (tile_vector)(sums) : __builtin_convertvector((word_sums)(sums), tile_vector))
#include "tiles.h"

void ck_words_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_pixel_work *work = context;
    pixel_tiles(work->product, work->input, work->result, work->images, begin, end);
}

#pragma clang attribute pop

#else

int ck_has_words(void) { return 0; }

// Nothing calls this where there are no such products.
void ck_words_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)context, (void)part, (void)begin, (void)end;
    __builtin_trap();
}

#endif
