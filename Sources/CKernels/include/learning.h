#pragma once

#include <stdint.h>

/// One step of stochastic gradient descent with momentum; `is_first` starts the velocity at the gradient.
void ck_sgd(
    float *values, const float *gradients, float *velocity, int64_t count, float rate, float momentum, float decay,
    int is_nesterov, int is_first, float gradient_scale);

/// One step of Adam; `decay` is added to the gradient, or with `is_decoupled` taken off the value (AdamW).
/// The corrections are 1 - beta^step.
void ck_adam(
    float *values, const float *gradients, float *mean, float *square, int64_t count, float rate, float beta1,
    float beta2, float epsilon, float decay, int is_decoupled, float correction1, float correction2,
    float gradient_scale);

/// target = keep target + share values.
void ck_blend(float *target, const float *values, int64_t count, float keep, float share);

/// The sum of squares. `partials` has room for CK_PARTS doubles.
double ck_square_sum(const float *values, int64_t count, double *partials);

/// How labels become targets: 1 - smoothing for the class of the label, and a share of the smoothing for every class.
/// A loss counts `weights` times, by sample; once where they are NULL.
typedef struct {
    const int32_t *labels;
    const float *weights;
    double smoothing;
} ck_labels;

/// Cross-entropy of softmax against labels, axes batch, classes: the sum of losses; gradients of their mean over the batch;
/// right answers.
double ck_cross_entropy(
    const float *scores, ck_labels labels, int64_t batch, int64_t classes, float *gradient, int64_t *right);

/// Losses of each class by itself against labels, one a line: its function; the loss of a score x where `target` is wanted;
/// and its derivative.
#define CK_EACH_CLASS_LOSS(LINE) \
    LINE(ck_binary_cross_entropy, (x > 0.0 ? x : 0.0) - x * target + log1p(exp(-fabs(x))), \
         1.0 / (1.0 + exp(-x)) - target) \
    LINE(ck_label_squared_error, (x - target) * (x - target), 2.0 * (x - target))

/// The sum over the batch of the mean over classes; gradients of its mean; right answers.
#define CK_CLASS_LOSS(name, value, derivative) \
    double name(const float *scores, ck_labels labels, int64_t batch, int64_t classes, float *gradient, int64_t *right);
CK_EACH_CLASS_LOSS(CK_CLASS_LOSS)
#undef CK_CLASS_LOSS

/// Squared error against targets as a share of the sum of their squares over the batch, times the samples of the batch;
/// gradients are of the share, and are added to those that are there where `adds` says so.
double ck_relative_squared_error(
    const float *values, const float *targets, int64_t batch, int64_t elements, int adds, float *gradient);

/// Cross-entropy of softmax against the softmax of a teacher, both divided by `temperature`; times its square.
double ck_distillation(
    const float *scores, const float *teacher, int64_t batch, int64_t classes, float temperature, float *gradient);
