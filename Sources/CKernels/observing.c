#include "observing.h"

#include "clones.h"

#include <math.h>

enum { BLOCK = 1024 };

CLONES ck_range ck_observe(const float *values, int64_t count, float low, float high) {
    ck_range range = {.minimum = INFINITY, .maximum = -INFINITY};
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = begin + BLOCK < count ? begin + BLOCK : count;
        float sum = 0.0f, squares = 0.0f, least = range.minimum, most = range.maximum;
        int32_t outside = 0, odd = 0;
        for (int64_t i = begin; i < end; i++) {
            float value = values[i];
            int is_finite = value - value == 0.0f;
            odd += !is_finite;
            value = is_finite ? value : 0.0f;
            sum += value;
            squares += value * value;
            outside += is_finite && (value < low || value > high);
            least = is_finite && value < least ? value : least;
            most = is_finite && value > most ? value : most;
        }
        range.sum += sum;
        range.squares += squares;
        range.outside += outside;
        range.not_finite += odd;
        range.minimum = least;
        range.maximum = most;
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
        int64_t end = begin + BLOCK < count ? begin + BLOCK : count;
        float squares = 0.0f, differences = 0.0f;
        for (int64_t i = begin; i < end; i++) {
            float value = values[i] * scale, apart = value - quantized[i];
            squares += value * value;
            differences += apart * apart;
        }
        *signal += squares;
        *noise += differences;
    }
}

CLONES ck_match ck_compare(const float *values, const float *others, int64_t count) {
    ck_match match = {0};
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = begin + BLOCK < count ? begin + BLOCK : count;
        float squares = 0.0f, other_squares = 0.0f, products = 0.0f;
        int32_t different = 0;
        for (int64_t i = begin; i < end; i++) {
            squares += values[i] * values[i];
            other_squares += others[i] * others[i];
            products += values[i] * others[i];
            different += values[i] != others[i];
        }
        match.squares += squares;
        match.other_squares += other_squares;
        match.products += products;
        match.different += different;
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
