// Winograd's sums along one axis, at the points 0, 1, -1, 2, -2 and infinity. `from` and `to` have an element every so many
// vectors. A gradient goes through the transposed sums.
#pragma once

#include "clones.h"
#include "tapwork.h"
#include "winograd.h"

// As in oneDNN's products, which these stand in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

enum { POINTS = 6, PIXELS_A_TILE = 4, TAPS = 3 };

/// Six pixels of the input to points.
INLINE void input_points(const tile_vector *from, tile_vector *to, int step) {
    tile_vector a = from[0], b = from[step], c = from[2 * step], d = from[3 * step], e = from[4 * step], f = from[5 * step];
    tile_vector even = e - 4.0f * c, odd = d - 4.0f * b, far_even = e - c, far_odd = 2.0f * (d - b);
    to[0] = 4.0f * a - 5.0f * c + e;
    to[step] = even + odd;
    to[2 * step] = even - odd;
    to[3 * step] = far_even + far_odd;
    to[4 * step] = far_even - far_odd;
    to[5 * step] = 4.0f * b - 5.0f * d + f;
}

/// Points to four pixels of the result.
INLINE void result_pixels(const tile_vector *from, int step, tile_vector *to, int to_step) {
    tile_vector near = from[step] + from[2 * step], near_odd = from[step] - from[2 * step];
    tile_vector far = from[3 * step] + from[4 * step], far_odd = from[3 * step] - from[4 * step];
    to[0] = from[0] + near + far;
    to[to_step] = near_odd + 2.0f * far_odd;
    to[2 * to_step] = near + 4.0f * far;
    to[3 * to_step] = near_odd + 8.0f * far_odd + from[5 * step];
}

/// Four pixels of the result's gradient to points.
INLINE void gradient_points(const tile_vector *from, int step, tile_vector *to, int to_step) {
    tile_vector a = from[0], b = from[step], c = from[2 * step], d = from[3 * step];
    tile_vector near = a + c, near_odd = b + d, far = a + 4.0f * c, far_odd = 2.0f * b + 8.0f * d;
    to[0] = a;
    to[to_step] = near + near_odd;
    to[2 * to_step] = near - near_odd;
    to[3 * to_step] = far + far_odd;
    to[4 * to_step] = far - far_odd;
    to[5 * to_step] = d;
}

/// Three weights to points.
INLINE void weight_points(const tile_vector *from, int step, tile_vector *to, int to_step) {
    tile_vector a = from[0], b = from[step], c = from[2 * step];
    tile_vector near = (a + c) * (-1.0f / 6), near_odd = b * (-1.0f / 6);
    tile_vector far = a * (1.0f / 24) + c * (1.0f / 6), far_odd = b * (1.0f / 12);
    to[0] = a * 0.25f;
    to[to_step] = near + near_odd;
    to[2 * to_step] = near - near_odd;
    to[3 * to_step] = far + far_odd;
    to[4 * to_step] = far - far_odd;
    to[5 * to_step] = c;
}

/// Points to the gradients of three weights.
INLINE void weight_gradients(const tile_vector *from, int step, tile_vector *to, int to_step) {
    tile_vector near = from[step] + from[2 * step], near_odd = from[step] - from[2 * step];
    tile_vector far = from[3 * step] + from[4 * step], far_odd = from[3 * step] - from[4 * step];
    to[0] = 0.25f * from[0] - near * (1.0f / 6) + far * (1.0f / 24);
    to[to_step] = far_odd * (1.0f / 12) - near_odd * (1.0f / 6);
    to[2 * to_step] = (far - near) * (1.0f / 6) + from[5 * step];
}

/// Where a tile lies: its image, and the first pixel of its result.
typedef struct {
    int64_t image, row, column;
} tile_place;

INLINE int64_t tiles_along(int64_t pixels) { return (pixels + PIXELS_A_TILE - 1) / PIXELS_A_TILE; }

INLINE tile_place place_of(const ck_winograd *p, int64_t tile) {
    int64_t across = tiles_along(p->out_width), down = tiles_along(p->out_height);
    return (tile_place){
        tile / (across * down), tile / across % down * PIXELS_A_TILE, tile % across * PIXELS_A_TILE};
}

