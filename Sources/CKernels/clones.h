// Functions that exist once for each width of vectors; the loader takes the widest that the processor has.
#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
// The loader chooses before a sanitizer is ready for the code that chooses.
#define ONE_CLONE
#endif
#endif

#if defined(__x86_64__) && !defined(ONE_CLONE)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/// Part of every clone of its callers.
#define INLINE static inline __attribute__((always_inline))

/// Numbers do not depend on the width: no product is fused with a sum.
#pragma STDC FP_CONTRACT OFF

/// The loop's turns touch the same elements only at the same index, also where two names mean one array.
#define VECTOR _Pragma("clang loop vectorize(assume_safety)")
