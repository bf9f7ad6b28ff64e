#include "integer.h"

#include "pool.h"
#include "steps.h"

#include <math.h>

void ck_steps_read(const ck_steps *steps, int64_t begin, int64_t count, int32_t *numbers) {
    read_steps(steps, begin, count, numbers);
}

void ck_steps_write(const ck_steps *steps, int64_t begin, int64_t count, const int32_t *numbers) {
    write_steps(steps, begin, count, numbers);
}

typedef struct {
    const ck_steps *steps;
    const float *values;
    double levels, bound;
    int64_t moved[CK_PARTS], outside[CK_PARTS];
} loading;

/// The nearest steps, and how many values were moved.
INLINE int64_t round_chunk(const float *values, double levels, double bound, int64_t count, int32_t *numbers) {
    int64_t moved = 0;
    VECTOR for (int64_t i = 0; i < count; i++) {
        double value = (double)values[i] * levels, whole = rint(value);
        double held = whole > 0x1p31 - 1 ? 0x1p31 - 1 : whole < 1 - 0x1p31 ? 1 - 0x1p31 : whole == whole ? whole : 0.0;
        double step = held > bound ? bound : held < -bound ? -bound : held;
        moved += !(fabs(value - whole) <= 1e-3) || held != whole;
        moved += step != held;
        numbers[i] = (int32_t)step;
    }
    return moved;
}

CLONES static void load_part(const void *context, int part, int64_t begin, int64_t end) {
    loading *l = (loading *)context;
    int32_t numbers[CHUNK], zero = l->steps->zero, stride = l->steps->stride;
    for (int64_t at = begin, size; at < end; at += size) {
        size = smaller(CHUNK, end - at);
        l->moved[part] += round_chunk(l->values + at, l->levels, l->bound, size, numbers);
        int32_t outside = 0;
        if (stride == 1)
            VECTOR for (int64_t i = 0; i < size; i++) outside |= (uint32_t)numbers[i] - (uint32_t)zero > 255;
        else if (stride)
            for (int64_t i = 0; i < size; i++) {
                int64_t above = (int64_t)numbers[i] - zero;
                outside |= above < 0 || above > 255 * (int64_t)stride || above % stride != 0;
            }
        l->outside[part] |= outside;
        if (!outside) write_steps(l->steps, at, size, numbers);
    }
}

int64_t ck_steps_load(const ck_steps *steps, const float *values, double levels, int64_t bound, int64_t count) {
    loading l = {.steps = steps, .values = values, .levels = levels, .bound = (double)bound};
    ck_parallel(count, 1, load_part, &l);
    int64_t moved = 0, outside = 0;
    for (int part = 0; part < CK_PARTS; part++) {
        moved += l.moved[part];
        outside |= l.outside[part];
    }
    return outside ? -1 : moved;
}

typedef struct {
    const ck_steps *steps;
    double levels;
    float *values;
} valuing;

CLONES static void values_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const valuing *v = context;
    int32_t numbers[CHUNK];
    double levels = v->levels;
    for (int64_t at = begin, size; at < end; at += size) {
        size = smaller(CHUNK, end - at);
        read_steps(v->steps, at, size, numbers);
        float *values = v->values + at;
        VECTOR for (int64_t i = 0; i < size; i++) values[i] = (float)((double)numbers[i] / levels);
    }
}

void ck_steps_values(const ck_steps *steps, double levels, int64_t count, float *values) {
    valuing v = {steps, levels, values};
    ck_parallel(count, 1, values_part, &v);
}

int32_t ck_integer_code(const ck_integer_finish *f, int32_t sum, int64_t channel, double *unrounded) {
    int64_t scaled = 0;
    int32_t code = finished(
        sum, f->multiplier[channel], f->offset[channel], f->lower_multiplier[channel], f->lower_offset[channel],
        f->shift[channel], f->above[channel], f->levels, f->grid, f->has_lower, &scaled);
    *unrounded = ldexp((double)scaled, -f->shift[channel]);
    return step_of(code, (int32_t)f->levels, f->grid);
}

typedef struct {
    const ck_integer_end *end;
    const int32_t *sums;
    const ck_steps *steps;
    const ck_integer_pair *pair;
    int64_t begin;
    int64_t peaks[CK_PARTS];
} ending;