/// The place of the next tile.
INLINE tile_place place_behind(const ck_winograd *p, tile_place place) {
    place.column += PIXELS_A_TILE;
    if (place.column < p->out_width) return place;
    place.column = 0;
    place.row += PIXELS_A_TILE;
    if (place.row < p->out_height) return place;
    return (tile_place){place.image + 1, 0, 0};
}

/// A square of `size` x `size` pixels of a tensor with so many channels, from `row` and `column` on, where it meets the image.
typedef struct {
    const float *image;
    int64_t row, column, size, width, channels;
    /// The part in the image, from the square's corner on.
    int64_t top, bottom, left, right;
} square;

INLINE square square_at(
    const float *tensor, int64_t image, int64_t height, int64_t width, int64_t channels, int64_t row, int64_t column,
    int64_t size) {
    return (square){
        tensor + image * height * width * channels, row, column, size, width, channels, row < 0 ? -row : 0,
        row + size > height ? height - row : size, column < 0 ? -column : 0,
        column + size > width ? width - column : size};
}

/// Brings the pixels near before they are read: those of a tile lie too far apart for a processor to foresee them.
INLINE void fetch(const square *s) {
    for (int64_t y = s->top; y < s->bottom; y++) {
        const float *row = s->image + ((s->row + y) * s->width + s->column) * s->channels;
        for (int64_t i = s->left * s->channels; i < s->right * s->channels; i += CK_TAP_LANES) __builtin_prefetch(row + i);
    }
}

/// The pixels' channels from `channel` on, row by row; zero outside the image.
INLINE void read_pixels(const square *s, int size, int64_t channel, tile_vector *pixels) {
    const float *corner = s->image + (s->row * s->width + s->column) * s->channels + channel;
    if (s->top == 0 && s->left == 0 && s->bottom == size && s->right == size) {
        UNROLLED for (int i = 0; i < size * size; i++)
            pixels[i] = *(const tile_vector *)(corner + (i / size * s->width + i % size) * s->channels);
        return;
    }
    UNROLLED for (int i = 0; i < size * size; i++) pixels[i] = (tile_vector){0.0f};
    for (int64_t y = s->top; y < s->bottom; y++)
        for (int64_t x = s->left; x < s->right; x++)
            pixels[y * size + x] = *(const tile_vector *)(corner + (y * s->width + x) * s->channels);
}

/// The values of some tiles of the input at all points, from `values` on: axes points, tiles, channels, `apart` from one point to
/// the next.
INLINE void input_values(
    const ck_winograd *p, const float *input, int64_t begin, int64_t end, float *values, int64_t apart) {
    tile_place place = place_of(p, begin);
    for (int64_t tile = begin; tile < end; tile++) {
        square pixels_of = square_at(
            input, place.image, p->in_height, p->in_width, p->in_channels, place.row - p->pad_top,
            place.column - p->pad_left, POINTS);
        place = place_behind(p, place);
        if (tile + 1 < end) {
            square next = square_at(
                input, place.image, p->in_height, p->in_width, p->in_channels, place.row - p->pad_top,
                place.column - p->pad_left, POINTS);
            fetch(&next);
        }
        for (int64_t channel = 0; channel < p->in_channels; channel += CK_TAP_LANES) {
            tile_vector pixels[CK_WINOGRAD_POINTS], rows[CK_WINOGRAD_POINTS];
            read_pixels(&pixels_of, POINTS, channel, pixels);
            UNROLLED for (int i = 0; i < POINTS; i++) input_points(pixels + i, rows + i, POINTS);
            UNROLLED for (int i = 0; i < POINTS; i++) input_points(rows + POINTS * i, pixels + POINTS * i, 1);
            float *to = values + (tile - begin) * p->in_channels + channel;
            UNROLLED for (int i = 0; i < CK_WINOGRAD_POINTS; i++) *(tile_vector *)(to + i * apart) = pixels[i];
        }
    }
}
