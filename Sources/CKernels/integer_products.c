#include "integer_sums.h"

/// So many neighbouring pixels share each row of weights while it is in the cache.
enum { TILE = 8 };

static int64_t columns_of(const ck_integer_product *p) {
    return taps_of(&p->window) * (p->window.channels / p->groups);
}

int64_t ck_integer_scratch(const ck_integer_product *product) { return CK_PARTS * TILE * columns_of(product); }

/// A sum of products, in blocks that fit 32 bits.
INLINE int64_t dot(const int16_t *first, const int16_t *second, int64_t count, int64_t block) {
    int64_t sum = 0;
    for (int64_t begin = 0; begin < count; begin += block) {
        int64_t end = begin + block < count ? begin + block : count;
        int32_t part = 0;
        for (int64_t i = begin; i < end; i++) part += (int32_t)first[i] * (int32_t)second[i];
        sum += part;
    }
    return sum;
}

/// Copies the steps under a tap as 16-bit numbers.
INLINE void copy_patch(const ck_steps *steps, int64_t begin, int64_t count, int16_t *target) {
    if (!steps->stride) {
        const int32_t *source = (const int32_t *)steps->numbers + begin;
        VECTOR for (int64_t i = 0; i < count; i++) target[i] = (int16_t)source[i];
        return;
    }
    const uint8_t *source = (const uint8_t *)steps->numbers + begin;
    int32_t stride = steps->stride, zero = steps->zero;
    VECTOR for (int64_t i = 0; i < count; i++) target[i] = (int16_t)(stride * source[i] + zero);
}

CLONES static void sum_rows(const void *context, int part, int64_t begin, int64_t end) {
    summing *s = (summing *)context;
    const ck_integer_product *p = s->product;
    const ck_window *w = &p->window;
    int64_t width = w->channels / p->groups, columns = columns_of(p), outs = p->out_channels / p->groups;
    int16_t *patches = s->scratch + part * TILE * columns;
    int64_t peak = 0;
    for (int64_t line = begin; line < end; line++)
        for (int64_t first = 0; first < w->out_width; first += TILE) {
            int64_t pixels = smaller(TILE, w->out_width - first);
            int32_t *sums = s->sums + (line * w->out_width + first) * p->out_channels;
            for (int64_t group = 0; group < p->groups; group++) {
                for (int64_t pixel = 0; pixel < pixels; pixel++)
                    for (int64_t tap = 0; tap < taps_of(w); tap++) {
                        int64_t source = under(
                            s, line / w->out_height, line % w->out_height, first + pixel, tap / w->kernel_width,
                            tap % w->kernel_width);
                        int16_t *target = patches + pixel * columns + tap * width;
                        if (source < 0)
                            memset(target, 0, sizeof(int16_t) * (size_t)width);
                        else
                            copy_patch(s->input, source + group * width, width, target);
                    }
                for (int64_t out = group * outs; out < (group + 1) * outs; out++)
                    for (int64_t pixel = 0; pixel < pixels; pixel++) {
                        int64_t sum = dot(patches + pixel * columns, s->weights + out * columns, columns, p->block);
                        peak = magnitude(sum) > peak ? magnitude(sum) : peak;
                        sums[pixel * p->out_channels + out] = (int32_t)sum;
                    }
            }
        }
    s->peaks[part] = peak;
}

int64_t ck_integer_sums(
    const ck_integer_product *product, int is_depthwise, const ck_steps *input, const int16_t *weights,
    int16_t *scratch, int32_t *sums) {
    summing s = {.product = product, .input = input, .weights = weights, .scratch = scratch, .sums = sums};
    ck_parallel_tasks(product->window.batch * product->window.out_height, is_depthwise ? ck_depthwise_rows : sum_rows, &s);
    int64_t peak = 0;
    for (int part = 0; part < CK_PARTS; part++) peak = s.peaks[part] > peak ? s.peaks[part] : peak;
    return peak;
}

typedef struct {
    const ck_window *window;
    const uint8_t *bytes;
    uint8_t *spread;
} spreading;

static void spread_rows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const spreading *s = context;
    size_t channels = (size_t)s->window->channels, width = (size_t)s->window->in_width;
    for (int64_t line = begin; line < end; line++) {
        uint8_t *target = s->spread + (size_t)line * 4 * width * channels;
        const uint8_t *source = s->bytes + (size_t)line * width * channels;
        for (size_t column = 0; column < width; column++) {
            memcpy(target + 2 * column * channels, source + column * channels, channels);
            memset(target + (2 * column + 1) * channels, 0, channels);
        }
        memset(target + 2 * width * channels, 0, 2 * width * channels);
    }
}

void ck_integer_spread(const ck_window *window, const uint8_t *bytes, uint8_t *spread) {
    spreading s = {window, bytes, spread};
    ck_parallel_tasks(window->batch * window->in_height, spread_rows, &s);
}

typedef struct {
    const ck_integer_product *product;
    const uint8_t *bytes;
    int32_t *pixels, *windows;
} window_summing;

