// The loops of `taps.c`, `bfloat.c`, `bytes.c` and `tap_depthwise.c`. UNIT is what is multiplied at once, and
// MULTIPLIED(sums, units, factor) adds products of a vector of units and a factor to a vector of sums; FINISHED(sums) makes
// floats of the sums of a pixel, or keeps whole ones where the product p says so. With IS_DEPTHWISE the factor of a vector of weights is the vector of the pixel's channels,
// else it is each channel of the pixel in turn.

#ifdef IS_DEPTHWISE
#define CHANNELS(product) 1
#define FIRST_CHANNEL(tile) (tile)->vector
#define FACTOR(pixel, v) (*(const tile_units *)((pixel) + (v) * CK_TAP_LANES))
#else
#define CHANNELS(product) (product)->inner
#define FIRST_CHANNEL(tile) 0
#define FACTOR(pixel, v) (*(pixel))
#endif

typedef UNIT tile_units __attribute__((vector_size(4 * CK_TAP_LANES), aligned(4)));

/// The sums of a tile stay in registers.
enum { MOST_VECTORS = 3, MOST_SCALARS = 12 };

INLINE void weight_tile(
    const ck_tap_weights *p, const ck_weight_tile *tile, const UNIT *vectors, const UNIT *scalars, int64_t images,
    int is_first, int wide, int count) {
    tile_vector sums[MOST_SCALARS][MOST_VECTORS];
    float *result = p->sums + tile->result;
    int adds = tile->adds || !is_first;
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++)
            sums[i][v] = adds ? *(const tile_vector *)(result + i * p->result_row + v * p->result_apart)
                              : (tile_vector){0.0f};
    for (int64_t image = 0; image < images; image++) {
        const UNIT *image_vectors = vectors + image * p->vector_image + tile->vector;
        const UNIT *image_scalars = scalars + image * p->scalar_image + tile->scalar;
        for (int32_t index = tile->first; index < tile->last; index++) {
            const ck_tap_run *run = p->runs + index;
            const UNIT *from = image_vectors + run->vector, *with = image_scalars + run->scalar;
            for (int32_t pair = 0; pair < run->length; pair++) {
                tile_units values[MOST_VECTORS];
                UNROLLED for (int v = 0; v < wide; v++) values[v] = *(const tile_units *)(from + v * p->vector_apart);
                UNROLLED for (int i = 0; i < count; i++)
                    UNROLLED for (int v = 0; v < wide; v++) sums[i][v] = MULTIPLIED(sums[i][v], values[v], with[i]);
                from += p->vector_step;
                with += p->scalar_step;
            }
        }
    }
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++)
            *(tile_vector *)(result + i * p->result_row + v * p->result_apart) = sums[i][v];
}

#define WEIGHT_CASE(wide, count) \
    case 16 * wide + count: weight_tile(p, tile, vectors, scalars, images, is_first, wide, count); break;
#define WEIGHT_CASES(wide) \
    WEIGHT_CASE(wide, 1) WEIGHT_CASE(wide, 2) WEIGHT_CASE(wide, 3) WEIGHT_CASE(wide, 4) \
    WEIGHT_CASE(wide, 5) WEIGHT_CASE(wide, 6) WEIGHT_CASE(wide, 7) WEIGHT_CASE(wide, 8)

INLINE void weight_tiles(
    const ck_tap_weights *p, const UNIT *vectors, const UNIT *scalars, int64_t images, int is_first, int64_t begin,
    int64_t end) {
    for (int64_t index = begin; index < end; index++) {
        const ck_weight_tile *tile = p->tiles + index;
        switch (16 * tile->vectors + tile->count) {
            WEIGHT_CASES(1) WEIGHT_CASES(2) WEIGHT_CASES(3)
            WEIGHT_CASE(1, 9) WEIGHT_CASE(2, 9) WEIGHT_CASE(1, 12) WEIGHT_CASE(2, 12)
        default: __builtin_trap();
        }
    }
}

