#include "taps.h"

#include "clones.h"
#include "pool.h"
#include "tapwork.h"

#include <stddef.h>

// As in oneDNN's products, which these stand in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

#define UNIT float
#define MULTIPLIED(sums, units, factor) ((sums) + (units) * (factor))
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

int ck_has_wide_tiles(void) {
#if defined(__x86_64__) && !defined(ONE_CLONE)
    return __builtin_cpu_supports("x86-64-v4") != 0;
#else
    return 0;
#endif
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
    const void *input;
    int64_t batch, block, tasks;
    uint32_t *packed;
} pixel_blocks;

INLINE int are_codes(int kind) { return kind == CK_TAP_BYTES || kind == CK_TAP_WORDS || kind == CK_TAP_SIGNED_WORDS; }

/// The pixels of so many images of the input.
INLINE int64_t in_pixels(const ck_tap_pixels *p, int64_t images) { return images * p->in_image / p->inner; }

/// The input from its image `image` on.
INLINE const void *images_from(const ck_tap_pixels *p, const void *input, int64_t image) {
    int64_t bytes = are_codes(p->kind) ? 1 : (int64_t)sizeof(float);
    return (const char *)input + bytes * in_pixels(p, image) * p->in_channels;
}

/// Brings `count` pixels from `begin` on to units of two numbers.
static void pack(const ck_tap_pixels *p, const void *input, int64_t begin, int64_t count, uint32_t *packed) {
    uint16_t *to = (uint16_t *)(packed + begin * p->inner);
    int64_t first = begin * p->in_channels;
    if (p->kind == CK_TAP_BFLOATS)
        ck_bfloat_rounded((const float *)input + first, count * p->in_channels, to);
    else
        ck_words_widened(
            (const uint8_t *)input + first, count, p->in_channels, 2 * p->inner, p->kind == CK_TAP_SIGNED_WORDS, to);
}

/// The loop over the tiles of a product.
static ck_task tiles_of(const ck_tap_pixels *product) {
    switch (product->kind) {
    case CK_TAP_FLOATS: return pixel_part;
    case CK_TAP_BFLOATS: return ck_bfloat_pixel_part;
    case CK_TAP_BYTES: return ck_bytes_pixel_part;
    case CK_TAP_WORDS:
    case CK_TAP_SIGNED_WORDS: return ck_has_wide_tiles() ? ck_wide_words_pixel_part : ck_words_pixel_part;
    default: return ck_depthwise_pixel_part;
    }
}

/// All tiles of some images, block by block; a task has a part of `packed` of its own.
static void pixel_task(const void *context, int part, int64_t begin, int64_t end) {
    const pixel_blocks *b = context;
    const ck_tap_pixels *p = b->product;
    int64_t groups = (b->batch + CK_IMAGES_A_TILE - 1) / CK_IMAGES_A_TILE;
    ck_task tiles = tiles_of(p);
    for (int64_t task = begin; task < end; task++) {
        int64_t last = groups * (task + 1) / b->tasks * CK_IMAGES_A_TILE;
        if (last > b->batch) last = b->batch;
        for (int64_t image = groups * task / b->tasks * CK_IMAGES_A_TILE; image < last; image += b->block) {
            ck_pixel_work work = {
                .product = p, .input = images_from(p, b->input, image), .result = p->result + image * p->out_image,
                .images = last - image < b->block ? last - image : b->block};
            if (b->packed) {
                uint32_t *packed = b->packed + task * b->block * p->in_image;
                pack(p, work.input, 0, in_pixels(p, work.images), packed);
                work.input = packed;
            }
            tiles(&work, part, 0, p->count);
        }
    }
}

/// The tiles of all images in turn.
static void tile_task(const void *context, int part, int64_t begin, int64_t end) {
    const ck_pixel_work *work = context;
    tiles_of(work->product)(work, part, begin, end);
}

typedef struct {
    const ck_tap_pixels *product;
    const void *input;
    uint32_t *packed;
} unit_packing;

static void pack_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const unit_packing *p = context;
    pack(p->product, p->input, begin, end - begin, p->packed);
}

void ck_tap_product(
    const ck_tap_pixels *product, const void *input, int64_t batch, int64_t block, uint32_t *packed, int64_t tasks) {
    if (batch >= tasks * CK_IMAGES_A_TILE) {
        pixel_blocks blocks = {product, input, batch, block, tasks, packed};
        ck_parallel_tasks(tasks, pixel_task, &blocks);
        return;
    }
    // Too few images for all threads: they share the tiles.
    for (int64_t image = 0; image < batch; image += block) {
        int64_t images = batch - image < block ? batch - image : block;
        ck_pixel_work work = {
            .product = product, .input = images_from(product, input, image),
            .result = product->result + image * product->out_image, .images = images};
        if (packed) {
            unit_packing packing = {product, work.input, packed};
            ck_parallel(in_pixels(product, images), 16, pack_part, &packing);
            work.input = packed;
        }
        ck_parallel_tasks(product->count, tile_task, &work);
    }
}
