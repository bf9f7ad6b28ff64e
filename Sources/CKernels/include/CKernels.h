// Hot loops over activations in channels-last order. Each runs on the pool of the calling thread; none allocates.
#pragma once

#include "pool.h"

#include "codes.h"
#include "combining.h"
#include "epilogue.h"
#include "integer.h"
#include "integer_cells.h"
#include "integer_products.h"
#include "learning.h"
#include "observing.h"
#include "packing.h"
#include "pooling.h"
#include "recurrent.h"
#include "resampling.h"
#include "reshaping.h"
#include "rounding.h"
#include "scaling.h"
#include "taps.h"
#include "thin.h"
#include "weights.h"
#include "window.h"
