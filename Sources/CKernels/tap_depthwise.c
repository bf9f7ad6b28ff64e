// Depthwise products and the gradients of their inputs, and those of their weights, by tap.
#include "taps.h"

#include "clones.h"
#include "pool.h"
#include "tapwork.h"

// As in oneDNN's products, which these stand in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

#define UNIT float
#define IS_DEPTHWISE
#define MULTIPLIED(sums, units, factor) ((sums) + (units) * (factor))
#define FINISHED(sums) (sums)
#include "tiles.h"

CLONES void ck_depthwise_pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_pixel_work *work = context;
    pixel_tiles(work->product, work->input, work->result, work->images, begin, end);
}

typedef struct {
    const ck_depthwise *product;
    const float *input, *gradient;
    int64_t images;
    int is_first;
} depthwise_work;

/// Some vectors of channels of a tap.
INLINE void depthwise_tile(const depthwise_work *work, int64_t tap, int64_t channel, int wide) {
    const ck_depthwise *p = work->product;
    float *result = p->sums + tap * p->channels + channel;
    tile_vector sums[4];
    UNROLLED for (int v = 0; v < wide; v++)
        sums[v] = work->is_first ? (tile_vector){0.0f} : *(const tile_vector *)(result + v * CK_TAP_LANES);
    for (int64_t image = 0; image < work->images; image++)
        for (int32_t index = p->starts[tap]; index < p->starts[tap + 1]; index++) {
            const ck_tap_run *run = p->runs + index;
            const float *from = work->input + image * p->in_image + channel + run->vector;
            const float *with = work->gradient + image * p->out_image + channel + run->scalar;
            for (int32_t pair = 0; pair < run->length; pair++) {
                UNROLLED for (int v = 0; v < wide; v++)
                    sums[v] += *(const tile_vector *)(from + v * CK_TAP_LANES)
                        * *(const tile_vector *)(with + v * CK_TAP_LANES);
                from += p->in_step;
                with += p->channels;
            }
        }
    UNROLLED for (int v = 0; v < wide; v++) *(tile_vector *)(result + v * CK_TAP_LANES) = sums[v];
}

CLONES static void depthwise_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const depthwise_work *work = context;
    int64_t channels = work->product->channels;
    for (int64_t index = begin; index < end; index++) {
        int64_t tap = index % work->product->taps, channel = index / work->product->taps * 4 * CK_TAP_LANES;
        switch ((channels - channel) / CK_TAP_LANES) {
        case 1: depthwise_tile(work, tap, channel, 1); break;
        case 2: depthwise_tile(work, tap, channel, 2); break;
        case 3: depthwise_tile(work, tap, channel, 3); break;
        default: depthwise_tile(work, tap, channel, 4); break;
        }
    }
}

void ck_depthwise_gradient(
    const ck_depthwise *product, const float *input, const float *gradient, int64_t batch, int64_t block) {
    int64_t blocks = (product->channels + 4 * CK_TAP_LANES - 1) / (4 * CK_TAP_LANES);
    for (int64_t image = 0; image < batch; image += block) {
        depthwise_work work = {
            .product = product, .input = input + image * product->in_image,
            .gradient = gradient + image * product->out_image,
            .images = batch - image < block ? batch - image : block, .is_first = image == 0};
        ck_parallel_tasks(product->taps * blocks, depthwise_part, &work);
    }
}
