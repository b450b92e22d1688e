#pragma once
// For the loops of a kernel: inlined whatever the optimizer thinks of their size, or accumulators would go
// through memory.
#if defined(_MSC_VER)
#define TFJS_SPARSE_INLINE __forceinline
#define TFJS_SPARSE_INLINE_LAMBDA
#else
#define TFJS_SPARSE_INLINE_LAMBDA __attribute__((always_inline))
#define TFJS_SPARSE_INLINE inline __attribute__((always_inline))
#endif
