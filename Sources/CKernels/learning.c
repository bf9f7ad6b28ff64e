#include "learning.h"

#include "clones.h"
#include "pool.h"
#include "sums.h"

#include <math.h>

typedef struct {
    float *values, *velocity, *square;
    const float *gradients;
    double *partials;
    float rate, momentum, beta2, epsilon, decay, correction1, correction2, scale;
    int is_nesterov, is_first, is_decoupled;
} descent;

CLONES static void sgd_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const descent *d = context;
    VECTOR for (int64_t i = begin; i < end; i++) {
        float gradient = d->gradients[i] * d->scale + d->decay * d->values[i];
        float velocity = d->is_first ? gradient : d->momentum * d->velocity[i] + gradient;
        d->velocity[i] = velocity;
        d->values[i] -= d->rate * (d->is_nesterov ? gradient + d->momentum * velocity : velocity);
    }
}

void ck_sgd(
    float *values, const float *gradients, float *velocity, int64_t count, float rate, float momentum, float decay,
    int is_nesterov, int is_first, float gradient_scale) {
    descent d = {
        .values = values, .gradients = gradients, .velocity = velocity, .rate = rate, .momentum = momentum,
        .decay = decay, .is_nesterov = is_nesterov, .is_first = is_first, .scale = gradient_scale};
    ck_parallel(count, 16, sgd_part, &d);
}

CLONES static void adam_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const descent *d = context;
    float root = sqrtf(d->correction2), step = d->rate / d->correction1;
    VECTOR for (int64_t i = begin; i < end; i++) {
        float value = d->values[i], gradient = d->gradients[i] * d->scale;
        if (d->is_decoupled)
            value -= d->rate * d->decay * value;
        else
            gradient += d->decay * value;
        float mean = d->momentum * d->velocity[i] + (1.0f - d->momentum) * gradient;
        float square = d->beta2 * d->square[i] + (1.0f - d->beta2) * gradient * gradient;
        d->velocity[i] = mean;
        d->square[i] = square;
        // sqrtf may set errno, which keeps a loop from being vectorized.
        d->values[i] = value - step * mean / (__builtin_elementwise_sqrt(square) / root + d->epsilon);
    }
}

void ck_adam(
    float *values, const float *gradients, float *mean, float *square, int64_t count, float rate, float beta1,
    float beta2, float epsilon, float decay, int is_decoupled, float correction1, float correction2,
    float gradient_scale) {
    descent d = {
        .values = values, .gradients = gradients, .velocity = mean, .square = square, .rate = rate, .momentum = beta1,
        .beta2 = beta2, .epsilon = epsilon, .decay = decay, .is_decoupled = is_decoupled, .correction1 = correction1,
        .correction2 = correction2, .scale = gradient_scale};
    ck_parallel(count, 16, adam_part, &d);
}

typedef struct {
    float *target;
    const float *values;
    float keep, share;
} blend;

CLONES static void blend_part(const void *context, int part, int64_t begin, int64_t end) {
    (void)part;
    const blend *b = context;
    VECTOR for (int64_t i = begin; i < end; i++) b->target[i] = b->keep * b->target[i] + b->share * b->values[i];
}

void ck_blend(float *target, const float *values, int64_t count, float keep, float share) {
    blend b = {.target = target, .values = values, .keep = keep, .share = share};
    ck_parallel(count, 16, blend_part, &b);
}

CLONES static void square_part(const void *context, int part, int64_t begin, int64_t end) {
    const descent *d = context;
    d->partials[part] = summed(d->gradients, begin, end, 0.0f, 1);
}

double ck_square_sum(const float *values, int64_t count, double *partials) {
    descent d = {.gradients = values, .partials = partials};
    return total(partials, ck_parallel(count, 16, square_part, &d));
}

static int64_t best(const float *scores, int64_t classes) {
    int64_t best = 0;
    for (int64_t i = 1; i < classes; i++)
        if (scores[i] > scores[best]) best = i;
    return best;
}

