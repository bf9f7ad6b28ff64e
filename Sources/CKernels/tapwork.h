#pragma once

#include "taps.h"

/// A vector of channels in single precision.
typedef float tile_vector __attribute__((vector_size(4 * CK_TAP_LANES), aligned(4)));

#define UNROLLED _Pragma("clang loop unroll(full)")

/// Some images of a gradient of weights, as loops see them.
typedef struct {
    const ck_tap_weights *product;
    const void *vectors, *scalars;
    int64_t images, first_tile;
    int is_first;
} ck_weight_work;

/// Some images of a product, as loops see them.
typedef struct {
    const ck_tap_pixels *product;
    const void *input;
    float *result;
    int64_t images;
} ck_pixel_work;

// The loops on bfloats and bytes, which `taps.c` calls where the processor has them.

void ck_bfloat_weight_part(const void *context, int part, int64_t begin, int64_t end);
void ck_bfloat_pixel_part(const void *context, int part, int64_t begin, int64_t end);

/// The loop on floats, channel by channel.
void ck_depthwise_pixel_part(const void *context, int part, int64_t begin, int64_t end);

/// The loop on bytes.
void ck_bytes_pixel_part(const void *context, int part, int64_t begin, int64_t end);

/// The loop on words, and that with vectors of 512 bits.
void ck_words_pixel_part(const void *context, int part, int64_t begin, int64_t end);
void ck_wide_words_pixel_part(const void *context, int part, int64_t begin, int64_t end);

/// Widens the codes of so many pixels to words; a pixel gets `width` of them, with zeros behind its channels.
void ck_words_widened(
    const uint8_t *codes, int64_t pixels, int64_t channels, int64_t width, int are_signed, uint16_t *words);

/// Rounds so many numbers to bfloats.
void ck_bfloat_rounded(const float *values, int64_t count, uint16_t *rounded);

/// Rounds so many numbers of two images to pairs; the second one is zero where it is NULL.
void ck_bfloat_paired(const float *first, const float *second, int64_t count, uint32_t *pairs);
