#pragma once
// The loop over slices: kSpmmSliceOutputs outputs side by side, each with a pattern of its own.
//
// A single register of columns gives an entry one multiply-add, so that finding its row, waiting for the sum
// before it and starting an output are what it costs. Here the sums of eight outputs hide each other's
// latency, one pointer leads to the weights and one to the columns of all, a column is the distance in the
// panel, and there is one loop per slice, whose length hardly differs from its neighbour's. Cycles per
// non-zero weight, 90 % zeros, 512² and 1024², AVX2 (Zen 4, 2026-11): 8 x 1 1.43, with blocks of 512 inputs
// and two-byte columns 1.18, this 0.88 (1.02 with a load for each column). Two registers of columns for four
// outputs at a time: 1.44, but from rows to rows, where the panel has just been filled, 1.93 for 2.01, and
// 1.93 for 1.62 at 70 % zeros.
#include <cstring>
#include <type_traits>

#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

/// Bytes ahead of the weights in use that are asked for, as they come from memory.
constexpr size_t kSpmmSliceAhead = 2048;

/// kVectors registers of columns. kTight: as in generic.h.
template <typename Weight, int kVectors, bool kTight>
TFJS_SPARSE_INLINE void spmm_slice(const SpmmTile& tile, const SpmmBlock& block, size_t g) {
  constexpr int kLanes = Vec::kLanes, kOutputs = kSpmmSliceOutputs;
  constexpr size_t kRowUnits = size_t{kVectors} * kLanes / kSpmmSliceUnit;
  const uint32_t* outputs = block.outputs + g * kSpmmSliceOutputs;
  typename Vec::T acc[kOutputs][kVectors];
  for (int i = 0; i < kOutputs; ++i)
    for (int v = 0; v < kVectors; ++v) {
      if (!tile.first)
        acc[i][v] = Vec::load(tile.sums + outputs[i] * tile.sums_stride + v * kLanes);
      else
        acc[i][v] = Weight::kScaled ? Vec::zero() : Vec::set1(tile.bias[outputs[i]]);
    }
  const size_t begin = size_t{block.offsets[g]} * kSpmmSliceOutputs,
               end = size_t{block.offsets[g + 1]} * kSpmmSliceOutputs;
  const auto* values = static_cast<const typename Weight::T*>(block.values);
  const auto* columns = static_cast<const uint16_t*>(block.columns);
  const char* a = reinterpret_cast<const char*>(tile.a);
  for (size_t p = begin; p < end; p += kSpmmSliceOutputs) {
    __builtin_prefetch(reinterpret_cast<const char*>(values + p) + kSpmmSliceAhead);
    for (int quad = 0; quad < kOutputs; quad += 4) {
      uint64_t four_columns;
      std::memcpy(&four_columns, columns + p + quad, sizeof(four_columns));
      const typename Vec::T four = Weight::quad(values + p + quad);
      const auto multiply = [&](auto place) TFJS_SPARSE_INLINE_LAMBDA {
        constexpr int kPlace = decltype(place)::value;
        const size_t column = four_columns >> (16 * kPlace) & 0xffff;
        const float* row = kTight ? reinterpret_cast<const float*>(a + column * kRowUnits)
                                  : tile.a + column / (kSpmmSliceUnit * sizeof(float)) * tile.a_stride;
        const typename Vec::T w = Vec::template spread<kPlace>(four);
        for (int v = 0; v < kVectors; ++v)
          acc[quad + kPlace][v] = Vec::fma(w, Vec::load(row + v * kLanes), acc[quad + kPlace][v]);
      };
      multiply(std::integral_constant<int, 0>());
      multiply(std::integral_constant<int, 1>());
      multiply(std::integral_constant<int, 2>());
      multiply(std::integral_constant<int, 3>());
    }
  }
  const typename Vec::T lowest = Vec::set1(tile.min), highest = Vec::set1(tile.max);
  for (int i = 0; i < kOutputs; ++i)
    for (int v = 0; v < kVectors; ++v) {
      typename Vec::T sum = acc[i][v];
      if (tile.last) {
        if (Weight::kScaled)
          sum = Vec::fma(Vec::set1(block.scales[outputs[i]]), sum, Vec::set1(tile.bias[outputs[i]]));
        sum = Vec::min(highest, Vec::max(lowest, sum));
      }
      Vec::store(tile.c + outputs[i] * tile.c_stride + v * kLanes, sum);
    }
}

template <typename Weight, int kVectors>
inline void spmm_slices(const SpmmTile& tile, const SpmmBlock& block) {
  if (tile.a_stride == size_t{kVectors} * Vec::kLanes)
    for (size_t g = 0; g < tile.groups; ++g) spmm_slice<Weight, kVectors, true>(tile, block, g);
  else
    for (size_t g = 0; g < tile.groups; ++g) spmm_slice<Weight, kVectors, false>(tile, block, g);
}

}  // namespace
}  // namespace tfjs_sparse
