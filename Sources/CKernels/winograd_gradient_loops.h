// The loops of the gradient of the weights: Winograd's sums, transposed, with POINT_LANES numbers in a vector of a tile's sums.
#pragma once

#include "winograd_values.h"
#include "winograd_work.h"

/// The first output channel of a part.
INLINE int64_t part_begin(int64_t channels, int64_t part, int64_t parts) {
    return channels / CK_TAP_LANES * part / parts * CK_TAP_LANES;
}

/// A block of one point's sums, `count` input channels times `wide` vectors of output channels, over so many tiles.
INLINE void point_sums(
    const float *input, int64_t ins, const float *gradient, int64_t outs, float *result, int64_t row, int64_t tiles,
    int is_first, int wide, int count) {
    tile_vector sums[16][2];
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++)
            sums[i][v] = is_first ? (tile_vector){0.0f} : *(const tile_vector *)(result + i * row + v * CK_TAP_LANES);
    for (int64_t tile = 0; tile < tiles; tile++) {
        tile_vector factors[2];
        UNROLLED for (int v = 0; v < wide; v++) factors[v] = *(const tile_vector *)(gradient + v * CK_TAP_LANES);
        UNROLLED for (int i = 0; i < count; i++)
            UNROLLED for (int v = 0; v < wide; v++) sums[i][v] = sums[i][v] + factors[v] * input[i];
        input += ins;
        gradient += outs;
    }
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++) *(tile_vector *)(result + i * row + v * CK_TAP_LANES) = sums[i][v];
}

/// Points to the gradients of the taps, which take the first points' places.
INLINE void taps_of(const ck_winograd *p, float *sums, int64_t apart, int64_t first, int64_t last) {
    for (int64_t input = 0; input < p->in_channels; input++)
        for (int64_t output = first; output < last; output += POINT_LANES) {
            float *at = sums + input * p->out_channels + output;
            point_vector rows[TAPS * POINTS];
            ROLLED for (int i = 0; i < POINTS; i++) {
                point_vector points[POINTS];
                UNROLLED for (int j = 0; j < POINTS; j++)
                    points[j] = *(const point_vector *)(at + (POINTS * j + i) * apart);
                weight_gradients(points, 1, rows + i, POINTS);
            }
            ROLLED for (int i = 0; i < TAPS; i++) {
                point_vector taps[TAPS];
                weight_gradients(rows + POINTS * i, 1, taps, 1);
                UNROLLED for (int j = 0; j < TAPS; j++) *(point_vector *)(at + (TAPS * i + j) * apart) = taps[j];
            }
        }
}

/// Blocks of one point's sums from `channel` on, as long as there are `count` more input channels.
#define SUMS(wide_vectors, count) \
    for (; channel + (count) <= ins; channel += (count)) \
        point_sums( \
            input + channel, ins, gradient + output, wide, result + channel * outs + output, outs, tiles, \
            tile == start, wide_vectors, count);

/// By part of a slice.
CLONES static void gradient_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const winograd_gradient *w = context;
    const ck_winograd *p = w->product;
    int64_t ins = p->in_channels, outs = p->out_channels, apart = ck_winograd_matrix(ins * outs);
    int64_t in_apart = ck_winograd_matrix(CK_WINOGRAD_TILES * ins);
    int64_t room = ck_winograd_room(ins, ck_winograd_widest(outs, w->parts));
    for (int64_t task = begin; task < end; task++) {
        int64_t slice = task / w->parts, first = part_begin(outs, task % w->parts, w->parts);
        int64_t last = part_begin(outs, task % w->parts + 1, w->parts), wide = last - first;
        int64_t out_apart = ck_winograd_matrix(CK_WINOGRAD_TILES * wide);
        float *inputs = w->room + task * room, *gradients = inputs + CK_WINOGRAD_POINTS * in_apart;
        float *sums = w->sums + slice * CK_WINOGRAD_POINTS * apart;
        int64_t start = w->tiles * slice / w->slices, stop = w->tiles * (slice + 1) / w->slices;
        for (int64_t tile = start; tile < stop; tile += CK_WINOGRAD_TILES) {
            int64_t tiles = stop - tile < CK_WINOGRAD_TILES ? stop - tile : CK_WINOGRAD_TILES;
            input_values(p, w->input, tile, tile + tiles, inputs, in_apart);
            gradient_values(p, w->gradient, tile, tile + tiles, first, last, gradients, out_apart);
            for (int point = 0; point < CK_WINOGRAD_POINTS; point++) {
                const float *input = inputs + point * in_apart, *gradient = gradients + point * out_apart;
                float *result = sums + point * apart + first;
                int64_t output = 0;
                for (; IS_WIDE && output + 2 * CK_TAP_LANES <= wide; output += 2 * CK_TAP_LANES) {
                    int64_t channel = 0;
                    SUMS(2, 8)
                }
                for (; output < wide; output += CK_TAP_LANES) {
                    int64_t channel = 0;
                    if (IS_WIDE) SUMS(1, 16)
                    SUMS(1, CK_NARROW_PIXELS)
                    SUMS(1, 2)
                }
            }
        }
        taps_of(p, sums, apart, first, last);
    }
}
