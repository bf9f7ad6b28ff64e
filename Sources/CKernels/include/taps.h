#pragma once

#include <stdint.h>

// Convolutions without groups as products of pixels: a tap of the window multiplies pairs of an input's and an output's
// pixel, and only pairs that exist. One tensor's channels lie in vectors, the other's are multiplied one by one.
//
// What is multiplied at once is a unit: a float; two bfloats, numbers that are rounded to 16 bits; four bytes; or two words,
// bytes that are widened to 16 bits. Sums of floats and bfloats are in single precision, those of bytes and words exact. Offsets
// count units.

/// The kinds of units. Bytes and words are codes: unsigned in the input, but for signed words, and signed in the weights. Units
/// of depthwise products are floats, and each vector of weights is multiplied with the same channels of a pixel.
enum { CK_TAP_FLOATS, CK_TAP_BFLOATS, CK_TAP_BYTES, CK_TAP_WORDS, CK_TAP_SIGNED_WORDS, CK_TAP_DEPTHWISE };

/// Numbers in a vector; the channels that lie in vectors are a multiple.
#define CK_TAP_LANES 16

enum {
    /// Pixels of a narrow tile, or scalars.
    CK_NARROW_PIXELS = 6,
    /// Pixels of a wide tile with one vector; one with two has half as many.
    CK_IMAGES_A_TILE = 16,
};

/// Pairs of pixels of a tap that follow each other: where the first one's pixels are in their images, and how many.
typedef struct {
    int32_t vector, scalar, length;
} ck_tap_run;

/// A block of a gradient of weights: `vectors` vectors of channels from `vector` on, times `count` channels from `scalar`
/// on, summed over runs `first` ..< `last`, set or added at `result`.
typedef struct {
    int32_t first, last, vector, scalar, vectors, count, result, adds;
} ck_weight_tile;

/// A gradient of weights, axes taps, scalar channels, vector channels.
typedef struct {
    const ck_tap_run *runs;
    const ck_weight_tile *tiles;
    /// Tiles before `inner` meet no other one; those behind add to them, and meet none among themselves.
    int64_t inner, count;
    /// The units of an image, and from one pair of a run to the next.
    int64_t vector_image, scalar_image, vector_step, scalar_step;
    /// From one vector of a tile to the next, in the tensor and in the result; from one scalar to the next in the result.
    int64_t vector_apart, result_apart, result_row;
    float *sums;
} ck_tap_weights;

/// Sets the sums over all images. Works on `block` images at a time, or pairs of images with `packed`, which has room for
/// the units of `packed_block` pairs.
void ck_tap_weight_gradient(
    const ck_tap_weights *product, const float *vectors, const float *scalars, int64_t batch, int64_t block,
    uint32_t *packed, int64_t packed_block);

/// A tap that adds to a pixel: where the input's pixel is in its image, and where in a window the tap's weights begin.
typedef struct {
    int32_t input, weights;
} ck_tap_source;

/// A block of a convolution: `vectors` vectors of output channels from `vector` on, for `count` pixels beside each other
/// from `result` on; or, where `count` is 0, for one pixel of all images, CK_IMAGES_A_TILE of them at a time, half as many
/// with two vectors, or CK_NARROW_PIXELS where the product is narrow. The sources are `first` ..< `last`.
typedef struct {
    int32_t first, last, vector, vectors, count, result;
} ck_pixel_tile;

/// A convolution, or the gradient of its input. Weights have axes panels, taps, input channels (units), output channels of the
/// panel; those of a depthwise one have axes panels, taps, channels. A panel is what a tile reads: two vectors of output
/// channels, or one where the product is narrow and where no second one is left. So a tile reads one run of memory.
typedef struct {
    const ck_tap_source *sources;
    const ck_pixel_tile *tiles;
    int64_t count;
    /// Numbers of a pixel of the input, of which words have fewer than their units where the last one is not full.
    int64_t in_channels;
    /// Units of a pixel, of an input's image, and from one pixel of a tile to the next.
    int64_t inner, in_image, in_step;
    /// Numbers of a pixel of the result, of its image, and from one pixel of a tile to the next.
    int64_t out_channels, out_image, out_step;
    const void *weights;
    /// Units of the weights of an output channel.
    int64_t window;
    float *result;
    /// What the units are.
    int kind;
    /// Whether its tiles have one vector for at most CK_NARROW_PIXELS pixels.
    int is_narrow;
    /// Whether sums of words stay 32-bit numbers, where the result's floats would be.
    int keeps_whole;
} ck_tap_pixels;

/// Sets the result for all images, `block` at a time in each of so many tasks, from floats, or from codes of a byte where the
/// units are codes; `packed` has room for a block of images of bfloats or words for each task, and is NULL without.
void ck_tap_product(
    const ck_tap_pixels *product, const void *input, int64_t batch, int64_t block, uint32_t *packed, int64_t tasks);

/// Brings weights from axes out, in, taps to panels of `together` vectors, axes panels, taps, inner, vectors: the vectors are
/// the input's channels where `is_backward`, else the output's. They are floats, or codes of a byte where the units are codes:
/// the output's channels are then the vectors always, and `is_backward` says that the window is turned, for its transpose is
/// what the pass computes.
void ck_tap_weights_packed(
    const void *plain, int64_t out_channels, int64_t in_channels, int64_t taps, int is_backward, int kind,
    int64_t together, void *packed);

/// Brings a gradient from axes taps, scalars, vectors to out, in, taps; `has_input_vectors` where the vectors are the
/// input's channels.
void ck_tap_weights_plain(
    const float *sums, int64_t out_channels, int64_t in_channels, int64_t taps, int has_input_vectors, float *plain);

/// A gradient of a depthwise convolution's weights, axes taps, channels. A run's vector is the input's pixel, and its scalar
/// the output's; those of a tap begin at its start and end at the next one's.
typedef struct {
    const ck_tap_run *runs;
    const int32_t *starts;
    int64_t taps, channels;
    /// Numbers of an image, and from one pixel of the input to the next of a run.
    int64_t in_image, out_image, in_step;
    float *sums;
} ck_depthwise;

/// Sets the sums over all images, `block` at a time.
void ck_depthwise_gradient(
    const ck_depthwise *product, const float *input, const float *gradient, int64_t batch, int64_t block);

/// Whether the sums of wide tiles, of two vectors for eight pixels, stay in this processor's registers: those of 512 bits.
/// Those of narrow tiles, of one vector for six, stay in registers of 256 bits.
int ck_has_wide_tiles(void);

/// Whether this processor multiplies bfloats, and this build has the loops.
int ck_has_bfloat(void);

/// Whether this processor multiplies bytes and sums four products at once, and this build has the loops.
int ck_has_bytes(void);

/// Whether this processor multiplies words and sums two products at once, and this build has the loops.
int ck_has_words(void);