static int64_t peak_of(const ending *e) {
    int64_t peak = 0;
    for (int part = 0; part < CK_PARTS; part++) peak = e->peaks[part] > peak ? e->peaks[part] : peak;
    return peak;
}

CLONES static void end_sums(const void *context, int part, int64_t begin, int64_t end) {
    ending *e = (ending *)context;
    int64_t peak = 0;
    for (int64_t at = begin, size; at < end; at += size) {
        size = chunk_at(e->end, e->begin + at, e->begin + end);
        end_chunk(e->end, e->sums + at, e->begin + at, size, &peak);
    }
    e->peaks[part] = peak;
}

int64_t ck_integer_end_sums(const ck_integer_end *end, const int32_t *sums, int64_t begin, int64_t count) {
    ending e = {.end = end, .sums = sums, .begin = begin};
    ck_parallel(count, end->period, end_sums, &e);
    return peak_of(&e);
}

CLONES static void end_steps(const void *context, int part, int64_t begin, int64_t end) {
    ending *e = (ending *)context;
    int64_t peak = 0;
    int32_t sums[CHUNK];
    for (int64_t at = begin, size; at < end; at += size) {
        size = chunk_at(e->end, at, end);
        read_steps(e->steps, at, size, sums);
        end_chunk(e->end, sums, at, size, &peak);
    }
    e->peaks[part] = peak;
}

int64_t ck_integer_end_steps(const ck_integer_end *end, const ck_steps *input, int64_t count) {
    ending e = {.end = end, .steps = input};
    ck_parallel(count, end->period, end_steps, &e);
    return peak_of(&e);
}

/// Reads the second operand beside elements of the first.
INLINE void read_beside(const ck_integer_pair *pair, int64_t begin, int64_t count, int32_t *numbers) {
    if (pair->pixels <= 1) {
        read_steps(&pair->second, begin, count, numbers);
        return;
    }
    for (int64_t done = 0, size; done < count; done += size) {
        int64_t row = (begin + done) / pair->channels, channel = (begin + done) % pair->channels;
        size = smaller(pair->channels - channel, count - done);
        read_steps(&pair->second, row / pair->pixels * pair->channels + channel, size, numbers + done);
    }
}

CLONES static void end_pairs(const void *context, int part, int64_t begin, int64_t end) {
    ending *e = (ending *)context;
    const ck_integer_pair *pair = e->pair;
    int32_t first_factor = pair->first_factor, second_factor = pair->second_factor;
    int64_t peak = 0;
    int32_t first[CHUNK], second[CHUNK];
    for (int64_t at = begin, size; at < end; at += size) {
        size = chunk_at(e->end, at, end);
        read_steps(&pair->first, at, size, first);
        read_beside(pair, at, size, second);
        if (pair->multiplies)
            VECTOR for (int64_t i = 0; i < size; i++) first[i] *= second[i];
        else
            VECTOR for (int64_t i = 0; i < size; i++) first[i] = first_factor * first[i] + second_factor * second[i];
        end_chunk(e->end, first, at, size, &peak);
    }
    e->peaks[part] = peak;
}

int64_t ck_integer_end_pair(const ck_integer_end *end, const ck_integer_pair *pair, int64_t count) {
    ending e = {.end = end, .pair = pair};
    ck_parallel(count, end->period, end_pairs, &e);
    return peak_of(&e);
}

typedef struct {
    const ck_steps *first, *second, *output;
} comparing;

CLONES static void maximum_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const comparing *c = context;
    int32_t first[CHUNK], second[CHUNK];
    for (int64_t at = begin, size; at < end; at += size) {
        size = smaller(CHUNK, end - at);
        read_steps(c->first, at, size, first);
        read_steps(c->second, at, size, second);
        VECTOR for (int64_t i = 0; i < size; i++) first[i] = first[i] > second[i] ? first[i] : second[i];
        write_steps(c->output, at, size, first);
    }
}

void ck_integer_maximum(const ck_steps *first, const ck_steps *second, const ck_steps *output, int64_t count) {
    comparing c = {first, second, output};
    ck_parallel(count, 1, maximum_part, &c);
}
