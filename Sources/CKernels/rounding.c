#include "rounding.h"

#include "clones.h"

#include <math.h>
#include <string.h>

CLONES void ck_gram(const float *values, int64_t rows, int64_t columns, double *gram) {
    for (int64_t row = 0; row < rows; row++) {
        const float *line = values + row * columns;
        for (int64_t i = 0; i < columns; i++) {
            double one = line[i];
            if (one == 0.0) continue;
            double *target = gram + i * columns;
            for (int64_t j = i; j < columns; j++) target[j] += one * (double)line[j];
        }
    }
}

/// The lower factor L of a matrix whose upper triangle counts: matrix = L L'. Its rows take the place of the upper
/// triangle's columns, in `lower`.
CLONES static int factorize(const double *matrix, double *lower, int64_t size) {
    for (int64_t i = 0; i < size; i++) {
        double *line = lower + i * size;
        for (int64_t j = 0; j <= i; j++) {
            const double *other = lower + j * size;
            double sum = matrix[j * size + i];
            double taken = 0.0;
            for (int64_t k = 0; k < j; k++) taken += line[k] * other[k];
            sum -= taken;
            if (i == j) {
                if (!(sum > 0.0)) return 1;
                line[i] = sqrt(sum);
            } else {
                line[j] = sum / other[j];
            }
        }
    }
    return 0;
}

CLONES int ck_inverse_factor(double *matrix, double *room, int64_t size) {
    // With the order turned round, the lower factor's inverse, turned back, is the factor that is looked for.
    for (int64_t i = 0; i < size; i++) {
        for (int64_t j = i; j < size; j++) {
            room[(size - 1 - j) * size + (size - 1 - i)] = matrix[i * size + j];
        }
    }
    memcpy(matrix, room, (size_t)(size * size) * sizeof(double));
    if (factorize(matrix, room, size)) return 1;
    // The inverse of a lower triangle, row by row: each row from those above it.
    memset(matrix, 0, (size_t)(size * size) * sizeof(double));
    for (int64_t i = 0; i < size; i++) {
        const double *line = room + i * size;
        double *target = matrix + i * size;
        for (int64_t k = 0; k < i; k++) {
            double share = line[k];
            if (share == 0.0) continue;
            const double *above = matrix + k * size;
            for (int64_t j = 0; j <= k; j++) target[j] -= share * above[j];
        }
        double own = 1.0 / line[i];
        for (int64_t j = 0; j < i; j++) target[j] *= own;
        target[i] = own;
    }
    for (int64_t i = 0; i < size; i++) {
        for (int64_t j = 0; j < size; j++) {
            room[i * size + j] = j >= i ? matrix[(size - 1 - i) * size + (size - 1 - j)] : 0.0;
        }
    }
    memcpy(matrix, room, (size_t)(size * size) * sizeof(double));
    return 0;
}

CLONES void ck_round_row(
    double *weights, const double *factor, int64_t size, double step, double zero, int last, int32_t *codes) {
    for (int64_t i = 0; i < size; i++) {
        const double *line = factor + i * size;
        double code = floor(weights[i] / step + zero + 0.5);
        code = code < 0.0 ? 0.0 : code > last ? last : code;
        codes[i] = (int32_t)code;
        double error = (weights[i] - (code - zero) * step) / line[i];
        for (int64_t j = i + 1; j < size; j++) weights[j] -= error * line[j];
    }
}
