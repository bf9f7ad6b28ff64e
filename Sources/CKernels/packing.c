#include "packing.h"

#include "clones.h"
#include "epilogue.h"
#include "pool.h"

#include <math.h>
#include <string.h>

typedef struct {
    const float *source;
    uint8_t *bytes;
    float *target;
    int32_t *differences;
    int grid;
    float levels;
} packing;

/// The value of a byte, as the quantizer makes it.
INLINE float unpacked(uint8_t byte, int grid, float levels) {
    if (grid == CK_SIGNED_NPU) return (2.0f * (float)byte - levels) / levels;
    if (grid == CK_SIGNED_SIMD) return (float)(int8_t)byte / levels;
    return (float)byte / levels;
}

INLINE int32_t bits_of(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

INLINE void pack_values(const packing *p, int part, int64_t begin, int64_t end, int grid) {
    const float *source = p->source;
    uint8_t *bytes = p->bytes;
    float levels = p->levels;
    float scale = grid == CK_SIGNED_NPU ? levels * 0.5f : levels, shift = grid == CK_SIGNED_NPU ? scale : 0.0f;
    int32_t different = 0;
    VECTOR for (int64_t i = begin; i < end; i++) {
        // What lies outside the grid comes back as another value.
        float code = rintf(source[i] * scale + shift);
        code = code > 255.0f ? 255.0f : code > -128.0f ? code : -128.0f;
        uint8_t byte = (uint8_t)(int32_t)code;
        bytes[i] = byte;
        different |= bits_of(unpacked(byte, grid, levels)) ^ bits_of(source[i]);
    }
    p->differences[part] = different;
}

CLONES static void pack_part(const void *context, int part, int64_t begin, int64_t end) {
    const packing *p = context;
    switch (p->grid) {
    case CK_SIGNED_NPU: pack_values(p, part, begin, end, CK_SIGNED_NPU); break;
    case CK_SIGNED_SIMD: pack_values(p, part, begin, end, CK_SIGNED_SIMD); break;
    default: pack_values(p, part, begin, end, CK_UNSIGNED); break;
    }
}

int ck_pack(const float *values, int grid, float levels, int64_t count, uint8_t *bytes) {
    int32_t differences[CK_PARTS] = {0};
    packing p = {.source = values, .bytes = bytes, .differences = differences, .grid = grid, .levels = levels};
    int parts = ck_parallel(count, 1, pack_part, &p);
    for (int part = 0; part < parts; part++)
        if (differences[part]) return 0;
    return 1;
}

INLINE void unpack_values(const packing *p, int64_t begin, int64_t end, int grid) {
    const uint8_t *bytes = p->bytes;
    float *target = p->target;
    float levels = p->levels;
    VECTOR for (int64_t i = begin; i < end; i++) target[i] = unpacked(bytes[i], grid, levels);
}

CLONES static void unpack_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const packing *p = context;
    switch (p->grid) {
    case CK_SIGNED_NPU: unpack_values(p, begin, end, CK_SIGNED_NPU); break;
    case CK_SIGNED_SIMD: unpack_values(p, begin, end, CK_SIGNED_SIMD); break;
    default: unpack_values(p, begin, end, CK_UNSIGNED); break;
    }
}

void ck_unpack(const uint8_t *bytes, int grid, float levels, int64_t count, float *values) {
    packing p = {.bytes = (uint8_t *)bytes, .target = values, .grid = grid, .levels = levels};
    ck_parallel(count, 1, unpack_part, &p);
}
