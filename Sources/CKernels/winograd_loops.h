// The loops of a product by Winograd's sums, with POINT_LANES numbers in a vector of a tile's sums.
#pragma once

#include "winograd_values.h"
#include "winograd_work.h"

/// By input channel.
CLONES static void window_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const winograd_window *w = context;
    int64_t ins = w->product->in_channels, outs = w->product->out_channels, apart = ck_winograd_matrix(ins * outs);
    // From one input channel to the next, and from one output channel to the next, in the order of files.
    int64_t by_input = TAPS * TAPS * (w->is_backward ? outs : 1), by_output = TAPS * TAPS * (w->is_backward ? 1 : ins);
    for (int64_t input = begin; input < end; input++)
        for (int64_t output = 0; output < outs; output += POINT_LANES) {
            const float *from = w->plain + input * by_input + output * by_output;
            point_vector weights[TAPS * TAPS], rows[POINTS * TAPS];
            for (int tap = 0; tap < TAPS * TAPS; tap++) {
                int place = w->is_backward ? TAPS * TAPS - 1 - tap : tap;
                for (int lane = 0; lane < POINT_LANES; lane++) weights[tap][lane] = from[lane * by_output + place];
            }
            ROLLED for (int i = 0; i < TAPS; i++) weight_points(weights + i, TAPS, rows + i, TAPS);
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector values[POINTS];
                weight_points(rows + TAPS * i, 1, values, 1);
                write_points(values, i, w->values + input * outs + output, apart);
            }
        }
}

/// The product of one point for `count` tiles and `wide` vectors of output channels; sums stay in registers.
INLINE void point_product(
    const float *input, int64_t ins, const float *weights, int64_t outs, float *result, int wide, int count) {
    tile_vector sums[16][2];
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++) sums[i][v] = (tile_vector){0.0f};
    for (int64_t channel = 0; channel < ins; channel++) {
        tile_vector factors[2];
        UNROLLED for (int v = 0; v < wide; v++) factors[v] = *(const tile_vector *)(weights + v * CK_TAP_LANES);
        UNROLLED for (int i = 0; i < count; i++)
            UNROLLED for (int v = 0; v < wide; v++) sums[i][v] = sums[i][v] + factors[v] * input[i * ins + channel];
        weights += outs;
    }
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++)
            *(tile_vector *)(result + i * outs + v * CK_TAP_LANES) = sums[i][v];
}

/// Products of one point from `tile` on, as long as there are `count` more tiles.
#define PRODUCTS(wide, count) \
    for (; tile + (count) <= tiles; tile += (count)) \
        point_product(input + tile * ins, ins, weights + output, outs, result + tile * outs + output, wide, count);

/// The products of all points for so many tiles.
INLINE void point_products(
    const ck_winograd *p, const float *inputs, int64_t in_apart, const float *values, float *results, int64_t out_apart,
    int64_t tiles) {
    int64_t ins = p->in_channels, outs = p->out_channels, apart = ck_winograd_matrix(ins * outs);
    for (int point = 0; point < CK_WINOGRAD_POINTS; point++) {
        const float *input = inputs + point * in_apart, *weights = values + point * apart;
        float *result = results + point * out_apart;
        int64_t output = 0;
        for (; IS_WIDE && output + 2 * CK_TAP_LANES <= outs; output += 2 * CK_TAP_LANES) {
            int64_t tile = 0;
            PRODUCTS(2, 8)
            PRODUCTS(2, 1)
        }
        for (; output < outs; output += CK_TAP_LANES) {
            int64_t tile = 0;
            if (IS_WIDE) PRODUCTS(1, 16)
            PRODUCTS(1, CK_NARROW_PIXELS)
            PRODUCTS(1, 4)
            PRODUCTS(1, 1)
        }
    }
}

/// Some tiles of the result from their values at all points.
INLINE void result_tiles(
    const ck_winograd *p, const float *values, int64_t apart, int64_t begin, int64_t end, float *result) {
    int64_t channels = p->out_channels, width = p->out_width;
    tile_place place = place_of(p, begin);
    for (int64_t tile = begin; tile < end; tile++, place = place_behind(p, place)) {
        // The part in the image.
        int64_t bottom = p->out_height - place.row < PIXELS_A_TILE ? p->out_height - place.row : PIXELS_A_TILE;
        int64_t right = width - place.column < PIXELS_A_TILE ? width - place.column : PIXELS_A_TILE;
        float *first = result + ((place.image * p->out_height + place.row) * width + place.column) * channels;
        for (int64_t channel = 0; channel < channels; channel += POINT_LANES) {
            point_vector rows[PIXELS_A_TILE * POINTS];
            const float *from = values + (tile - begin) * channels + channel;
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector points[POINTS];
                UNROLLED for (int j = 0; j < POINTS; j++)
                    points[j] = *(const point_vector *)(from + (POINTS * j + i) * apart);
                result_pixels(points, 1, rows + i, POINTS);
            }
            ROLLED for (int64_t y = 0; y < bottom; y++) {
                point_vector pixels[PIXELS_A_TILE];
                result_pixels(rows + POINTS * y, 1, pixels, 1);
                float *to = first + y * width * channels + channel;
                UNROLLED for (int x = 0; x < PIXELS_A_TILE; x++)
                    if (x < right) *(point_vector *)(to + x * channels) = pixels[x];
            }
        }
    }
}

/// By task.
CLONES static void product_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const winograd_tiles *w = context;
    const ck_winograd *p = w->product;
    int64_t in_apart = ck_winograd_matrix(CK_WINOGRAD_TILES * p->in_channels);
    int64_t out_apart = ck_winograd_matrix(CK_WINOGRAD_TILES * p->out_channels);
    for (int64_t task = begin; task < end; task++) {
        float *inputs = w->room + task * ck_winograd_room(p->in_channels, p->out_channels);
        float *results = inputs + CK_WINOGRAD_POINTS * in_apart;
        int64_t last = w->tiles * (task + 1) / w->tasks;
        for (int64_t tile = w->tiles * task / w->tasks; tile < last; tile += CK_WINOGRAD_TILES) {
            int64_t tiles = last - tile < CK_WINOGRAD_TILES ? last - tile : CK_WINOGRAD_TILES;
            input_values(p, w->input, tile, tile + tiles, inputs, in_apart);
            point_products(p, inputs, in_apart, w->values, results, out_apart, tiles);
            result_tiles(p, results, out_apart, tile, tile + tiles, w->result);
        }
    }
}
