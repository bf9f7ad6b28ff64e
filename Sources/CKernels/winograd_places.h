// Where the tiles of Winograd's sums lie.
#pragma once

#include "clones.h"
#include "tapwork.h"
#include "winograd.h"

enum { POINTS = 6, PIXELS_A_TILE = 4, TAPS = 3 };

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