CLONES static void sum_pixels(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const window_summing *s = context;
    int64_t width = s->product->window.channels / s->product->groups;
    for (int64_t place = begin / width; place < end / width; place++) {
        const uint8_t *bytes = s->bytes + place * width;
        int32_t sum = 0;
        for (int64_t i = 0; i < width; i++) sum += bytes[i];
        s->pixels[place] = sum;
    }
}

/// Adds what one tap of a row of windows reads.
INLINE void add_tap(
    const window_summing *s, const int32_t *row, int64_t tap, int64_t stride, int64_t groups, int32_t *sums) {
    const ck_window *w = &s->product->window;
    int64_t shift = tap * s->product->dilation - w->left;
    int64_t first = shift < 0 ? (-shift + stride - 1) / stride : 0, last = w->in_width - 1 - shift;
    if (last < 0) return;
    int64_t stop = smaller(w->out_width, last / stride + 1);
    VECTOR for (int64_t i = first * groups; i < stop * groups; i++)
        sums[i] += row[stride == 1 ? i + shift * groups : (i / groups * stride + shift) * groups + i % groups];
}

CLONES static void sum_windows(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const window_summing *s = context;
    const ck_window *w = &s->product->window;
    int64_t groups = s->product->groups;
    for (int64_t line = begin; line < end; line++) {
        int64_t image = line / w->out_height, top = line % w->out_height * w->stride - w->top;
        int32_t *sums = s->windows + line * w->out_width * groups;
        memset(sums, 0, sizeof(int32_t) * (size_t)(w->out_width * groups));
        for (int64_t y = 0; y < w->kernel_height; y++) {
            int64_t row = top + y * s->product->dilation;
            if (row < 0 || row >= w->in_height) continue;
            const int32_t *source = s->pixels + (image * w->in_height + row) * w->in_width * groups;
            for (int64_t tap = 0; tap < w->kernel_width; tap++)
                if (w->stride == 1)
                    add_tap(s, source, tap, 1, groups, sums);
                else if (groups == 1)
                    add_tap(s, source, tap, w->stride, 1, sums);
                else
                    add_tap(s, source, tap, w->stride, groups, sums);
        }
    }
}

void ck_integer_window_sums(
    const ck_integer_product *product, const uint8_t *bytes, int32_t *pixels, int32_t *windows) {
    const ck_window *w = &product->window;
    window_summing s = {product, bytes, pixels, windows};
    ck_parallel(
        w->batch * w->in_height * w->in_width * w->channels, w->channels / product->groups, sum_pixels, &s);
    ck_parallel_tasks(w->batch * w->out_height, sum_windows, &s);
}

typedef struct {
    const ck_integer_end *end;
    const ck_integer_raw *raw;
    int64_t begin;
    int64_t peaks[CK_PARTS];
} raw_ending;

/// The sums of elements of the result, which may begin and end within a pixel.
INLINE void complete(const ck_integer_raw *r, int64_t first, int64_t begin, int64_t count, int32_t *sums) {
    const int32_t *raw = r->raw + begin - first;
    int32_t scale = r->scale;
    int64_t width = r->channels / r->groups, channel = begin % r->channels, image_pixel = begin / r->channels % r->pixels;
    // The windows' sums begin with the raw ones.
    int64_t place = (begin / r->channels - first / r->channels) * r->groups + channel / width;
    int64_t left = width - channel % width;
    for (int64_t done = 0; done < count;) {
        int64_t size = smaller(left, count - done);
        int32_t window = r->windows ? r->window_scale * r->windows[place] : 0;
        VECTOR for (int64_t i = done; i < done + size; i++) sums[i] = scale * raw[i] + window;
        if (r->corrections) {
            const int32_t *corrections = r->corrections + r->classes[image_pixel] * r->channels + channel - done;
            VECTOR for (int64_t i = done; i < done + size; i++) sums[i] += corrections[i];
        }
        done += size;
        channel += size;
        if (channel == r->channels) {
            channel = 0;
            if (++image_pixel == r->pixels) image_pixel = 0;
        }
        place++;
        left = width;
    }
}

CLONES static void end_raw(const void *context, int part, int64_t begin, int64_t end) {
    raw_ending *e = (raw_ending *)context;
    const ck_integer_raw *raw = e->raw;
    int is_complete = raw->scale == 1 && !raw->windows && !raw->corrections;
    int64_t peak = 0;
    int32_t sums[CHUNK];
    for (int64_t at = begin, size; at < end; at += size) {
        int64_t place = e->begin + at;
        size = chunk_at(e->end, place, e->begin + end);
        if (!is_complete) complete(raw, e->begin, place, size, sums);
        end_chunk(e->end, is_complete ? raw->raw + at : sums, place, size, &peak);
    }
    e->peaks[part] = peak;
}

int64_t ck_integer_end_raw(const ck_integer_end *end, const ck_integer_raw *raw, int64_t begin, int64_t count) {
    raw_ending e = {.end = end, .raw = raw, .begin = begin};
    ck_parallel(count, end->period, end_raw, &e);
    int64_t peak = 0;
    for (int part = 0; part < CK_PARTS; part++) peak = e.peaks[part] > peak ? e.peaks[part] : peak;
    return peak;
}
