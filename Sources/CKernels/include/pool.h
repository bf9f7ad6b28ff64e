#pragma once

#include <stdint.h>

/// The most parts that a loop is cut into; partial sums have room for so many. The cut does not depend on the
/// number of threads, so that sums do not either.
#define CK_PARTS 16

/// One part of a loop: elements `begin` ..< `end`.
typedef void (*ck_task)(const void *context, int part, int64_t begin, int64_t end);

/// Runs a loop of `count` elements in parts whose ends are multiples of `step`, on the calling thread's pool.
///
/// Each part is taken by the thread that is free. Returns the number of parts. Below `CK_SMALL` elements, and inside of
/// another loop, the calling thread does all of it.
int ck_parallel(int64_t count, int64_t step, ck_task task, const void *context);

/// The same for a few large tasks, one element each: no part is too small.
int ck_parallel_tasks(int64_t count, ck_task task, const void *context);

/// Sets the number of threads of the calling thread's pool, at most CK_PARTS or what the system gives; 0 is automatic:
/// one a core, of which fewer may take part.
void ck_set_threads(int threads);

/// The number of threads of the calling thread's pool.
int ck_threads(void);

/// Whether the number of threads was left to the program.
int ck_is_automatic(void);

/// Lets so many of the pool's threads take part in loops; at least the calling one does.
void ck_set_active_threads(int threads);

/// The number of threads that take part in loops.
int ck_active_threads(void);

/// From so many elements on it is worth waking the pool.
#define CK_SMALL 8192
