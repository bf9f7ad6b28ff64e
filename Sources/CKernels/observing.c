#include "observing.h"

#include "clones.h"

#include <math.h>

enum { BLOCK = 1024, LANES = 16 };

/// What sixteen lanes have seen of a block.
typedef struct {
    float sum[LANES], squares[LANES], least[LANES], most[LANES];
    int32_t outside[LANES], odd[LANES];
} lanes;

INLINE void see(lanes *seen, int lane, float value, float low, float high) {
    int is_finite = value - value == 0.0f;
    float counted = is_finite ? value : 0.0f;
    seen->odd[lane] += !is_finite;
    seen->sum[lane] += counted;
    seen->squares[lane] += counted * counted;
    seen->outside[lane] += is_finite && (value < low || value > high);
    seen->least[lane] = is_finite && value < seen->least[lane] ? value : seen->least[lane];
    seen->most[lane] = is_finite && value > seen->most[lane] ? value : seen->most[lane];
}

CLONES ck_range ck_observe(const float *values, int64_t count, float low, float high) {
    ck_range range = {.minimum = INFINITY, .maximum = -INFINITY};
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = begin + BLOCK < count ? begin + BLOCK : count, i = begin;
        lanes seen = {.sum = {0.0f}};
        for (int lane = 0; lane < LANES; lane++) {
            seen.least[lane] = INFINITY;
            seen.most[lane] = -INFINITY;
        }
        for (; i + LANES <= end; i += LANES)
            for (int lane = 0; lane < LANES; lane++) see(&seen, lane, values[i + lane], low, high);
        for (; i < end; i++) see(&seen, 0, values[i], low, high);
        for (int lane = 0; lane < LANES; lane++) {
            range.sum += seen.sum[lane];
            range.squares += seen.squares[lane];
            range.outside += seen.outside[lane];
            range.not_finite += seen.odd[lane];
            range.minimum = seen.least[lane] < range.minimum ? seen.least[lane] : range.minimum;
            range.maximum = seen.most[lane] > range.maximum ? seen.most[lane] : range.maximum;
        }
    }
    return range;
}

void ck_histogram(const float *values, int64_t count, float low, float high, int64_t bins, uint32_t *counts) {
    float scale = high > low ? (float)bins / (high - low) : 0.0f;
    // A range of next to nothing has one bin.
    if (!isfinite(scale)) scale = 0.0f;
    for (int64_t i = 0; i < count; i++) {
        if (!(values[i] >= low && values[i] <= high)) continue;
        int64_t bin = (int64_t)((values[i] - low) * scale);
        counts[bin < bins ? bin : bins - 1]++;
    }
}

CLONES void ck_noise(
    const float *values, const float *quantized, float scale, int64_t count, double *signal, double *noise) {
    *signal = *noise = 0.0;
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = begin + BLOCK < count ? begin + BLOCK : count, i = begin;
        float squares[LANES] = {0.0f}, differences[LANES] = {0.0f};
        for (; i + LANES <= end; i += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                float value = values[i + lane] * scale, apart = value - quantized[i + lane];
                squares[lane] += value * value;
                differences[lane] += apart * apart;
            }
        for (; i < end; i++) {
            float value = values[i] * scale, apart = value - quantized[i];
            squares[0] += value * value;
            differences[0] += apart * apart;
        }
        for (int lane = 0; lane < LANES; lane++) {
            *signal += squares[lane];
            *noise += differences[lane];
        }
    }
}

CLONES ck_match ck_compare(const float *values, const float *others, int64_t count) {
    ck_match match = {0};
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = begin + BLOCK < count ? begin + BLOCK : count, i = begin;
        float squares[LANES] = {0.0f}, other_squares[LANES] = {0.0f}, products[LANES] = {0.0f};
        int32_t different[LANES] = {0};
        for (; i + LANES <= end; i += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                float value = values[i + lane], other = others[i + lane];
                squares[lane] += value * value;
                other_squares[lane] += other * other;
                products[lane] += value * other;
                different[lane] += value != other;
            }
        for (; i < end; i++) {
            squares[0] += values[i] * values[i];
            other_squares[0] += others[i] * others[i];
            products[0] += values[i] * others[i];
            different[0] += values[i] != others[i];
        }
        for (int lane = 0; lane < LANES; lane++) {
            match.squares += squares[lane];
            match.other_squares += other_squares[lane];
            match.products += products[lane];
            match.different += different[lane];
        }
    }
    return match;
}

void ck_count_levels(
    const float *values, int64_t count, float lowest, float step, int64_t levels, int64_t *counts) {
    float scale = 1.0f / step;
    for (int64_t i = 0; i < count; i++) {
        float place = (values[i] - lowest) * scale + 0.5f;
        if (!(place >= 0.0f && place < (float)levels)) continue;
        counts[(int64_t)place]++;
    }
}

void ck_count_codes(const int8_t *codes, int64_t count, int64_t *counts) {
    for (int64_t i = 0; i < count; i++) counts[codes[i] + 128]++;
}

/// The extremes of runs of `period` values, place by place.
INLINE void extremes(const float *values, int64_t begin, int64_t end, int64_t period, float *least, float *most) {
    for (int64_t i = begin; i + period <= end; i += period)
        VECTOR for (int64_t lane = 0; lane < period; lane++) {
            float value = values[i + lane];
            int is_finite = value - value == 0.0f;
            least[lane] = is_finite && value < least[lane] ? value : least[lane];
            most[lane] = is_finite && value > most[lane] ? value : most[lane];
        }
}

CLONES void ck_channel_ranges(
    const float *values, int64_t rows, int64_t channels, float *restrict least, float *restrict most) {
    if (channels >= LANES) {
        extremes(values, 0, rows * channels, channels, least, most);
        return;
    }
    // Few channels side by side until they fill a vector; the rows that are left are taken one by one.
    float low[2 * LANES], high[2 * LANES];
    int64_t repeats = (LANES + channels - 1) / channels, period = repeats * channels;
    int64_t whole = rows / repeats * period;
    for (int64_t lane = 0; lane < period; lane++) {
        low[lane] = least[lane % channels];
        high[lane] = most[lane % channels];
    }
    extremes(values, 0, whole, period, low, high);
    for (int64_t lane = 0; lane < period; lane++) {
        int64_t channel = lane % channels;
        least[channel] = low[lane] < least[channel] ? low[lane] : least[channel];
        most[channel] = high[lane] > most[channel] ? high[lane] : most[channel];
    }
    extremes(values, whole, rows * channels, channels, least, most);
}

void ck_row_histograms(
    const float *values, int64_t rows, int64_t columns, const float *reaches, const int32_t *groups, int64_t bins,
    uint32_t *counts) {
    for (int64_t row = 0; row < rows; row++) {
        float scale = reaches[row] > 0.0f ? 0.5f * (float)bins / reaches[row] : 0.0f;
        uint32_t *own = counts + groups[row] * bins;
        for (int64_t i = row * columns; i < (row + 1) * columns; i++) {
            float place = values[i] * scale + 0.5f * (float)bins;
            if (!(place >= 0.0f)) continue;
            int64_t bin = (int64_t)place;
            own[bin < bins ? bin : bins - 1]++;
        }
    }
}

CLONES int64_t ck_count_different(const int8_t *codes, const int8_t *others, int64_t count) {
    int64_t different = 0;
    for (int64_t i = 0; i < count; i++) different += codes[i] != others[i];
    return different;
}

CLONES void ck_scale_rows(const float *values, const float *factors, int64_t rows, int64_t columns, float *scaled) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = row * columns; i < (row + 1) * columns; i++) scaled[i] = values[i] * factors[row];
}
