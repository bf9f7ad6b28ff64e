// The part of oneDNN's C interface that differs between 2.x and 3.x, behind functions that do not.
#pragma once

#include <dnnl.h>
#include <stdint.h>
#include <string.h>

/// The shape of a convolution: sizes in elements, dilation 1 for neighbouring taps, padding on each side.
typedef struct {
    int64_t batch, groups;
    int64_t in_channels, in_height, in_width;
    int64_t out_channels, out_height, out_width;
    int64_t kernel_height, kernel_width;
    int64_t stride, dilation;
    int64_t pad_top, pad_left, pad_bottom, pad_right;
} onednn_convolution;

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t onednn_owned_md;
typedef const_dnnl_memory_desc_t onednn_md;
#define ONEDNN_MD(owned) (owned)
#else
typedef dnnl_memory_desc_t onednn_owned_md;
typedef const dnnl_memory_desc_t *onednn_md;
#define ONEDNN_MD(owned) (&(owned))
#endif

static inline dnnl_status_t onednn_md_make(
    onednn_owned_md *md, int axes, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_tag(md, axes, dims, type, tag);
#else
    return dnnl_memory_desc_init_by_tag(md, axes, dims, type, tag);
#endif
}

static inline void onednn_md_free(onednn_owned_md *md) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_destroy(*md);
#else
    (void)md;
#endif
}

/// The three directions of a convolution.
typedef enum { onednn_forward, onednn_backward_data, onednn_backward_weights } onednn_direction;

/// The order of a convolution's activations: channels last, or the library's choice.
typedef enum { onednn_channels_last, onednn_own_layout } onednn_layout;

/// A convolution's primitive descriptor: weights in the library's choice, no bias.
///
/// Types are those of source, weights and destination, or of their gradients where the direction computes one.
/// `hint` is the descriptor of the forward direction, for the backward ones. The scratchpad is the caller's.
static inline dnnl_status_t onednn_convolution_make(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, onednn_direction direction, onednn_layout order,
    const onednn_convolution *shape, dnnl_data_type_t source, dnnl_data_type_t weights, dnnl_data_type_t destination, const_dnnl_primitive_desc_t hint) {
    const dnnl_dims_t source_dims = {shape->batch, shape->in_channels, shape->in_height, shape->in_width};
    const dnnl_dims_t destination_dims = {shape->batch, shape->out_channels, shape->out_height, shape->out_width};
    const dnnl_dims_t plain_dims = {
        shape->out_channels, shape->in_channels, shape->kernel_height, shape->kernel_width};
    const dnnl_dims_t grouped_dims = {
        shape->groups, shape->out_channels / shape->groups, shape->in_channels / shape->groups, shape->kernel_height,
        shape->kernel_width};
    const dnnl_dims_t strides = {shape->stride, shape->stride};
    const dnnl_dims_t dilates = {shape->dilation - 1, shape->dilation - 1};
    const dnnl_dims_t before = {shape->pad_top, shape->pad_left};
    const dnnl_dims_t after = {shape->pad_bottom, shape->pad_right};
    int is_grouped = shape->groups > 1;
    dnnl_alg_kind_t kind = dnnl_convolution_direct;
    dnnl_format_tag_t layout = order == onednn_channels_last ? dnnl_nhwc : dnnl_format_tag_any;
    onednn_owned_md source_md, weights_md, destination_md;
    dnnl_status_t status = onednn_md_make(&source_md, 4, source_dims, source, layout);
    if (status != dnnl_success) return status;
    status = onednn_md_make(
        &weights_md, is_grouped ? 5 : 4, is_grouped ? grouped_dims : plain_dims, weights, dnnl_format_tag_any);
    if (status != dnnl_success) return status;
    status = onednn_md_make(&destination_md, 4, destination_dims, destination, layout);
    if (status != dnnl_success) return status;
    dnnl_primitive_attr_t attributes;
    status = dnnl_primitive_attr_create(&attributes);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        switch (direction) {
        case onednn_forward:
            status = dnnl_convolution_forward_primitive_desc_create(
                made, engine, dnnl_forward_training, kind, source_md, weights_md, NULL,
                destination_md, strides, dilates, before, after, attributes);
            break;
        case onednn_backward_data:
            status = dnnl_convolution_backward_data_primitive_desc_create(
                made, engine, kind, source_md, weights_md, destination_md, strides, dilates, before,
                after, hint, attributes);
            break;
        case onednn_backward_weights:
            status = dnnl_convolution_backward_weights_primitive_desc_create(
                made, engine, kind, source_md, weights_md, NULL, destination_md, strides, dilates,
                before, after, hint, attributes);
            break;
        }
#else
        dnnl_convolution_desc_t description;
        switch (direction) {
        case onednn_forward:
            status = dnnl_dilated_convolution_forward_desc_init(
                &description, dnnl_forward_training, kind, &source_md, &weights_md, NULL,
                &destination_md, strides, dilates, before, after);
            break;
        case onednn_backward_data:
            status = dnnl_dilated_convolution_backward_data_desc_init(
                &description, kind, &source_md, &weights_md, &destination_md, strides, dilates,
                before, after);
            break;
        case onednn_backward_weights:
            status = dnnl_dilated_convolution_backward_weights_desc_init(
                &description, kind, &source_md, &weights_md, NULL, &destination_md, strides,
                dilates, before, after);
            break;
        }
        if (status == dnnl_success)
            status = dnnl_primitive_desc_create(made, &description, attributes, engine, hint);
#endif
    }
    dnnl_primitive_attr_destroy(attributes);
    onednn_md_free(&source_md);
    onednn_md_free(&weights_md);
    onednn_md_free(&destination_md);
    return status;
}

