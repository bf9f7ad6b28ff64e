// Sums of long runs: floats in lanes within a block, doubles between blocks.
#pragma once

#include "clones.h"

#include <stdint.h>

/// The sum of values - centre over begin ..< end, or of its square.
INLINE double summed(const float *values, int64_t begin, int64_t end, float centre, int is_squared) {
    double sum = 0.0;
    for (int64_t block = begin; block < end; block += 1024) {
        int64_t stop = block + 1024 < end ? block + 1024 : end;
        float lanes[16] = {0.0f};
        int64_t i = block;
        for (; i + 16 <= stop; i += 16)
            for (int lane = 0; lane < 16; lane++) {
                float apart = values[i + lane] - centre;
                lanes[lane] += is_squared ? apart * apart : apart;
            }
        for (; i < stop; i++) {
            float apart = values[i] - centre;
            lanes[0] += is_squared ? apart * apart : apart;
        }
        for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
    }
    return sum;
}

/// The sum of the parts' sums, in their order.
INLINE double total(const double *partials, int parts) {
    double sum = 0.0;
    for (int part = 0; part < parts; part++) sum += partials[part];
    return sum;
}
