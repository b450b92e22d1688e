#pragma once
// Loops that do nothing but what a limit is made of. One set per instruction set; x86_*.cc instantiate
// generic.h.
#include <cstddef>

namespace tfjs_sparse {

/// Fused multiply-adds between registers. @returns floating-point operations done: two for each lane
using FmaLoop = double (*)(size_t repeats, float* sink);
/// Adds up `floats` floats, a multiple of 128, `repeats` times: one load each.
using ReadLoop = void (*)(const float* data, size_t floats, size_t repeats, float* sink);
/// The inner loop of an mr × nr tile with every load that it needs: mr floats of activations and nr broadcast
/// weights for each entry, from memory that stays in the L1 cache. No column index is read, no group begins
/// or ends. Slices of nr outputs: an entry has nr weights, and for each mr floats of activations of its own.
/// @param panel    kLimitEntries rows of mr floats
/// @param weights  kLimitEntries · 8 floats
/// @returns floating-point operations done
using LoadLoop = double (*)(const float* panel, const float* weights, size_t repeats, float* sink);

/// Rows of the panel: with the widest tile, 96 floats, it takes 12 KB of the L1 cache.
inline constexpr size_t kLimitEntries = 32;
/// Floats that a loop may write to its sink.
inline constexpr size_t kLimitSink = 16 * 32;

struct TileLoop {
  unsigned mr, nr;
  bool slices;
  LoadLoop loop;
};

struct LimitLoops {
  const char* isa;
  FmaLoop fma;
  ReadLoop read;
  const TileLoop* tiles;
  size_t tile_count;
};

#if defined(TFJS_SPARSE_BUILT_AVX2_FMA)
extern const LimitLoops kLimitLoopsAvx2Fma;
#endif
#if defined(TFJS_SPARSE_BUILT_AVX512)
extern const LimitLoops kLimitLoopsAvx512;
#endif

}  // namespace tfjs_sparse