/// The bytes that one of a primitive's tensors takes.
static inline int64_t onednn_size(const_dnnl_primitive_desc_t primitive, dnnl_query_t tensor) {
    onednn_md md = dnnl_primitive_desc_query_md(primitive, tensor, 0);
    return md ? (int64_t)dnnl_memory_desc_get_size(md) : 0;
}

/// A view of memory in the form that a primitive wants for one of its tensors.
static inline dnnl_status_t onednn_view(
    dnnl_memory_t *made, const_dnnl_primitive_desc_t primitive, dnnl_query_t tensor, dnnl_engine_t engine,
    void *bytes) {
    return dnnl_memory_create(made, dnnl_primitive_desc_query_md(primitive, tensor, 0), engine, bytes);
}

/// A reorder between a plain tensor at `bytes` and a primitive's own form.
static inline dnnl_status_t onednn_between(
    dnnl_primitive_t *made, dnnl_memory_t *plain, dnnl_engine_t engine, onednn_md plain_md, onednn_md own,
    int is_from_plain, void *bytes) {
    dnnl_primitive_desc_t reorder;
    dnnl_status_t status = is_from_plain
        ? dnnl_reorder_primitive_desc_create(&reorder, plain_md, engine, own, engine, NULL)
        : dnnl_reorder_primitive_desc_create(&reorder, own, engine, plain_md, engine, NULL);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_create(made, reorder);
    dnnl_primitive_desc_destroy(reorder);
    if (status == dnnl_success) status = dnnl_memory_create(plain, plain_md, engine, bytes);
    return status;
}