/// log of the sum of exponentials of scores / temperature.
static double log_sum(const float *scores, int64_t classes, double temperature) {
    double most = scores[best(scores, classes)] / temperature, sum = 0.0;
    for (int64_t i = 0; i < classes; i++) sum += exp(scores[i] / temperature - most);
    return most + log(sum);
}

static double target_of(const ck_labels *labels, int64_t row, int64_t class, int64_t classes) {
    return (class == labels->labels[row] ? 1.0 - labels->smoothing : 0.0) + labels->smoothing / (double)classes;
}

static double weight_of(const ck_labels *labels, int64_t row) { return labels->weights ? labels->weights[row] : 1.0; }

double ck_cross_entropy(
    const float *scores, ck_labels labels, int64_t batch, int64_t classes, float *gradient, int64_t *right) {
    double loss = 0.0;
    *right = 0;
    for (int64_t row = 0; row < batch; row++) {
        const float *score = scores + row * classes;
        double total = log_sum(score, classes, 1.0), weight = weight_of(&labels, row);
        *right += best(score, classes) == labels.labels[row];
        for (int64_t i = 0; i < classes; i++) {
            double target = target_of(&labels, row, i, classes);
            loss += weight * target * (total - score[i]);
            if (gradient)
                gradient[row * classes + i] = (float)(weight * (exp(score[i] - total) - target) / (double)batch);
        }
    }
    return loss;
}

#define CLASS_LOSS(name, value, derivative) \
    double name( \
        const float *scores, ck_labels labels, int64_t batch, int64_t classes, float *gradient, int64_t *right) { \
        double loss = 0.0; \
        *right = 0; \
        for (int64_t row = 0; row < batch; row++) { \
            const float *score = scores + row * classes; \
            double weight = weight_of(&labels, row); \
            *right += best(score, classes) == labels.labels[row]; \
            for (int64_t i = 0; i < classes; i++) { \
                double x = score[i], target = target_of(&labels, row, i, classes); \
                loss += weight * (value) / (double)classes; \
                if (gradient) \
                    gradient[row * classes + i] = (float)(weight * (derivative) / (double)(batch * classes)); \
            } \
        } \
        return loss; \
    }
CK_EACH_CLASS_LOSS(CLASS_LOSS)
#undef CLASS_LOSS

// Targets that are nothing throughout a batch count as if they had this mean square.
static const double LEAST_SIGNAL = 1e-6;

double ck_relative_squared_error(
    const float *values, const float *targets, int64_t batch, int64_t elements, int adds, float *gradient) {
    double signal = 0.0, noise = 0.0;
    int64_t count = batch * elements;
    for (int64_t i = 0; i < count; i++) signal += (double)targets[i] * targets[i];
    if (signal < LEAST_SIGNAL * (double)count) signal = LEAST_SIGNAL * (double)count;
    for (int64_t i = 0; i < count; i++) {
        double apart = values[i] - targets[i];
        noise += apart * apart;
        if (gradient) gradient[i] = (float)((adds ? gradient[i] : 0.0) + 2.0 * apart / signal);
    }
    return noise / signal * (double)batch;
}

double ck_distillation(
    const float *scores, const float *teacher, int64_t batch, int64_t classes, float temperature, float *gradient) {
    double loss = 0.0, heat = temperature;
    for (int64_t row = 0; row < batch; row++) {
        const float *score = scores + row * classes, *wanted = teacher + row * classes;
        double total = log_sum(score, classes, heat), wanted_total = log_sum(wanted, classes, heat);
        for (int64_t i = 0; i < classes; i++) {
            double target = exp(wanted[i] / heat - wanted_total);
            loss += heat * heat * target * (total - score[i] / heat);
            if (gradient)
                gradient[row * classes + i] =
                    (float)(heat * (exp(score[i] / heat - total) - target) / (double)batch);
        }
    }
    return loss;
}
