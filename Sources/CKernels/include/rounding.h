#pragma once

#include <stdint.h>

/// Adds the products of all pairs of columns of `rows` x `columns` values to the upper triangle of `gram`, row-major.
void ck_gram(const float *values, int64_t rows, int64_t columns, double *gram);

/// Turns a symmetric positive matrix, whose upper triangle counts, into the upper triangle U with inverse(matrix) = U' U.
/// `room` has as many numbers as the matrix. Returns 0, or 1 where the matrix is not positive.
int ck_inverse_factor(double *matrix, double *room, int64_t size);

/// Rounds a row of weights to whole codes 0 ... `last`, one after the other, and takes the error of each out of those
/// that come after it: what `factor`, from `ck_inverse_factor` of what they multiply, says of how they can make it good
/// (Frantar et al. 2022). A code c stands for (c - zero) x step. `weights` are used up.
void ck_round_row(
    double *weights, const double *factor, int64_t size, double step, double zero, int last, int32_t *codes);
