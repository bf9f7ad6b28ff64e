// Winograd's sums in registers of 512 bits.
#define POINT_LANES 16
#include "winograd_gradient_loops.h"
#include "winograd_loops.h"

const winograd_loops ck_winograd_wide = {window_part, product_part, gradient_part};
