// Winograd's sums along one axis, at the points 0, 1, -1, 2, -2 and infinity. `from` and `to` have an element every so many
// vectors. A gradient goes through the transposed sums. A vector has POINT_LANES numbers: as many as a register, for the sums
// of six elements take most of them.
#pragma once

#include "clones.h"

// As in oneDNN's products, which these stand in for, products may be fused with sums.
#pragma STDC FP_CONTRACT ON

typedef float point_vector __attribute__((vector_size(4 * POINT_LANES), aligned(4)));

/// Six pixels of the input to points.
INLINE void input_points(const point_vector *from, int step, point_vector *to, int to_step) {
    point_vector a = from[0], b = from[step], c = from[2 * step], d = from[3 * step], e = from[4 * step], f = from[5 * step];
    point_vector even = e - 4.0f * c, odd = d - 4.0f * b, far_even = e - c, far_odd = 2.0f * (d - b);
    to[0] = 4.0f * a - 5.0f * c + e;
    to[to_step] = even + odd;
    to[2 * to_step] = even - odd;
    to[3 * to_step] = far_even + far_odd;
    to[4 * to_step] = far_even - far_odd;
    to[5 * to_step] = 4.0f * b - 5.0f * d + f;
}

/// Points to four pixels of the result.
INLINE void result_pixels(const point_vector *from, int step, point_vector *to, int to_step) {
    point_vector near = from[step] + from[2 * step], near_odd = from[step] - from[2 * step];
    point_vector far = from[3 * step] + from[4 * step], far_odd = from[3 * step] - from[4 * step];
    to[0] = from[0] + near + far;
    to[to_step] = near_odd + 2.0f * far_odd;
    to[2 * to_step] = near + 4.0f * far;
    to[3 * to_step] = near_odd + 8.0f * far_odd + from[5 * step];
}

/// Four pixels of the result's gradient to points.
INLINE void gradient_points(const point_vector *from, int step, point_vector *to, int to_step) {
    point_vector a = from[0], b = from[step], c = from[2 * step], d = from[3 * step];
    point_vector near = a + c, near_odd = b + d, far = a + 4.0f * c, far_odd = 2.0f * b + 8.0f * d;
    to[0] = a;
    to[to_step] = near + near_odd;
    to[2 * to_step] = near - near_odd;
    to[3 * to_step] = far + far_odd;
    to[4 * to_step] = far - far_odd;
    to[5 * to_step] = d;
}

/// Three weights to points.
INLINE void weight_points(const point_vector *from, int step, point_vector *to, int to_step) {
    point_vector a = from[0], b = from[step], c = from[2 * step];
    point_vector near = (a + c) * (-1.0f / 6), near_odd = b * (-1.0f / 6);
    point_vector far = a * (1.0f / 24) + c * (1.0f / 6), far_odd = b * (1.0f / 12);
    to[0] = a * 0.25f;
    to[to_step] = near + near_odd;
    to[2 * to_step] = near - near_odd;
    to[3 * to_step] = far + far_odd;
    to[4 * to_step] = far - far_odd;
    to[5 * to_step] = c;
}

/// Points to the gradients of three weights.
INLINE void weight_gradients(const point_vector *from, int step, point_vector *to, int to_step) {
    point_vector near = from[step] + from[2 * step], near_odd = from[step] - from[2 * step];
    point_vector far = from[3 * step] + from[4 * step], far_odd = from[3 * step] - from[4 * step];
    to[0] = 0.25f * from[0] - near * (1.0f / 6) + far * (1.0f / 24);
    to[to_step] = far_odd * (1.0f / 12) - near_odd * (1.0f / 6);
    to[2 * to_step] = (far - near) * (1.0f / 6) + from[5 * step];
}
