#include "winograd.h"

#include "winograd_places.h"
#include "winograd_work.h"

static const winograd_loops *loops_of(const ck_winograd *product) {
    return product->is_narrow ? &ck_winograd_narrow : &ck_winograd_wide;
}

int64_t ck_winograd_tiles(const ck_winograd *product) {
    return product->batch * tiles_along(product->out_height) * tiles_along(product->out_width);
}

int64_t ck_winograd_matrix(int64_t elements) { return elements + CK_TAP_LANES; }

int64_t ck_winograd_room(int64_t in_channels, int64_t out_channels) {
    return CK_WINOGRAD_POINTS
        * (ck_winograd_matrix(CK_WINOGRAD_TILES * in_channels) + ck_winograd_matrix(CK_WINOGRAD_TILES * out_channels));
}

void ck_winograd_weights(const ck_winograd *product, const float *plain, int is_backward, float *values) {
    winograd_window window = {product, plain, is_backward, values};
    ck_parallel_tasks(product->in_channels, loops_of(product)->window, &window);
}

void ck_winograd_product(
    const ck_winograd *product, const float *input, const float *values, float *result, int64_t tasks, float *room) {
    winograd_tiles work = {product, input, values, result, room, ck_winograd_tiles(product), tasks};
    ck_parallel_tasks(tasks, loops_of(product)->product, &work);
}

int64_t ck_winograd_widest(int64_t out_channels, int64_t parts) {
    return (out_channels / CK_TAP_LANES + parts - 1) / parts * CK_TAP_LANES;
}

/// The slices' sums, by input channel, in the order of files.
CLONES static void plain_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const winograd_gradient *w = context;
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
    winograd_gradient work = {product, input, gradient, slices, parts, ck_winograd_tiles(product), sums, room, plain};
    ck_parallel_tasks(slices * parts, loops_of(product)->gradient, &work);
    ck_parallel_tasks(product->in_channels, plain_part, &work);
}
