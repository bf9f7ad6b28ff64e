#include "taps.h"

#include "clones.h"
#include "pool.h"
#include "tapwork.h"

#include <stddef.h>

// As in oneDNN's products, which these stand in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

#define UNIT float
#define MULTIPLIED(sums, units, unit) ((sums) + (units) * (unit))
#define FINISHED(sums) (sums)
#include "tiles.h"

CLONES static void weight_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_weight_work *work = context;
    weight_tiles(
        work->product, work->vectors, work->scalars, work->images, work->is_first, work->first_tile + begin,
        work->first_tile + end);
}

CLONES static void pixel_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const ck_pixel_work *work = context;
    pixel_tiles(work->product, work->input, work->result, work->images, begin, end);
}

typedef struct {
    const float *values;
    int64_t image, images;
    uint32_t *packed;
} packing;

static void pair_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const packing *p = context;
    for (int64_t pair = begin; pair < end; pair++) {
        const float *first = p->values + 2 * pair * p->image;
        const float *second = 2 * pair + 1 < p->images ? first + p->image : NULL;
        ck_bfloat_paired(first, second, p->image, p->packed + pair * p->image);
    }
}

static void round_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const packing *p = context;
    ck_bfloat_rounded(p->values + begin, end - begin, (uint16_t *)p->packed + begin);
}

typedef struct {
    ck_weight_work work;
    /// Images, or pairs of them, that stay in the cache.
    int64_t block, tiles, tasks;
    int is_bfloat;
} weight_blocks;

/// Some tiles over all images, block by block.
static void weight_task(const void *context, int part, int64_t begin, int64_t end) {
    const weight_blocks *b = context;
    const ck_tap_weights *p = b->work.product;
    for (int64_t image = 0; image < b->work.images; image += b->block) {
        ck_weight_work work = b->work;
        // Floats and pairs of bfloats have four bytes.
        work.vectors = (const float *)work.vectors + image * p->vector_image;
        work.scalars = (const float *)work.scalars + image * p->scalar_image;
        work.images = b->work.images - image < b->block ? b->work.images - image : b->block;
        work.is_first = b->work.is_first && image == 0;
        (b->is_bfloat ? ck_bfloat_weight_part : weight_part)(
            &work, part, b->tiles * begin / b->tasks, b->tiles * end / b->tasks);
    }
}

static void run_tiles(weight_blocks *blocks, int64_t first, int64_t count) {
    blocks->work.first_tile = first;
    blocks->tiles = count;
    if (count > 0) ck_parallel_tasks(blocks->tasks, weight_task, blocks);
}

void ck_tap_weight_gradient(
    const ck_tap_weights *product, const float *vectors, const float *scalars, int64_t batch, int64_t block,
    uint32_t *packed, int64_t packed_block) {
    int64_t together = packed ? 2 * packed_block : batch;
    for (int64_t image = 0; image < batch; image += together) {
        int64_t images = batch - image < together ? batch - image : together;
        weight_blocks blocks = {
            .work = {
                .product = product, .vectors = vectors + image * product->vector_image,
                .scalars = scalars + image * product->scalar_image, .images = images, .is_first = image == 0},
            .block = block, .tasks = ck_threads(), .is_bfloat = packed != NULL};
        if (packed) {
            uint32_t *packed_scalars = packed + packed_block * product->vector_image;
            packing first = {blocks.work.vectors, product->vector_image, images, packed};
            packing second = {blocks.work.scalars, product->scalar_image, images, packed_scalars};
            blocks.work.images = (images + 1) / 2;
            ck_parallel_tasks(blocks.work.images, pair_part, &first);
            ck_parallel_tasks(blocks.work.images, pair_part, &second);
            blocks.work.vectors = packed;
            blocks.work.scalars = packed_scalars;
        }
        run_tiles(&blocks, 0, product->inner);
        run_tiles(&blocks, product->inner, product->count - product->inner);
    }
}

typedef struct {
    const ck_tap_pixels *product;
    const float *input;
    int64_t batch, block, tasks;
    uint32_t *packed;
} pixel_blocks;

enum { IMAGES_A_TILE = 2 * PIXELS };

