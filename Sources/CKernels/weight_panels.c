#include "weight_panels.h"

#include "clones.h"
#include "pool.h"
#include "tapwork.h"

#include <stddef.h>

// As in oneDNN's products, which these stand in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

typedef struct {
    const ck_weight_panels *product;
    const float *vectors, *scalars;
    /// Images of all blocks, and of one.
    int64_t images, block;
    float *panels;
    int is_first;
    int64_t tasks;
} panel_work;

INLINE int64_t vector_panels(const ck_weight_panels *p) { return p->vector_channels / CK_TAP_LANES; }

INLINE int64_t scalar_panels(const ck_weight_panels *p) {
    return (p->scalar_channels + CK_NARROW_PIXELS - 1) / CK_NARROW_PIXELS;
}

/// The first scalar of a panel; panels have nearly the same size.
INLINE int64_t first_scalar(const ck_weight_panels *p, int64_t panel) {
    return p->scalar_channels * panel / scalar_panels(p);
}

int64_t ck_weight_panels_room(const ck_weight_panels *product, int64_t images) {
    return images
        * (product->vector_count * product->vector_channels + product->scalar_count * product->scalar_channels);
}

/// The images of a block.
INLINE int64_t images_of(const panel_work *w, int64_t block) {
    int64_t left = w->images - block * w->block;
    return left < w->block ? left : w->block;
}

/// Copies `count` channels from `from` on.
INLINE void copy_panel(
    const float *from, int64_t image, int64_t channels, const int32_t *pixels, int64_t pixel_count, int64_t images,
    float *to, int count) {
    for (int64_t pixel = 0; pixel < pixel_count; pixel++) {
        const float *at = from + pixels[pixel] * channels;
        for (int64_t i = 0; i < images; i++, at += image, to += count)
            __builtin_memcpy(to, at, (size_t)count * sizeof(float));
    }
}

#define COPY_CASE(count) \
    case count: \
        copy_panel( \
            from, p->scalar_image, p->scalar_channels, p->scalar_pixels, p->scalar_count, images, to, count); \
        break;

/// Panels of all blocks, by block those of vectors and then those of scalars.
CLONES static void copy_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const panel_work *w = context;
    const ck_weight_panels *p = w->product;
    int64_t wide = vector_panels(p), all = wide + scalar_panels(p);
    for (int64_t index = begin; index < end; index++) {
        int64_t block = index / all, panel = index % all, images = images_of(w, block), image = block * w->block;
        float *to = w->panels + ck_weight_panels_room(p, image);
        if (panel < wide) {
            copy_panel(
                w->vectors + image * p->vector_image + panel * CK_TAP_LANES, p->vector_image, p->vector_channels,
                p->vector_pixels, p->vector_count, images, to + panel * CK_TAP_LANES * p->vector_count * images,
                CK_TAP_LANES);
            continue;
        }
        int64_t scalar = first_scalar(p, panel - wide);
        const float *from = w->scalars + image * p->scalar_image + scalar;
        to += (p->vector_channels * p->vector_count + scalar * p->scalar_count) * images;
        switch (first_scalar(p, panel - wide + 1) - scalar) {
            COPY_CASE(1) COPY_CASE(2) COPY_CASE(3) COPY_CASE(4) COPY_CASE(5) COPY_CASE(6)
        default: __builtin_trap();
        }
    }
}

/// The sums of a tap for a vector and `count` scalars; they stay in registers.
INLINE void panel_tile(
    const ck_tap_run *run, const ck_tap_run *last, const float *vectors, const float *scalars, int64_t images,
    float *result, int64_t row, int adds, int count) {
    tile_vector sums[CK_NARROW_PIXELS];
    UNROLLED for (int i = 0; i < count; i++)
        sums[i] = adds ? *(const tile_vector *)(result + i * row) : (tile_vector){0.0f};
    for (; run < last; run++) {
        const float *from = vectors + run->vector * images * CK_TAP_LANES, *with = scalars + run->scalar * images * count;
        for (int64_t pair = run->length * images; pair > 0; pair--) {
            tile_vector values = *(const tile_vector *)from;
            UNROLLED for (int i = 0; i < count; i++) sums[i] = sums[i] + values * with[i];
            from += CK_TAP_LANES;
            with += count;
        }
    }
    UNROLLED for (int i = 0; i < count; i++) *(tile_vector *)(result + i * row) = sums[i];
}

#define TILE_CASE(count) \
    case count: \
        panel_tile(p->runs + p->starts[tap], p->runs + p->starts[tap + 1], vectors, scalars, images, result, \
            p->vector_channels, adds, count); \
        break;

/// All taps of some pairs of panels, block by block.
CLONES static void sum_task(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const panel_work *w = context;
    const ck_weight_panels *p = w->product;
    int64_t narrow = scalar_panels(p), pairs = vector_panels(p) * narrow;
    for (int64_t image = 0; image < w->images; image += w->block) {
        int64_t images = images_of(w, image / w->block);
        int adds = image > 0 || !w->is_first;
        const float *panels = w->panels + ck_weight_panels_room(p, image);
        for (int64_t pair = pairs * begin / w->tasks; pair < pairs * end / w->tasks; pair++) {
            int64_t vector = pair / narrow * CK_TAP_LANES, scalar = first_scalar(p, pair % narrow);
            const float *vectors = panels + vector * p->vector_count * images;
            const float *scalars = panels + (p->vector_channels * p->vector_count + scalar * p->scalar_count) * images;
            for (int64_t tap = 0; tap < p->taps; tap++) {
                float *result = p->sums + (tap * p->scalar_channels + scalar) * p->vector_channels + vector;
                switch (first_scalar(p, pair % narrow + 1) - scalar) {
                    TILE_CASE(1) TILE_CASE(2) TILE_CASE(3) TILE_CASE(4) TILE_CASE(5) TILE_CASE(6)
                default: __builtin_trap();
                }
            }
        }
    }
}

void ck_weight_panels_gradient(
    const ck_weight_panels *product, const float *vectors, const float *scalars, int64_t batch, int64_t block,
    int64_t together, float *panels) {
    for (int64_t image = 0; image < batch; image += block * together) {
        int64_t images = batch - image < block * together ? batch - image : block * together;
        panel_work work = {
            .product = product, .vectors = vectors + image * product->vector_image,
            .scalars = scalars + image * product->scalar_image, .images = images, .block = block, .panels = panels,
            .is_first = image == 0, .tasks = ck_threads()};
        int64_t blocks = (images + block - 1) / block;
        ck_parallel_tasks(blocks * (vector_panels(product) + scalar_panels(product)), copy_part, &work);
        ck_parallel_tasks(work.tasks, sum_task, &work);
    }
}
