#pragma once
// The tile loop over a small vector type and a weight type; each <arch>_<isa>.cc instantiates it with its own
// Vec (kernels/vec) and weights (kernels/vec/weights).
#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

/// Fused multiply-adds in flight that hide their latency (4 cycles, two a cycle).
constexpr int kSpmmChains = 8;

/// Entries whose weights are widened to floats at a time, where they are int8 and many outputs share a
/// pattern: putting one int8 weight in every lane takes three instructions. 1024², AVX2, 90 % zeros in blocks
/// of 4 and no zeros at all, M = 8: 42 and 376 us weight by weight, 40 and 283 us so; bfloat16 takes two, and
/// 33 and 242 us weight by weight, 39 and 291 us so (Zen 4, 2026-11). Widening one entry at a time gained
/// nothing: the compiler keeps its floats in a register and shuffles.
constexpr size_t kSpmmWidenEntries = 16;

/// Weights that are read without a pause come from memory earlier when they are asked for this many bytes
/// ahead: no zeros, 4096², M = 8: float32 7950 to 7470 us, bfloat16 7390 to 4520, int8 6420 to 4890; in the
/// caches no difference (Zen 4, 2026-11).
constexpr size_t kSpmmAhead = 2048, kSpmmLine = 64;

/// Weights that are read from memory as floats, whatever they are stored as.
struct WideWeights {
  using T = float;
  static TFJS_SPARSE_INLINE typename Vec::T set1(const float* p) { return Vec::set1(*p); }
};

