// Weights between the order of files and that of the products in `taps.c`.
#include "taps.h"

#include "clones.h"
#include "pool.h"

typedef struct {
    const void *from;
    int64_t out_channels, in_channels, taps;
    int has_input_vectors, is_bfloat;
    void *to;
    int is_turned;
    /// Vectors of a panel.
    int64_t together;
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

/// Where vector `vector` of so many has its weights for row `row` of so many. A row is a unit of a tap.
INLINE int64_t panel_place(const moving *m, int64_t vector, int64_t vectors, int64_t row, int64_t rows) {
    int64_t first = vector / m->together * m->together;
    int64_t wide = vectors - first < m->together ? vectors - first : m->together;
    return (first * rows + row * wide + vector - first) * CK_TAP_LANES;
}

/// Rows of panels that follow each other: written together, for those of the next tap lie far away.
enum { ROWS_A_BLOCK = 8 };

/// The vector of a tap for one output channel, or a pair of them as bfloats.
INLINE void pack_row(const moving *m, const float *from, int64_t place) {
    int64_t taps = m->taps, row = m->in_channels * taps;
    if (m->is_bfloat) {
        float low[CK_TAP_LANES], high[CK_TAP_LANES];
        for (int lane = 0; lane < CK_TAP_LANES; lane++) {
            low[lane] = from[lane * taps];
            high[lane] = from[row + lane * taps];
        }
        uint32_t *to = (uint32_t *)m->to + place;
        for (int lane = 0; lane < CK_TAP_LANES; lane++) to[lane] = bfloat(low[lane]) | bfloat(high[lane]) << 16;
    } else {
        float *to = (float *)m->to + place;
        VECTOR for (int lane = 0; lane < CK_TAP_LANES; lane++) to[lane] = from[lane * taps];
    }
}

/// Input channels are the vectors: by blocks of output channels, or pairs of them.
CLONES static void pack_inputs_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t taps = m->taps, vectors = m->in_channels / CK_TAP_LANES, row = m->in_channels * taps;
    int64_t together = m->is_bfloat ? 2 : 1, units = m->out_channels / together;
    for (int64_t block = begin; block < end; block++) {
        int64_t first = block * ROWS_A_BLOCK, last = first + ROWS_A_BLOCK < units ? first + ROWS_A_BLOCK : units;
        for (int64_t vector = 0; vector < vectors; vector++)
            for (int64_t tap = 0; tap < taps; tap++)
                for (int64_t index = first; index < last; index++) {
                    int64_t place = panel_place(m, vector, vectors, tap * units + index, taps * units);
                    const float *from = (const float *)m->from + index * together * row;
                    pack_row(m, from + vector * CK_TAP_LANES * taps + tap, place);
                }
    }
}

/// Output channels are the vectors: by runs of them.
CLONES static void pack_outputs_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, taps = m->taps, row = in * taps, vectors = m->out_channels / CK_TAP_LANES;
    int64_t units = m->is_bfloat ? in / 2 : in;
    for (int64_t run = begin; run < end; run++)
        for (int64_t unit = 0; unit < units; unit++)
            for (int64_t tap = 0; tap < taps; tap++) {
                int64_t to_first = panel_place(m, run, vectors, tap * units + unit, taps * units);
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

/// The tap's place, in a turned window where that is asked for.
INLINE int64_t tap_place(const moving *m, int64_t tap) { return m->is_turned ? m->taps - 1 - tap : tap; }

/// Bytes, four input channels a unit: by runs of output channels.
static void pack_bytes_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, taps = m->taps, vectors = m->out_channels / CK_TAP_LANES;
    for (int64_t run = begin; run < end; run++)
        for (int64_t unit = 0; unit < in / 4; unit++)
            for (int64_t tap = 0; tap < taps; tap++) {
                const int8_t *from = (const int8_t *)m->from + run * CK_TAP_LANES * in * taps + 4 * unit * taps + tap;
                int64_t place = panel_place(m, run, vectors, tap_place(m, tap) * (in / 4) + unit, taps * (in / 4));
                int8_t *to = (int8_t *)m->to + 4 * place;
                for (int lane = 0; lane < CK_TAP_LANES; lane++)
                    for (int byte = 0; byte < 4; byte++) to[4 * lane + byte] = from[lane * in * taps + byte * taps];
            }
}

/// Bytes widened to words, two input channels a unit, of which the last may lack one: by runs of output channels.
static void pack_words_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const moving *m = context;
    int64_t in = m->in_channels, units = (in + 1) / 2, taps = m->taps, vectors = m->out_channels / CK_TAP_LANES;
    for (int64_t run = begin; run < end; run++)
        for (int64_t unit = 0; unit < units; unit++)
            for (int64_t tap = 0; tap < taps; tap++) {
                const int8_t *from = (const int8_t *)m->from + run * CK_TAP_LANES * in * taps + 2 * unit * taps + tap;
                int64_t place = panel_place(m, run, vectors, tap_place(m, tap) * units + unit, taps * units);
                int16_t *to = (int16_t *)m->to + 2 * place;
                for (int lane = 0; lane < CK_TAP_LANES; lane++)
                    for (int word = 0; word < 2; word++)
                        to[2 * lane + word] = 2 * unit + word < in ? from[lane * in * taps + word * taps] : 0;
            }
}

void ck_tap_weights_packed(
    const void *plain, int64_t out_channels, int64_t in_channels, int64_t taps, int is_backward, int kind,
    int64_t together, void *packed) {
    int is_bfloat = kind == CK_TAP_BFLOATS;
    moving m = {plain, out_channels, in_channels, taps, is_backward, is_bfloat, packed, is_backward, together};
    if (kind == CK_TAP_BYTES)
        move(&m, out_channels / CK_TAP_LANES, pack_bytes_part);
    else if (kind == CK_TAP_WORDS || kind == CK_TAP_SIGNED_WORDS)
        move(&m, out_channels / CK_TAP_LANES, pack_words_part);
    else if (is_backward)
        move(
            &m, ((is_bfloat ? out_channels / 2 : out_channels) + ROWS_A_BLOCK - 1) / ROWS_A_BLOCK, pack_inputs_part);
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
    moving m = {sums, out_channels, in_channels, taps, has_input_vectors, 0, plain, 0, 1};
    move(&m, has_input_vectors ? out_channels : in_channels, plain_part);
}
