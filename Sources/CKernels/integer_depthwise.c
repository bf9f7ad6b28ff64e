#include "integer_sums.h"

/// So many taps' places are found at a time.
enum { TAPS = 64 };

/// The places of taps that lie inside of a map, and the weights under them.
typedef struct {
    int count;
    int64_t places[TAPS];
    const int16_t *weights[TAPS];
} taps;

/// Finds the taps from `first` on, TAPS at most, that lie inside.
INLINE void find_taps(const summing *s, int64_t image, int64_t row, int64_t column, int64_t first, taps *taps) {
    const ck_window *w = &s->product->window;
    int64_t tap_row = first / w->kernel_width, tap_column = first % w->kernel_width;
    taps->count = 0;
    for (int64_t tap = first; tap < smaller(first + TAPS, taps_of(w)); tap++) {
        int64_t place = under(s, image, row, column, tap_row, tap_column);
        taps->places[taps->count] = place;
        taps->weights[taps->count] = s->weights + tap * w->channels;
        taps->count += place >= 0;
        if (++tap_column < w->kernel_width) continue;
        tap_column = 0;
        tap_row++;
    }
}

/// Makes NAME, which adds the products of taps to the sums of LANES channels; these stay in registers meanwhile. `moved`
/// is how far the taps have moved since they were found.
#define ADD_LANES(NAME, LANES)                                                                                    \
    typedef int32_t numbers_##LANES __attribute__((vector_size(4 * LANES), aligned(4)));                          \
    typedef int16_t words_##LANES __attribute__((vector_size(2 * LANES), aligned(2)));                            \
    typedef uint8_t bytes_##LANES __attribute__((vector_size(LANES), aligned(1)));                                \
    INLINE void NAME(const ck_steps *steps, const taps *taps, int64_t moved, int64_t channel, int32_t *sums) {    \
        numbers_##LANES own = *(numbers_##LANES *)(sums + channel), numbers, weights;                             \
        for (int tap = 0; tap < taps->count; tap++) {                                                             \
            int64_t place = taps->places[tap] + moved + channel;                                                  \
            weights = __builtin_convertvector(*(words_##LANES *)(taps->weights[tap] + channel), numbers_##LANES); \
            if (steps->stride) {                                                                                  \
                bytes_##LANES bytes = *(bytes_##LANES *)((uint8_t *)steps->numbers + place);                      \
                numbers = __builtin_convertvector(bytes, numbers_##LANES) * steps->stride + steps->zero;          \
            } else {                                                                                              \
                numbers = *(numbers_##LANES *)((int32_t *)steps->numbers + place);                                \
            }                                                                                                     \
            own += numbers * weights;                                                                             \
        }                                                                                                         \
        *(numbers_##LANES *)(sums + channel) = own;                                                               \
    }
ADD_LANES(add_sixteen, 16)
ADD_LANES(add_eight, 8)
ADD_LANES(add_one, 1)

/// Each channel by itself.
CLONES void ck_depthwise_rows(const void *context, int part, int64_t begin, int64_t end) {
    summing *s = (summing *)context;
    const ck_integer_product *p = s->product;
    const ck_window *w = &p->window;
    int64_t channels = w->channels, width = w->out_width * channels;
    int32_t highest = 0, lowest = 0;
    taps inside;
    for (int64_t line = begin; line < end; line++) {
        int32_t *row = s->sums + line * width;
        memset(row, 0, sizeof(int32_t) * (size_t)width);
        for (int64_t first = 0; first < taps_of(w); first += TAPS) {
            // The column whose taps are known, all columns of the kernel inside.
            int64_t known = -1;
            for (int64_t column = 0; column < w->out_width; column++) {
                int64_t left = column * w->stride - w->left, right = left + (w->kernel_width - 1) * p->dilation;
                int is_whole = left >= 0 && right < w->in_width && !p->steps_over;
                if (!is_whole || known < 0) {
                    find_taps(s, line / w->out_height, line % w->out_height, column, first, &inside);
                    known = is_whole ? column : -1;
                }
                int64_t moved = is_whole ? (column - known) * w->stride * channels : 0, c = 0;
                int32_t *sums = row + column * channels;
                for (; c <= channels - 16; c += 16) add_sixteen(s->input, &inside, moved, c, sums);
                for (; c <= channels - 8; c += 8) add_eight(s->input, &inside, moved, c, sums);
                for (; c < channels; c++) add_one(s->input, &inside, moved, c, sums);
            }
        }
        VECTOR for (int64_t i = 0; i < width; i++) highest = row[i] > highest ? row[i] : highest;
        VECTOR for (int64_t i = 0; i < width; i++) lowest = row[i] < lowest ? row[i] : lowest;
    }
    s->peaks[part] = highest > magnitude(lowest) ? highest : magnitude(lowest);
}