/// kVectors registers along M, kNr outputs, kGroups groups side by side where one group alone has too few
/// chains. kGroups · kNr · kVectors accumulators stay in registers.
template <typename Weight, int kVectors, int kNr, bool kDense, int kGroups>
TFJS_SPARSE_INLINE void spmm_groups(const SpmmTile& tile, const SpmmBlock& block, size_t g) {
  constexpr int kLanes = Vec::kLanes;
  const float* const a = tile.a;
  const size_t a_stride = tile.a_stride, c_stride = tile.c_stride;
  typename Vec::T acc[kGroups][kNr][kVectors];
  float* c[kGroups];
  const typename Weight::T* values[kGroups];
  const uint8_t* columns[kGroups];
  for (int i = 0; i < kGroups; ++i) {
    const size_t output = block.outputs[g + i];
    const size_t entry = block.offsets[g + i];
    c[i] = tile.c + output * c_stride;
    values[i] = static_cast<const typename Weight::T*>(block.values) + entry * kNr;
    columns[i] = kDense ? nullptr : block.columns + entry;
    if (tile.first) {
      for (int r = 0; r < kNr; ++r)
        for (int v = 0; v < kVectors; ++v)
          acc[i][r][v] = Weight::kScaled ? Vec::zero() : Vec::set1(tile.bias[output + r]);
    } else {
      for (int r = 0; r < kNr; ++r)
        for (int v = 0; v < kVectors; ++v) acc[i][r][v] = Vec::load(c[i] + r * c_stride + v * kLanes);
    }
  }
  const auto multiply = [&](auto weights, int i, size_t p, const auto* w) TFJS_SPARSE_INLINE_LAMBDA {
    using Broadcast = decltype(weights);
    const float* row = a + (kDense ? p : columns[i][p]) * a_stride;
    if (kNr == 1) {
      const typename Vec::T broadcast = Broadcast::set1(w);
      for (int v = 0; v < kVectors; ++v)
        acc[i][0][v] = Vec::fma(broadcast, Vec::load(row + v * kLanes), acc[i][0][v]);
    } else {
      typename Vec::T x[kVectors];
      for (int v = 0; v < kVectors; ++v) x[v] = Vec::load(row + v * kLanes);
      for (int r = 0; r < kNr; ++r) {
        const typename Vec::T broadcast = Broadcast::set1(w + r);
        for (int v = 0; v < kVectors; ++v) acc[i][r][v] = Vec::fma(broadcast, x[v], acc[i][r][v]);
      }
    }
  };
  const auto prefetch = [&](int begin, int end, size_t p, size_t entries) TFJS_SPARSE_INLINE_LAMBDA {
    for (int i = begin; i < end; ++i)
      for (size_t byte = 0; byte < entries * kNr * sizeof(typename Weight::T); byte += kSpmmLine)
        __builtin_prefetch(reinterpret_cast<const char*>(values[i] + p * kNr) + kSpmmAhead + byte);
  };
  // Entries [from, to) of the groups [begin, end).
  const auto multiply_entries = [&](int begin, int end, size_t from, size_t to) TFJS_SPARSE_INLINE_LAMBDA {
    if constexpr (kNr >= 4 && Weight::kScaled) {
      float wide[kGroups][kSpmmWidenEntries * kNr];
      while (from < to) {
        const size_t count = to - from < kSpmmWidenEntries ? to - from : kSpmmWidenEntries;
        prefetch(begin, end, from, kSpmmWidenEntries);
        for (int i = begin; i < end; ++i) Weight::widen(values[i] + from * kNr, count * kNr, wide[i]);
        for (size_t p = 0; p < count; ++p)
          for (int i = begin; i < end; ++i) multiply(WideWeights(), i, from + p, wide[i] + p * kNr);
        from += count;
      }
    } else {
      constexpr size_t kStride = kSpmmLine / (kNr * sizeof(typename Weight::T));
      if (kDense)
        for (; from + kStride <= to; from += kStride) {
          prefetch(begin, end, from, kStride);
          for (size_t p = from; p < from + kStride; ++p)
            for (int i = begin; i < end; ++i) multiply(Weight(), i, p, values[i] + p * kNr);
        }
      for (size_t p = from; p < to; ++p)
        for (int i = begin; i < end; ++i) multiply(Weight(), i, p, values[i] + p * kNr);
    }
  };
  // Counts fall from group to group: the last one's is common to all.
  const size_t common = block.offsets[g + kGroups] - block.offsets[g + kGroups - 1];
  multiply_entries(0, kGroups, 0, common);
  if (!kDense)
    for (int i = 0; i + 1 < kGroups; ++i)
      multiply_entries(i, i + 1, common, block.offsets[g + i + 1] - block.offsets[g + i]);
  if (tile.last) {
    const typename Vec::T lowest = Vec::set1(tile.min), highest = Vec::set1(tile.max);
    for (int i = 0; i < kGroups; ++i)
      for (int r = 0; r < kNr; ++r) {
        const size_t output = block.outputs[g + i] + r;
        for (int v = 0; v < kVectors; ++v) {
          if (Weight::kScaled)
            acc[i][r][v] =
                Vec::fma(Vec::set1(block.scales[output]), acc[i][r][v], Vec::set1(tile.bias[output]));
          acc[i][r][v] = Vec::min(highest, Vec::max(lowest, acc[i][r][v]));
        }
      }
  }
  for (int i = 0; i < kGroups; ++i)
    for (int r = 0; r < kNr; ++r)
      for (int v = 0; v < kVectors; ++v) Vec::store(c[i] + r * c_stride + v * kLanes, acc[i][r][v]);
}

template <typename Weight, int kVectors, int kNr, bool kDense>
inline void spmm_tile(const SpmmTile& tile, const SpmmBlock& block) {
  constexpr int kGroups = kVectors * kNr >= kSpmmChains ? 1 : kSpmmChains / (kVectors * kNr);
  size_t g = 0;
  for (; g + kGroups <= tile.groups; g += kGroups)
    spmm_groups<Weight, kVectors, kNr, kDense, kGroups>(tile, block, g);
  if (kGroups > 1)
    for (; g < tile.groups; ++g) spmm_groups<Weight, kVectors, kNr, kDense, 1>(tile, block, g);
}

}  // namespace
}  // namespace tfjs_sparse
