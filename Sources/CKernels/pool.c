#define _GNU_SOURCE
#include "pool.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

// oneDNN brings libgomp into the process; asking for it by name keeps a second pool from being linked in beside it.
static struct {
    void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
    int (*thread)(void);
    int (*team)(void);
    int (*most)(void);
    void (*set)(int);
    int (*cores)(void);
} gomp;

static pthread_once_t found = PTHREAD_ONCE_INIT;

static void *symbol(const char *name) { return dlsym(RTLD_DEFAULT, name); }

static void find(void) {
    *(void **)&gomp.thread = symbol("omp_get_thread_num");
    *(void **)&gomp.team = symbol("omp_get_num_threads");
    *(void **)&gomp.most = symbol("omp_get_max_threads");
    *(void **)&gomp.set = symbol("omp_set_num_threads");
    *(void **)&gomp.cores = symbol("omp_get_num_procs");
    if (gomp.thread && gomp.team && gomp.most && gomp.set && gomp.cores)
        *(void **)&gomp.parallel = symbol("GOMP_parallel");
}

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t over;
    int is_over;
} meeting;

static void *attend(void *context) {
    meeting *met = context;
    pthread_mutex_lock(&met->lock);
    while (!met->is_over) pthread_cond_wait(&met->over, &met->lock);
    pthread_mutex_unlock(&met->lock);
    return NULL;
}

// Makes threads that wait for each other, so that all are there at once, and gives their number.
static int threads_given(int wanted) {
    pthread_t threads[CK_PARTS];
    meeting met = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    int made = 0;
    if (wanted > CK_PARTS) wanted = CK_PARTS;
    while (made < wanted && pthread_create(&threads[made], NULL, attend, &met) == 0) made++;
    pthread_mutex_lock(&met.lock);
    met.is_over = 1;
    pthread_cond_broadcast(&met.over);
    pthread_mutex_unlock(&met.lock);
    for (int index = 0; index < made; index++) pthread_join(threads[index], NULL);
    return made;
}

static void do_nothing(void *context) { (void)context; }

// The threads that the calling thread's pool was seen to have.
static _Thread_local int ready = 0;

// Gives the calling thread's pool so many threads, or as many as the system gives: libgomp ends the program where it gets
// fewer than it asks for. The pool is made at once, before other processes use up the limit.
static void make_ready(int threads) {
    if (threads > ready) {
        int wanted = threads - 1, made = threads_given(wanted);
        // More than are tried are believed. Where there are fewer, one is left to others.
        ready = made == CK_PARTS || made == wanted ? threads : made > 1 ? made : 1;
        if (ready < threads) threads = ready;
        // A thread that was joined is counted a moment longer.
        struct timespec moment = {0, 1000000};
        if (wanted > 0) nanosleep(&moment, NULL);
        gomp.set(threads);
        if (threads > 1) gomp.parallel(do_nothing, NULL, 0, 0);
    } else {
        gomp.set(threads);
    }
}

typedef struct {
    ck_task task;
    const void *context;
    int64_t count, step;
    int parts;
} work;

static void run_part(const work *loop, int part) {
    int64_t steps = (loop->count + loop->step - 1) / loop->step;
    int64_t begin = steps * part / loop->parts * loop->step;
    int64_t end = steps * (part + 1) / loop->parts * loop->step;
    if (end > loop->count) end = loop->count;
    if (begin < end) loop->task(loop->context, part, begin, end);
}

static void run_thread(void *context) {
    const work *loop = context;
    int team = gomp.team();
    // Neighbouring parts go to one thread: they share cache lines and pages.
    int thread = gomp.thread();
    for (int part = loop->parts * thread / team; part < loop->parts * (thread + 1) / team; part++)
        run_part(loop, part);
}

static int run(work loop, int is_small) {
    pthread_once(&found, find);
    if (gomp.parallel && !ready) make_ready(gomp.most());
    if (is_small || !gomp.parallel || gomp.most() == 1) {
        for (int part = 0; part < loop.parts; part++) run_part(&loop, part);
    } else {
        gomp.parallel(run_thread, &loop, 0, 0);
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

void ck_set_threads(int threads) {
    pthread_once(&found, find);
    if (gomp.parallel) make_ready(threads > 0 ? threads : gomp.cores());
}

int ck_threads(void) {
    pthread_once(&found, find);
    return gomp.parallel ? gomp.most() : 1;
}