INLINE void pixel_tile(
    const ck_tap_pixels *p, const ck_pixel_tile *tile, const UNIT *input, int64_t in_step, float *result,
    int64_t out_step, int wide, int count) {
    tile_vector sums[CK_IMAGES_A_TILE][2];
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++) sums[i][v] = (tile_vector){0.0f};
    for (int32_t index = tile->first; index < tile->last; index++) {
        const ck_tap_source *source = p->sources + index;
        const UNIT *with = input + source->input + FIRST_CHANNEL(tile);
        const UNIT *weights =
            (const UNIT *)p->weights + tile->vector * p->window + source->weights * wide * CK_TAP_LANES;
        for (int64_t channel = 0; channel < CHANNELS(p); channel++) {
            tile_units values[2];
            UNROLLED for (int v = 0; v < wide; v++) values[v] = *(const tile_units *)(weights + v * CK_TAP_LANES);
            UNROLLED for (int i = 0; i < count; i++)
                UNROLLED for (int v = 0; v < wide; v++)
                    sums[i][v] = MULTIPLIED(sums[i][v], values[v], FACTOR(with + i * in_step + channel, v));
            weights += wide * CK_TAP_LANES;
        }
    }
    float *to = result + tile->result + tile->vector;
    UNROLLED for (int i = 0; i < count; i++)
        UNROLLED for (int v = 0; v < wide; v++) 
            *(tile_vector *)(to + i * out_step + v * CK_TAP_LANES) = FINISHED(sums[i][v]);
}

#define PIXEL_CASE(wide, number) \
    case 32 * wide + number: \
        for (int64_t image = 0; image < images; image++) \
            pixel_tile( \
                p, tile, input + image * p->in_image, p->in_step, result + image * p->out_image, p->out_step, wide, \
                number); \
        break;
#define PIXEL_CASES(wide) \
    PIXEL_CASE(wide, 1) PIXEL_CASE(wide, 2) PIXEL_CASE(wide, 3) PIXEL_CASE(wide, 4) \
    PIXEL_CASE(wide, 5) PIXEL_CASE(wide, 6) PIXEL_CASE(wide, 7) PIXEL_CASE(wide, 8)

/// One pixel of images from `image` on, as long as there are `count` more.
#define IMAGES(wide, count) \
    for (; image + (count) <= images; image += (count)) \
        pixel_tile( \
            p, tile, input + image * p->in_image, p->in_image, result + image * p->out_image, p->out_image, wide, count);

/// One pixel of all images, as many at a time as a tile has pixels.
INLINE void image_tiles(
    const ck_tap_pixels *p, const ck_pixel_tile *tile, const UNIT *input, float *result, int64_t images) {
    int64_t image = 0;
    if (p->is_narrow) {
        IMAGES(1, CK_NARROW_PIXELS)
        IMAGES(1, 4)
        IMAGES(1, 1)
    } else if (tile->vectors == 1) {
        IMAGES(1, CK_IMAGES_A_TILE)
        IMAGES(1, 1)
    } else {
        IMAGES(2, CK_IMAGES_A_TILE / 2)
        IMAGES(2, 1)
    }
}

INLINE void pixel_tiles(
    const ck_tap_pixels *p, const UNIT *input, float *result, int64_t images, int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; index++) {
        const ck_pixel_tile *tile = p->tiles + index;
        if (tile->count == 0) {
            image_tiles(p, tile, input, result, images);
            continue;
        }
        switch (32 * tile->vectors + tile->count) {
            PIXEL_CASES(1) PIXEL_CASES(2)
            PIXEL_CASE(1, 9) PIXEL_CASE(1, 10) PIXEL_CASE(1, 11) PIXEL_CASE(1, 12)
            PIXEL_CASE(1, 13) PIXEL_CASE(1, 14) PIXEL_CASE(1, 15) PIXEL_CASE(1, 16)
        default: __builtin_trap();
        }
    }
}
