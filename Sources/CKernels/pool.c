#define _GNU_SOURCE
#include "pool.h"

#include <dlfcn.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Waiting threads spin this long before they sleep. A wake costs about as much; on a busy machine a spinning thread takes
// the processor from the thread that it waits for.
#define SPIN_NANOSECONDS 40000

typedef struct {
    ck_task task;
    const void *context;
    int64_t count, step;
    int parts;
} work;

// The parts of a loop that belong to one thread, in one word: the number of the loop, the first part, and one past the last.
// The owner takes the first, others the last. The number keeps a late thread from taking parts of another loop.
typedef struct {
    _Alignas(64) _Atomic uint64_t left;
} share;

typedef struct pool pool;

typedef struct {
    pool *owner;
    int number;
    pthread_t thread;
} member;

struct pool {
    work loop;
    _Atomic int shares_used;
    share shares[CK_PARTS];
    // The number of the current loop; helpers without work sleep on it.
    _Alignas(64) _Atomic uint32_t loop_number;
    _Atomic int sleeping, is_over;
    // Parts that are not done; the thread that called sleeps on it.
    _Alignas(64) _Atomic uint32_t unfinished;
    _Atomic int is_caller_asleep;
    // How many threads take part, the calling one counted; the others sleep on it.
    _Alignas(64) _Atomic uint32_t active;
    int made, threads, is_automatic;
    member members[CK_PARTS];
};

static _Thread_local pool *own_pool;
// Whether this thread computes a part: a loop inside of a loop is not divided again.
static _Thread_local int is_inside;

static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word, int count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static inline void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Waits a short time until the word is another (or, with `is_awaited`, is that value); returns what it is then.
static uint32_t spin(_Atomic uint32_t *word, uint32_t value, int is_awaited) {
    int64_t end = nanoseconds() + SPIN_NANOSECONDS;
    for (;;) {
        for (int turn = 0; turn < 32; turn++) {
            uint32_t now = atomic_load_explicit(word, memory_order_acquire);
            if ((now == value) == is_awaited) return now;
            rest();
        }
        if (nanoseconds() > end) return atomic_load(word);
    }
}

static void run_part(const work *loop, int part) {
    int64_t steps = (loop->count + loop->step - 1) / loop->step;
    int64_t begin = steps * part / loop->parts * loop->step;
    int64_t end = steps * (part + 1) / loop->parts * loop->step;
    if (end > loop->count) end = loop->count;
    if (begin < end) loop->task(loop->context, part, begin, end);
}

static uint64_t packed(uint32_t number, int first, int end) {
    return (uint64_t)number << 32 | (uint64_t)first << 16 | (uint64_t)end;
}

// Takes a part of that loop; -1 where none is left.
static int take(share *share, uint32_t number, int is_own) {
    uint64_t left = atomic_load(&share->left);
    for (;;) {
        int first = left >> 16 & 0xffff, end = left & 0xffff;
        if (left >> 32 != number || first >= end) return -1;
        uint64_t next = is_own ? packed(number, first + 1, end) : packed(number, first, end - 1);
        if (atomic_compare_exchange_weak(&share->left, &left, next)) return is_own ? first : end - 1;
    }
}

// Neighbouring parts go to one thread, they share cache lines and pages; who has done its own takes those of others.
static void take_parts(pool *pool, uint32_t number, int thread) {
    int shares = atomic_load(&pool->shares_used);
    is_inside = 1;
    for (int distance = 0; distance < shares; distance++) {
        share *share = &pool->shares[(thread + distance) % shares];
        for (int part; (part = take(share, number, distance == 0)) >= 0;) {
            run_part(&pool->loop, part);
            if (atomic_fetch_sub(&pool->unfinished, 1) == 1 && atomic_load(&pool->is_caller_asleep))
                wake(&pool->unfinished, 1);
        }
    }
    is_inside = 0;
}

// oneDNN computes on the thread that calls it: the pool divides products itself, so that the parts of a sum do not depend
// on the number of threads, and so that no other pool waits by spinning.
static void keep_library_on_one_thread(void) {
    void (*set)(int);
    *(void **)&set = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) set(1);
}

static uint32_t next_loop(pool *pool, uint32_t seen) {
    uint32_t now = spin(&pool->loop_number, seen, 0);
    while (now == seen && !atomic_load(&pool->is_over)) {
        atomic_fetch_add(&pool->sleeping, 1);
        sleep_on(&pool->loop_number, seen);
        atomic_fetch_sub(&pool->sleeping, 1);
        now = atomic_load(&pool->loop_number);
    }
    return now;
}

static void *serve(void *argument) {
    member *self = argument;
    pool *pool = self->owner;
    uint32_t seen = 0;
    keep_library_on_one_thread();
    while (!atomic_load(&pool->is_over)) {
        uint32_t active = atomic_load(&pool->active);
        if ((uint32_t)self->number >= active) {
            sleep_on(&pool->active, active);
            continue;
        }
        seen = next_loop(pool, seen);
        take_parts(pool, seen, self->number);
    }
    return NULL;
}

