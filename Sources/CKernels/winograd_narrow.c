// Winograd's sums in registers of 256 bits.
#define POINT_LANES 8
#include "winograd_gradient_loops.h"
#include "winograd_loops.h"

const winograd_loops ck_winograd_narrow = {window_part, product_part, gradient_part};
