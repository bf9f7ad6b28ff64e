#include "scaling.h"

#include "clones.h"

#include <string.h>

typedef int32_t four __attribute__((vector_size(16)));
typedef uint8_t four_bytes __attribute__((vector_size(4)));

/// The channels of a pixel, three or four, and whatever follows three where the picture goes on.
INLINE four pixel_values(const uint8_t *pixel, const uint8_t *end) {
    four_bytes bytes = {0};
    if (pixel + 4 <= end) {
        memcpy(&bytes, pixel, 4);
    } else {
        memcpy(&bytes, pixel, 3);
    }
    return __builtin_convertvector(bytes, four);
}

/// A row of pixels of three or four channels.
INLINE void colour_line(
    const uint8_t *row, const uint8_t *end, int64_t channels, const ck_scaling_taps *taps, int32_t *line
) {
    const int32_t *weight = taps->weights;
    for (int64_t place = 0; place < taps->length; place++) {
        const uint8_t *pixel = row + channels * taps->firsts[place];
        four sum = {1 << 7, 1 << 7, 1 << 7, 1 << 7};
        for (int32_t tap = 0; tap < taps->counts[place]; tap++, pixel += channels) {
            sum += pixel_values(pixel, end) * *weight++;
        }
        sum >>= 8;
        memcpy(line + channels * place, &sum, (size_t)channels * sizeof(int32_t));
    }
}

/// A row of any number of channels.
INLINE void plain_line(const uint8_t *row, int64_t channels, const ck_scaling_taps *taps, int32_t *line) {
    const int32_t *weights = taps->weights;
    for (int64_t place = 0; place < taps->length; place++) {
        for (int64_t channel = 0; channel < channels; channel++) {
            const uint8_t *pixel = row + channels * taps->firsts[place] + channel;
            int32_t sum = 1 << 7;
            for (int32_t tap = 0; tap < taps->counts[place]; tap++) sum += pixel[channels * tap] * weights[tap];
            line[channels * place + channel] = sum >> 8;
        }
        weights += taps->counts[place];
    }
}

/// A row of the result, from `count` kept lines of `width` numbers, the first of them line number `first`.
INLINE void mix_lines(
    const int32_t *lines, int64_t kept, int64_t width, int64_t first, const int32_t *weights, int32_t count, uint8_t *output
) {
    enum { block = 64 };
    for (int64_t start = 0; start < width; start += block) {
        int64_t length = width - start < block ? width - start : block;
        int32_t sums[block];
        VECTOR
        for (int64_t place = 0; place < block; place++) sums[place] = 1 << 21;
        for (int32_t tap = 0; tap < count; tap++) {
            const int32_t *line = lines + (first + tap) % kept * width + start;
            int32_t weight = weights[tap];
            VECTOR
            for (int64_t place = 0; place < length; place++) sums[place] += line[place] * weight;
        }
        VECTOR
        for (int64_t place = 0; place < length; place++) output[start + place] = (uint8_t)(sums[place] >> 22);
    }
}

CLONES void ck_scale_picture(
    const uint8_t *input, int64_t height, int64_t width, int64_t channels, const ck_scaling_taps *rows,
    const ck_scaling_taps *columns, int32_t *lines, uint8_t *output
) {
    int64_t numbers = columns->length * channels;
    int64_t stride = width * channels;
    const uint8_t *end = input + height * stride;
    const int32_t *weights = rows->weights;
    int64_t next = 0;
    for (int64_t row = 0; row < rows->length; row++) {
        int64_t first = rows->firsts[row];
        if (next < first) next = first;
        for (; next < first + rows->counts[row]; next++) {
            int32_t *line = lines + next % rows->most * numbers;
            if (channels == 3) {
                colour_line(input + next * stride, end, 3, columns, line);
            } else if (channels == 4) {
                colour_line(input + next * stride, end, 4, columns, line);
            } else {
                plain_line(input + next * stride, channels, columns, line);
            }
        }
        mix_lines(lines, rows->most, numbers, first, weights, rows->counts[row], output + row * numbers);
        weights += rows->counts[row];
    }
}