static void end_pool(void *argument) {
    pool *pool = argument;
    atomic_store(&pool->is_over, 1);
    atomic_fetch_add(&pool->loop_number, 1);
    atomic_store(&pool->active, 0);
    wake(&pool->loop_number, INT_MAX);
    wake(&pool->active, INT_MAX);
    for (int index = 1; index < pool->made; index++) pthread_join(pool->members[index].thread, NULL);
    free(pool);
}

static pthread_key_t key;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static void prepare(void) { pthread_key_create(&key, end_pool); }

// The calling thread's pool, without helpers at first; NULL where there is no memory for it.
static pool *current_pool(void) {
    if (own_pool) return own_pool;
    pthread_once(&prepared, prepare);
    pool *made = aligned_alloc(64, sizeof(pool));
    if (!made) return NULL;
    *made = (pool){.made = 1, .threads = 1, .active = 1};
    keep_library_on_one_thread();
    pthread_setspecific(key, made);
    return own_pool = made;
}

// Signals are for the threads of the program.
static int start(member *member) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(&member->thread, NULL, serve, member);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status == 0;
}

static int cores(void) {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < CK_PARTS ? count : CK_PARTS;
}

static void activate(pool *pool, int threads) {
    atomic_store(&pool->active, (uint32_t)threads);
    wake(&pool->active, INT_MAX);
}

void ck_set_threads(int threads) {
    pool *pool = current_pool();
    if (!pool) return;
    int wanted = threads <= 0 ? cores() : threads < CK_PARTS ? threads : CK_PARTS;
    // Where the system gives fewer threads than wanted, these do the work.
    while (pool->made < wanted) {
        member *member = &pool->members[pool->made];
        member->owner = pool;
        member->number = pool->made;
        if (!start(member)) break;
        pool->made++;
    }
    pool->threads = wanted < pool->made ? wanted : pool->made;
    pool->is_automatic = threads <= 0;
    activate(pool, pool->threads);
}

static pool *ready_pool(void) {
    if (!own_pool) ck_set_threads(0);
    return own_pool;
}

int ck_threads(void) {
    pool *pool = ready_pool();
    return pool ? pool->threads : 1;
}

int ck_is_automatic(void) {
    pool *pool = ready_pool();
    return pool && pool->is_automatic;
}

void ck_set_active_threads(int threads) {
    pool *pool = ready_pool();
    if (pool) activate(pool, threads < 1 ? 1 : threads < pool->threads ? threads : pool->threads);
}

int ck_active_threads(void) {
    pool *pool = ready_pool();
    return pool ? (int)atomic_load(&pool->active) : 1;
}

static void run_divided(pool *pool, const work *loop) {
    uint32_t number = atomic_load(&pool->loop_number) + 1;
    int active = (int)atomic_load(&pool->active);
    int shares = active < loop->parts ? active : loop->parts;
    pool->loop = *loop;
    atomic_store(&pool->shares_used, shares);
    for (int index = 0; index < shares; index++) {
        int first = loop->parts * index / shares, end = loop->parts * (index + 1) / shares;
        atomic_store(&pool->shares[index].left, packed(number, first, end));
    }
    atomic_store(&pool->unfinished, loop->parts);
    atomic_store(&pool->loop_number, number);
    if (atomic_load(&pool->sleeping)) wake(&pool->loop_number, shares - 1);
    take_parts(pool, number, 0);
    uint32_t left = spin(&pool->unfinished, 0, 1);
    if (left == 0) return;
    atomic_store(&pool->is_caller_asleep, 1);
    while ((left = atomic_load(&pool->unfinished)) != 0) sleep_on(&pool->unfinished, left);
    atomic_store(&pool->is_caller_asleep, 0);
}

static int run(work loop, int is_small) {
    pool *pool = is_small || is_inside ? NULL : ready_pool();
    if (pool && atomic_load(&pool->active) > 1) {
        run_divided(pool, &loop);
    } else {
        for (int part = 0; part < loop.parts; part++) run_part(&loop, part);
    }
    return loop.parts;
}

int ck_parallel(int64_t count, int64_t step, ck_task task, const void *context) {
    int64_t steps = (count + step - 1) / step;
    int is_small = count < CK_SMALL;
    int parts = is_small ? 1 : steps < CK_PARTS ? (int)steps : CK_PARTS;
    work loop = {task, context, count, step, parts};
    return run(loop, is_small);
}

int ck_parallel_tasks(int64_t count, ck_task task, const void *context) {
    work loop = {task, context, count, 1, count < CK_PARTS ? (int)count : CK_PARTS};
    return run(loop, count < 2);
}
