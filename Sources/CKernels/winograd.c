#include "winograd.h"

#include "winograd_points.h"
#include "pool.h"

int64_t ck_winograd_tiles(const ck_winograd *product) {
    return product->batch * tiles_along(product->out_height) * tiles_along(product->out_width);
}

int64_t ck_winograd_matrix(int64_t elements) { return elements + CK_TAP_LANES; }

int64_t ck_winograd_room(int64_t in_channels, int64_t out_channels) {
    return CK_WINOGRAD_POINTS
        * (ck_winograd_matrix(CK_WINOGRAD_TILES * in_channels) + ck_winograd_matrix(CK_WINOGRAD_TILES * out_channels));
}

typedef struct {
    const ck_winograd *product;
    const float *plain;
    int is_backward;
    float *values;
} window;

/// By input channel.
CLONES static void window_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const window *w = context;
    int64_t ins = w->product->in_channels, outs = w->product->out_channels, apart = ck_winograd_matrix(ins * outs);
    // From one input channel to the next, and from one output channel to the next, in the order of files.
    int64_t by_input = TAPS * TAPS * (w->is_backward ? outs : 1), by_output = TAPS * TAPS * (w->is_backward ? 1 : ins);
    for (int64_t input = begin; input < end; input++)
        for (int64_t output = 0; output < outs; output += CK_TAP_LANES) {
            const float *from = w->plain + input * by_input + output * by_output;
            tile_vector weights[TAPS * TAPS], rows[POINTS * TAPS], values[CK_WINOGRAD_POINTS];
            for (int tap = 0; tap < TAPS * TAPS; tap++) {
                int place = w->is_backward ? TAPS * TAPS - 1 - tap : tap;
                for (int lane = 0; lane < CK_TAP_LANES; lane++) weights[tap][lane] = from[lane * by_output + place];
            }
            UNROLLED for (int i = 0; i < TAPS; i++) weight_points(weights + i, TAPS, rows + i, TAPS);
            UNROLLED for (int i = 0; i < POINTS; i++) weight_points(rows + TAPS * i, 1, values + POINTS * i, 1);
            float *to = w->values + input * outs + output;
            UNROLLED for (int i = 0; i < CK_WINOGRAD_POINTS; i++) *(tile_vector *)(to + i * apart) = values[i];
        }
}

void ck_winograd_weights(const ck_winograd *product, const float *plain, int is_backward, float *values) {
    window w = {product, plain, is_backward, values};
    ck_parallel_tasks(product->in_channels, window_part, &w);
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
        for (; !p->is_narrow && output + 2 * CK_TAP_LANES <= outs; output += 2 * CK_TAP_LANES) {
            int64_t tile = 0;
            PRODUCTS(2, 8)
            PRODUCTS(2, 1)
        }
        for (; output < outs; output += CK_TAP_LANES) {
            int64_t tile = 0;
            if (!p->is_narrow) PRODUCTS(1, 16)
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
        int is_inside = place.row + PIXELS_A_TILE <= p->out_height && place.column + PIXELS_A_TILE <= width;
        float *first = result + ((place.image * p->out_height + place.row) * width + place.column) * channels;
        for (int64_t channel = 0; channel < channels; channel += CK_TAP_LANES) {
            tile_vector points[CK_WINOGRAD_POINTS], rows[PIXELS_A_TILE * POINTS], pixels[PIXELS_A_TILE * PIXELS_A_TILE];
            const float *from = values + (tile - begin) * channels + channel;
            UNROLLED for (int i = 0; i < CK_WINOGRAD_POINTS; i++) points[i] = *(const tile_vector *)(from + i * apart);
            UNROLLED for (int i = 0; i < POINTS; i++) result_pixels(points + i, POINTS, rows + i, POINTS);
            UNROLLED for (int i = 0; i < PIXELS_A_TILE; i++)
                result_pixels(rows + POINTS * i, 1, pixels + PIXELS_A_TILE * i, 1);
            float *to = first + channel;
            if (is_inside) {
                UNROLLED for (int i = 0; i < PIXELS_A_TILE * PIXELS_A_TILE; i++)
                    *(tile_vector *)(to + (i / PIXELS_A_TILE * width + i % PIXELS_A_TILE) * channels) = pixels[i];
            } else {
                for (int i = 0; i < PIXELS_A_TILE * PIXELS_A_TILE; i++) {
                    int64_t y = i / PIXELS_A_TILE, x = i % PIXELS_A_TILE;
                    if (place.row + y < p->out_height && place.column + x < width)
                        *(tile_vector *)(to + (y * width + x) * channels) = pixels[i];
                }
            }
        }
    }
}

typedef struct {
    const ck_winograd *product;
    const float *input, *values;
    float *result, *room;
    int64_t tiles, tasks;
} tile_work;

CLONES static void tile_task(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const tile_work *w = context;
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

void ck_winograd_product(
    const ck_winograd *product, const float *input, const float *values, float *result, int64_t tasks, float *room) {
    tile_work work = {product, input, values, result, room, ck_winograd_tiles(product), tasks};
    ck_parallel_tasks(tasks, tile_task, &work);
}
