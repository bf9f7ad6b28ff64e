#pragma once

#include <stdint.h>

/// Keeps values on a grid of at most 8 bits as bytes. `grid` and `levels` as in ck_epilogue.
///
/// Returns 0 where the bytes do not give every value back to the bit; they are of no use then.
int ck_pack(const float *values, int grid, float levels, int64_t count, uint8_t *bytes);

/// Gives the values back.
void ck_unpack(const uint8_t *bytes, int grid, float levels, int64_t count, float *values);