/// All tiles of some images, block by block; a task has a part of `packed` of its own.
static void pixel_task(const void *context, int part, int64_t begin, int64_t end) {
    const pixel_blocks *b = context;
    const ck_tap_pixels *p = b->product;
    int64_t groups = (b->batch + IMAGES_A_TILE - 1) / IMAGES_A_TILE;
    int64_t numbers = b->packed ? 2 * p->in_image : p->in_image;
    ck_task tiles = p->kind == CK_TAP_FLOATS ? pixel_part
        : p->kind == CK_TAP_BFLOATS          ? ck_bfloat_pixel_part
                                             : ck_bytes_pixel_part;
    for (int64_t task = begin; task < end; task++) {
        int64_t last = groups * (task + 1) / b->tasks * IMAGES_A_TILE;
        if (last > b->batch) last = b->batch;
        for (int64_t image = groups * task / b->tasks * IMAGES_A_TILE; image < last; image += b->block) {
            ck_pixel_work work = {
                .product = p, .input = b->input + image * numbers, .result = p->result + image * p->out_image,
                .images = last - image < b->block ? last - image : b->block};
            if (b->packed) {
                uint32_t *packed = b->packed + task * b->block * p->in_image;
                ck_bfloat_rounded(work.input, work.images * numbers, (uint16_t *)packed);
                work.input = packed;
            }
            tiles(&work, part, 0, p->count);
        }
    }
}

/// The tiles of all images in turn.
static void tile_task(const void *context, int part, int64_t begin, int64_t end) {
    const ck_pixel_work *work = context;
    (work->product->kind == CK_TAP_FLOATS      ? pixel_part
         : work->product->kind == CK_TAP_BFLOATS ? ck_bfloat_pixel_part
                                                 : ck_bytes_pixel_part)(work, part, begin, end);
}

void ck_tap_product(
    const ck_tap_pixels *product, const void *input, int64_t batch, int64_t block, uint32_t *packed, int64_t tasks) {
    if (batch >= tasks * IMAGES_A_TILE) {
        pixel_blocks blocks = {product, input, batch, block, tasks, packed};
        ck_parallel_tasks(tasks, pixel_task, &blocks);
        return;
    }
    // Too few images for all threads: they share the tiles.
    int64_t numbers = packed ? 2 * product->in_image : product->in_image;
    for (int64_t image = 0; image < batch; image += block) {
        int64_t images = batch - image < block ? batch - image : block;
        ck_pixel_work work = {
            .product = product, .input = (const float *)input + image * numbers,
            .result = product->result + image * product->out_image, .images = images};
        if (packed) {
            packing rounding = {work.input, numbers, images, packed};
            ck_parallel(images * numbers, 64, round_part, &rounding);
            work.input = packed;
        }
        ck_parallel_tasks(product->count, tile_task, &work);
    }
}

typedef struct {
    const void *from;
    int64_t out_channels, in_channels, taps;
    int has_input_vectors, is_bfloat;
    void *to;
} moving;

/// Few weights are not worth waking the pool.
static void move(const moving *m, int64_t count, ck_task task) {
    if (m->out_channels * m->in_channels * m->taps < CK_SMALL)
        task(m, 0, 0, count);
    else
        ck_parallel_tasks(count, task, m);
}

/// A number rounded to a bfloat, the even one of two that are as near.
INLINE uint32_t bfloat(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return value == value ? rounded : bits >> 16 | 0x40;
}

/// Input channels are the vectors: by output channel, or pairs of them.
CLONES static void pack_inputs_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, out = m->out_channels, taps = m->taps, row = in * taps;
    for (int64_t index = begin; index < end; index++)
        for (int64_t tap = 0; tap < taps; tap++)
            if (m->is_bfloat) {
                const float *from = (const float *)m->from + 2 * index * row + tap;
                uint32_t *to = (uint32_t *)m->to + (tap * out / 2 + index) * in;
                for (int64_t run = 0; run < in; run += CK_TAP_LANES) {
                    float low[CK_TAP_LANES], high[CK_TAP_LANES];
                    for (int lane = 0; lane < CK_TAP_LANES; lane++) {
                        low[lane] = from[(run + lane) * taps];
                        high[lane] = from[row + (run + lane) * taps];
                    }
                    for (int lane = 0; lane < CK_TAP_LANES; lane++)
                        to[run + lane] = bfloat(low[lane]) | bfloat(high[lane]) << 16;
                }
            } else {
                const float *from = (const float *)m->from + index * row + tap;
                float *to = (float *)m->to + (tap * out + index) * in;
                VECTOR for (int64_t channel = 0; channel < in; channel++) to[channel] = from[channel * taps];
            }
}

