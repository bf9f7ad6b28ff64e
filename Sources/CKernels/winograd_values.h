// The values of tiles at all points.
#pragma once

#include "winograd_places.h"
#include "winograd_sums.h"

/// Whether registers hold the sums of wide tiles.
enum { IS_WIDE = POINT_LANES == CK_TAP_LANES };

/// A loop whose turns together need more registers than there are.
#define ROLLED _Pragma("clang loop unroll(disable)")

/// The channels of a square's pixels that lie in a vector, from one row to the next and from one column to the next.
typedef struct {
    const float *first;
    int64_t row, column;
} pixel_vectors;

/// The pixels' channels from `channel` on: where they lie, or copied to `room` with zeros outside the image.
INLINE pixel_vectors pixels_from(const square *s, int size, int64_t channel, point_vector *room) {
    const float *corner = s->image + (s->row * s->width + s->column) * s->channels + channel;
    if (s->top == 0 && s->left == 0 && s->bottom == size && s->right == size)
        return (pixel_vectors){corner, s->width * s->channels, s->channels};
    ROLLED for (int i = 0; i < size * size; i++) room[i] = (point_vector){0.0f};
    for (int64_t y = s->top; y < s->bottom; y++)
        for (int64_t x = s->left; x < s->right; x++)
            room[y * size + x] = *(const point_vector *)(corner + (y * s->width + x) * s->channels);
    return (pixel_vectors){(const float *)room, size * POINT_LANES, POINT_LANES};
}

/// The `size` pixels of a column.
INLINE void read_column(const pixel_vectors *vectors, int size, int64_t column, point_vector *pixels) {
    const float *first = vectors->first + column * vectors->column;
    UNROLLED for (int y = 0; y < size; y++) pixels[y] = *(const point_vector *)(first + y * vectors->row);
}

/// Writes the values at the points of a row, `apart` from one point to the next.
INLINE void write_points(const point_vector *points, int row, float *values, int64_t apart) {
    UNROLLED for (int i = 0; i < POINTS; i++) *(point_vector *)(values + (POINTS * row + i) * apart) = points[i];
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
        for (int64_t channel = 0; channel < p->in_channels; channel += POINT_LANES) {
            point_vector room[CK_WINOGRAD_POINTS], rows[CK_WINOGRAD_POINTS];
            pixel_vectors vectors = pixels_from(&pixels_of, POINTS, channel, room);
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector pixels[POINTS];
                read_column(&vectors, POINTS, i, pixels);
                input_points(pixels, 1, rows + i, POINTS);
            }
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector points[POINTS];
                input_points(rows + POINTS * i, 1, points, 1);
                write_points(points, i, values + (tile - begin) * p->in_channels + channel, apart);
            }
        }
    }
}

/// The values of some tiles of the result's gradient at all points, for output channels `first` ..< `last`.
INLINE void gradient_values(
    const ck_winograd *p, const float *gradient, int64_t begin, int64_t end, int64_t first, int64_t last, float *values,
    int64_t apart) {
    tile_place place = place_of(p, begin);
    for (int64_t tile = begin; tile < end; tile++) {
        square pixels_of = square_at(
            gradient, place.image, p->out_height, p->out_width, p->out_channels, place.row, place.column, PIXELS_A_TILE);
        place = place_behind(p, place);
        if (tile + 1 < end) {
            square next = square_at(
                gradient, place.image, p->out_height, p->out_width, p->out_channels, place.row, place.column,
                PIXELS_A_TILE);
            fetch(&next);
        }
        for (int64_t channel = first; channel < last; channel += POINT_LANES) {
            point_vector room[PIXELS_A_TILE * PIXELS_A_TILE], rows[POINTS * PIXELS_A_TILE];
            pixel_vectors vectors = pixels_from(&pixels_of, PIXELS_A_TILE, channel, room);
            ROLLED for (int i = 0; i < PIXELS_A_TILE; i++) {
                point_vector pixels[PIXELS_A_TILE];
                read_column(&vectors, PIXELS_A_TILE, i, pixels);
                gradient_points(pixels, 1, rows + i, PIXELS_A_TILE);
            }
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector points[POINTS];
                gradient_points(rows + PIXELS_A_TILE * i, 1, points, 1);
                write_points(points, i, values + (tile - begin) * (last - first) + channel - first, apart);
            }
        }
    }
}
