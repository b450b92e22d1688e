#pragma once
// The tile loop over a small vector type and a weight type; each <arch>_<isa>.cc instantiates it with its own
// Vec (kernels/vec) and weights (kernels/vec/weights).
#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

/// Fused multiply-adds in flight that hide their latency (4 cycles, two a cycle).
constexpr int kSpmmChains = 8;

/// The nr weights of one entry, each to be put in every lane: read where they lie, or, where a storage is
/// narrow and they are many, widened to floats at once first.
template <typename Weight, int kNr, bool kWiden = sizeof(typename Weight::T) < sizeof(float) && kNr >= 4>
struct EntryWeights {
  TFJS_SPARSE_INLINE explicit EntryWeights(const typename Weight::T* p) : p_(p) {}
  TFJS_SPARSE_INLINE typename Vec::T operator[](int r) const { return Weight::set1(p_ + r); }

 private:
  const typename Weight::T* p_;
};
template <typename Weight, int kNr>
struct EntryWeights<Weight, kNr, true> {
  TFJS_SPARSE_INLINE explicit EntryWeights(const typename Weight::T* p) {
    Weight::template widen<kNr>(p, floats_);
  }
  TFJS_SPARSE_INLINE typename Vec::T operator[](int r) const { return Vec::set1(floats_[r]); }

 private:
  float floats_[kNr];
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
  const auto multiply = [&](int i, size_t p) TFJS_SPARSE_INLINE_LAMBDA {
    const float* row = a + (kDense ? p : columns[i][p]) * a_stride;
    const EntryWeights<Weight, kNr> weights(values[i] + p * kNr);
    if (kNr == 1) {
      const typename Vec::T w = weights[0];
      for (int v = 0; v < kVectors; ++v)
        acc[i][0][v] = Vec::fma(w, Vec::load(row + v * kLanes), acc[i][0][v]);
    } else {
      typename Vec::T x[kVectors];
      for (int v = 0; v < kVectors; ++v) x[v] = Vec::load(row + v * kLanes);
      for (int r = 0; r < kNr; ++r) {
        const typename Vec::T w = weights[r];
        for (int v = 0; v < kVectors; ++v) acc[i][r][v] = Vec::fma(w, x[v], acc[i][r][v]);
      }
    }
  };
  // Counts fall from group to group: the last one's is common to all.
  const size_t common = block.offsets[g + kGroups] - block.offsets[g + kGroups - 1];
  for (size_t p = 0; p < common; ++p)
    for (int i = 0; i < kGroups; ++i) multiply(i, p);
  if (!kDense)
    for (int i = 0; i + 1 < kGroups; ++i) {
      const size_t count = block.offsets[g + i + 1] - block.offsets[g + i];
      for (size_t p = common; p < count; ++p) multiply(i, p);
    }
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