/// Output channels are the vectors: by runs of them.
CLONES static void pack_outputs_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, out = m->out_channels, taps = m->taps, row = in * taps;
    int64_t units = m->is_bfloat ? in / 2 : in;
    for (int64_t run = begin; run < end; run++)
        for (int64_t unit = 0; unit < units; unit++)
            for (int64_t tap = 0; tap < taps; tap++) {
                int64_t to_first = (tap * units + unit) * out + run * CK_TAP_LANES;
                const float *from = (const float *)m->from + run * CK_TAP_LANES * row;
                if (m->is_bfloat) {
                    uint32_t *to = (uint32_t *)m->to + to_first;
                    from += 2 * unit * taps + tap;
                    VECTOR for (int lane = 0; lane < CK_TAP_LANES; lane++)
                        to[lane] = bfloat(from[lane * row]) | bfloat(from[lane * row + taps]) << 16;
                } else {
                    float *to = (float *)m->to + to_first;
                    from += unit * taps + tap;
                    VECTOR for (int lane = 0; lane < CK_TAP_LANES; lane++) to[lane] = from[lane * row];
                }
            }
}

/// Bytes, four input channels a unit: by runs of output channels.
static void pack_bytes_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, out = m->out_channels, taps = m->taps;
    for (int64_t run = begin; run < end; run++)
        for (int64_t unit = 0; unit < in / 4; unit++)
            for (int64_t tap = 0; tap < taps; tap++) {
                const int8_t *from = (const int8_t *)m->from + run * CK_TAP_LANES * in * taps + 4 * unit * taps + tap;
                int8_t *to = (int8_t *)m->to + 4 * ((tap * (in / 4) + unit) * out + run * CK_TAP_LANES);
                for (int lane = 0; lane < CK_TAP_LANES; lane++)
                    for (int byte = 0; byte < 4; byte++) to[4 * lane + byte] = from[lane * in * taps + byte * taps];
            }
}

void ck_tap_weights_packed(
    const void *plain, int64_t out_channels, int64_t in_channels, int64_t taps, int is_backward, int kind,
    void *packed) {
    int is_bfloat = kind == CK_TAP_BFLOATS;
    moving m = {plain, out_channels, in_channels, taps, is_backward, is_bfloat, packed};
    if (kind == CK_TAP_BYTES)
        move(&m, out_channels / CK_TAP_LANES, pack_bytes_part);
    else if (is_backward)
        move(&m, is_bfloat ? out_channels / 2 : out_channels, pack_inputs_part);
    else
        move(&m, out_channels / CK_TAP_LANES, pack_outputs_part);
}

/// By output channel where the input's are the vectors, else by input channel.
CLONES static void plain_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, out = m->out_channels, taps = m->taps;
    int64_t vectors = m->has_input_vectors ? in : out;
    // From one scalar to the next, and from one vector channel to the next.
    int64_t by_scalar = m->has_input_vectors ? in * taps : taps, by_vector = m->has_input_vectors ? taps : in * taps;
    for (int64_t scalar = begin; scalar < end; scalar++)
        for (int64_t tap = 0; tap < taps; tap++) {
            const float *from = (const float *)m->from + (tap * (in * out / vectors) + scalar) * vectors;
            float *to = (float *)m->to + scalar * by_scalar + tap;
            VECTOR for (int64_t channel = 0; channel < vectors; channel++) to[channel * by_vector] = from[channel];
        }
}

void ck_tap_weights_plain(
    const float *sums, int64_t out_channels, int64_t in_channels, int64_t taps, int has_input_vectors, float *plain) {
    moving m = {sums, out_channels, in_channels, taps, has_input_vectors, 0, plain};
    move(&m, has_input_vectors ? out_channels : in_channels, plain_part);
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