/// A reorder between weights as files have them (out, in / groups, height, width) and a primitive's own form.
static inline dnnl_status_t onednn_reorder_make(
    dnnl_primitive_t *made, dnnl_memory_t *plain, dnnl_engine_t engine, const onednn_convolution *shape,
    dnnl_data_type_t plain_type, const_dnnl_primitive_desc_t primitive, dnnl_query_t tensor, int is_from_plain,
    void *bytes) {
    const dnnl_dims_t plain_dims = {
        shape->out_channels, shape->in_channels, shape->kernel_height, shape->kernel_width};
    const dnnl_dims_t grouped_dims = {
        shape->groups, shape->out_channels / shape->groups, shape->in_channels / shape->groups, shape->kernel_height,
        shape->kernel_width};
    int is_grouped = shape->groups > 1;
    onednn_owned_md plain_md;
    dnnl_status_t status = onednn_md_make(
        &plain_md, is_grouped ? 5 : 4, is_grouped ? grouped_dims : plain_dims, plain_type,
        is_grouped ? dnnl_goihw : dnnl_oihw);
    if (status != dnnl_success) return status;
    onednn_md own = dnnl_primitive_desc_query_md(primitive, tensor, 0);
    status = onednn_between(made, plain, engine, ONEDNN_MD(plain_md), own, is_from_plain, bytes);
    onednn_md_free(&plain_md);
    return status;
}

/// Numbers channels last, with the sizes of one of a primitive's tensors of activations.
static inline dnnl_status_t onednn_plain_md(
    onednn_owned_md *md, int is_source, const onednn_convolution *shape, dnnl_data_type_t type) {
    const dnnl_dims_t source = {shape->batch, shape->in_channels, shape->in_height, shape->in_width};
    const dnnl_dims_t destination = {shape->batch, shape->out_channels, shape->out_height, shape->out_width};
    return onednn_md_make(md, 4, is_source ? source : destination, type, dnnl_nhwc);
}

/// Whether one of a primitive's tensors of activations is numbers of a type channels last.
static inline int onednn_is_plain(
    const_dnnl_primitive_desc_t primitive, dnnl_query_t tensor, int is_source, const onednn_convolution *shape,
    dnnl_data_type_t type) {
    onednn_owned_md plain;
    if (onednn_plain_md(&plain, is_source, shape, type) != dnnl_success) return 0;
    int is_equal = dnnl_memory_desc_equal(ONEDNN_MD(plain), dnnl_primitive_desc_query_md(primitive, tensor, 0));
    onednn_md_free(&plain);
    return is_equal;
}

/// A reorder between floats channels last and a primitive's own form of a tensor of activations.
static inline dnnl_status_t onednn_activations_make(
    dnnl_primitive_t *made, dnnl_memory_t *plain, dnnl_engine_t engine, const onednn_convolution *shape, int is_source,
    const_dnnl_primitive_desc_t primitive, dnnl_query_t tensor, int is_from_plain, void *bytes) {
    onednn_owned_md plain_md;
    dnnl_status_t status = onednn_plain_md(&plain_md, is_source, shape, dnnl_f32);
    if (status != dnnl_success) return status;
    onednn_md own = dnnl_primitive_desc_query_md(primitive, tensor, 0);
    status = onednn_between(made, plain, engine, ONEDNN_MD(plain_md), own, is_from_plain, bytes);
    onednn_md_free(&plain_md);
    return status;
}

/// Whether the processor sums products of bytes exactly.
static inline int onednn_has_exact_bytes(void) {
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    return (isa & dnnl_cpu_isa_avx512_core_vnni) == dnnl_cpu_isa_avx512_core_vnni
        || (isa & dnnl_cpu_isa_avx2_vnni) == dnnl_cpu_isa_avx2_vnni;
}

/// Whether a primitive is one of the library's slow references.
static inline int onednn_is_reference(const_dnnl_primitive_desc_t primitive) {
    const char *name = NULL;
    dnnl_status_t status = dnnl_primitive_desc_query(primitive, dnnl_query_impl_info_str, 0, (void *)&name);
    return status != dnnl_success || !name || strstr(name, "ref") != NULL;
}

/// Whether a primitive writes sums of 32 bits as it has them, without single precision in between.
static inline int onednn_sums_whole_numbers(const_dnnl_primitive_desc_t primitive) {
    const char *name = NULL;
    dnnl_status_t status = dnnl_primitive_desc_query(primitive, dnnl_query_impl_info_str, 0, (void *)&name);
    return status == dnnl_success && name && (strncmp(name, "brg", 3) == 0 || strncmp(name, "brd", 3) == 0);
}
