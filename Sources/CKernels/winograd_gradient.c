// The gradient of the weights: Winograd's sums, transposed.
#include "winograd.h"

#include "winograd_points.h"
#include "pool.h"

/// The first output channel of a part.
INLINE int64_t part_begin(int64_t channels, int64_t part, int64_t parts) {
    return channels / CK_TAP_LANES * part / parts * CK_TAP_LANES;
}

int64_t ck_winograd_widest(int64_t out_channels, int64_t parts) {
    return (out_channels / CK_TAP_LANES + parts - 1) / parts * CK_TAP_LANES;
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
        for (int64_t channel = first; channel < last; channel += CK_TAP_LANES) {
            tile_vector pixels[PIXELS_A_TILE * PIXELS_A_TILE], rows[POINTS * PIXELS_A_TILE], points[CK_WINOGRAD_POINTS];
            read_pixels(&pixels_of, PIXELS_A_TILE, channel, pixels);
            UNROLLED for (int i = 0; i < PIXELS_A_TILE; i++)
                gradient_points(pixels + i, PIXELS_A_TILE, rows + i, PIXELS_A_TILE);
            UNROLLED for (int i = 0; i < POINTS; i++)
                gradient_points(rows + PIXELS_A_TILE * i, 1, points + POINTS * i, 1);
            float *to = values + (tile - begin) * (last - first) + channel - first;
            UNROLLED for (int i = 0; i < CK_WINOGRAD_POINTS; i++) *(tile_vector *)(to + i * apart) = points[i];
        }
    }
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

typedef struct {
    const ck_winograd *product;
    const float *input, *gradient;
    int64_t slices, parts, tiles;
    float *sums, *room, *plain;
} gradient_work;

/// Points to the gradients of the taps, which take the first points' places.
INLINE void taps_of(const ck_winograd *p, float *sums, int64_t apart, int64_t first, int64_t last) {
    for (int64_t input = 0; input < p->in_channels; input++)
        for (int64_t output = first; output < last; output += CK_TAP_LANES) {
            float *at = sums + input * p->out_channels + output;
            tile_vector points[CK_WINOGRAD_POINTS], rows[TAPS * POINTS], taps[TAPS * TAPS];
            UNROLLED for (int i = 0; i < CK_WINOGRAD_POINTS; i++) points[i] = *(const tile_vector *)(at + i * apart);
            UNROLLED for (int i = 0; i < POINTS; i++) weight_gradients(points + i, POINTS, rows + i, POINTS);
            UNROLLED for (int i = 0; i < TAPS; i++) weight_gradients(rows + POINTS * i, 1, taps + TAPS * i, 1);
            UNROLLED for (int i = 0; i < TAPS * TAPS; i++) *(tile_vector *)(at + i * apart) = taps[i];
        }
}

/// Blocks of one point's sums from `channel` on, as long as there are `count` more input channels.
#define SUMS(wide_vectors, count) \
    for (; channel + (count) <= ins; channel += (count)) \
        point_sums( \
            input + channel, ins, gradient + output, wide, result + channel * outs + output, outs, tiles, \
            tile == start, wide_vectors, count);

/// Parts of slices.
CLONES static void slice_task(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const gradient_work *w = context;
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
                for (; !p->is_narrow && output + 2 * CK_TAP_LANES <= wide; output += 2 * CK_TAP_LANES) {
                    int64_t channel = 0;
                    SUMS(2, 8)
                }
                for (; output < wide; output += CK_TAP_LANES) {
                    int64_t channel = 0;
                    if (!p->is_narrow) SUMS(1, 16)
                    SUMS(1, CK_NARROW_PIXELS)
                    SUMS(1, 2)
                }
            }
        }
        taps_of(p, sums, apart, first, last);
    }
}

/// The slices' sums, by input channel, in the order of files.
CLONES static void plain_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const gradient_work *w = context;
    int64_t ins = w->product->in_channels, outs = w->product->out_channels, apart = ck_winograd_matrix(ins * outs);
    for (int64_t input = begin; input < end; input++)
        for (int64_t output = 0; output < outs; output += CK_TAP_LANES) {
            const float *from = w->sums + input * outs + output;
            float *to = w->plain + (output * ins + input) * TAPS * TAPS;
            for (int tap = 0; tap < TAPS * TAPS; tap++) {
                tile_vector sum = *(const tile_vector *)(from + tap * apart);
                for (int64_t slice = 1; slice < w->slices; slice++)
                    sum += *(const tile_vector *)(from + (slice * CK_WINOGRAD_POINTS + tap) * apart);
                for (int lane = 0; lane < CK_TAP_LANES; lane++) to[lane * ins * TAPS * TAPS + tap] = sum[lane];
            }
        }
}

void ck_winograd_gradient(
    const ck_winograd *product, const float *input, const float *gradient, int64_t slices, int64_t parts, float *sums,
    float *room, float *plain) {
    gradient_work work = {product, input, gradient, slices, parts, ck_winograd_tiles(product), sums, room, plain};
    ck_parallel_tasks(slices * parts, slice_task, &work);
    ck_parallel_tasks(product->in_channels, plain_part, &work);
}
