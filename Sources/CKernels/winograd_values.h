// The values of tiles at all points.
#pragma once

#include "winograd_places.h"
#include "winograd_sums.h"

/// Whether registers hold the sums of wide tiles.
enum { IS_WIDE = POINT_LANES == CK_TAP_LANES };

/// A loop whose turns together need more registers than there are.
#define ROLLED _Pragma("clang loop unroll(disable)")

/// The `size` pixels of a column, their channels from `channel` on; zero outside the image.
INLINE void read_column(const square *s, int size, int64_t channel, int64_t column, point_vector *pixels) {
    const float *first = s->image + (s->row * s->width + s->column + column) * s->channels + channel;
    int is_inside = column >= s->left && column < s->right;
    if (is_inside && s->top == 0 && s->bottom == size) {
        UNROLLED for (int y = 0; y < size; y++) pixels[y] = *(const point_vector *)(first + y * s->width * s->channels);
        return;
    }
    UNROLLED for (int y = 0; y < size; y++)
        pixels[y] = is_inside && y >= s->top && y < s->bottom
            ? *(const point_vector *)(first + y * s->width * s->channels)
            : (point_vector){0.0f};
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
            point_vector rows[CK_WINOGRAD_POINTS];
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector pixels[POINTS];
                read_column(&pixels_of, POINTS, channel, i, pixels);
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
            point_vector rows[POINTS * PIXELS_A_TILE];
            ROLLED for (int i = 0; i < PIXELS_A_TILE; i++) {
                point_vector pixels[PIXELS_A_TILE];
                read_column(&pixels_of, PIXELS_A_TILE, channel, i, pixels);
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
