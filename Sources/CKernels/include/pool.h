#pragma once

#include <stdint.h>

/// The most parts that a loop is cut into; partial sums have room for so many. The cut does not depend on the
/// number of threads, so that sums do not either.
#define CK_PARTS 16

/// One part of a loop: elements `begin` ..< `end`.
typedef void (*ck_task)(const void *context, int part, int64_t begin, int64_t end);

/// Runs a loop of `count` elements in parts whose ends are multiples of `step`, on the pool of oneDNN (libgomp).
///
/// Returns the number of parts. Below `CK_SMALL` elements the calling thread does all of it.
int ck_parallel(int64_t count, int64_t step, ck_task task, const void *context);

/// The same for a few large tasks, one element each: no part is too small.
int ck_parallel_tasks(int64_t count, ck_task task, const void *context);

/// Sets the number of threads of the calling thread's pool; 0 is one a core.
void ck_set_threads(int threads);

/// The number of threads of the calling thread's pool; 1 where libgomp is not loaded.
int ck_threads(void);

/// From so many elements on it is worth waking the pool.
#define CK_SMALL 8192
