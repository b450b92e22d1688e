#pragma once
// The loop over slices: four or eight outputs side by side, each with a pattern of its own.
//
// A single register of columns gives an entry one multiply-add, so that finding its row, waiting for the sum
// before it and starting an output are what it costs. Here the sums of eight outputs hide each other's
// latency, one pointer leads to the weights and one to the columns of all, a column is the distance in the
// panel, and there is one loop per slice, whose length hardly differs from its neighbour's. Cycles per
// non-zero weight, 90 % zeros, 512² and 1024², AVX2 (Zen 4, 2026-11): 8 x 1 1.43, with blocks of 512 inputs
// and two-byte columns 1.18, this 0.88 (1.02 with a load for each column).
//
// Four outputs with two or three registers of columns have eight or twelve sums, as two outputs of 32 x 1
// have; what those lose is at the start and the end of each pair, with pointers to four places and an exit
// for each remainder, where a slice has one pointer to weights, one to columns and one exit. Products of
// 1024² from rows to rows, AVX2, us (Zen 4, 2026-11):
//
//   zeros   M = 16: csr 16 x 1   slices 16 x 4   M = 48: csr 32 x 1, 16 x 1   slices 24 x 4   slices 16 x 4
//   90 %    75.4                 60.2            202                          166             171
//   70 %    186                  156             505                          444             461
//   50 %    303                  255             821                          722             750
//
// Eight outputs with two registers (their sums do not fit) take 440 us for 352 at M = 96, two outputs with
// four registers 365; a load for each column 57.4 in the loop alone for 52.5 at M = 16.
#include <cstring>
#include <type_traits>

#include "kernels/spmm/places.h"
#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

/// Bytes ahead of the weights in use that are asked for where they come from far, and half as many of
/// columns: 4096², 90 % zeros, M = 16: 1156 to 1038 us with both, 1062 us with weights alone; 70 %: 3067 us
/// for 1 KB, 2918 us for 2 KB. In the nearer caches it takes 3 to 7 % more time. A line at a time before each
/// slice takes 3304 us at 70 %, 2982 us so (Zen 4, 2026-11).
constexpr size_t kSpmmSliceAhead = 2048;

/// All slices of a block, kVectors registers of columns. What the stores might change for all that the
/// compiler knows is read once: 1024², 90 % zeros, M = 16: 67.2 us where each of them read the strides again,
/// 60.3 so (Zen 4, 2026-11).
/// kTight: rows of sums and of C follow each other without a gap.
template <typename Weight, int kVectors, int kOutputs, bool kTight, bool kFar>
TFJS_SPARSE_INLINE void spmm_all_slices(const SpmmTile tile, const SpmmBlock block) {
  constexpr int kLanes = Vec::kLanes;
  constexpr size_t kMr = size_t{kVectors} * kLanes, kRowUnits = kMr / kSpmmSliceUnit;
  const size_t c_stride = kTight ? kMr : tile.c_stride, sums_stride = kTight ? kMr : tile.sums_stride;
  const char* const a = reinterpret_cast<const char*>(tile.a);
  const auto* columns = static_cast<const uint16_t*>(block.columns);
  const auto* end = columns + size_t{block.offsets[0]} * kOutputs;
  const auto* values = static_cast<const typename Weight::T*>(block.values) + (end - columns);
  columns = end;
  const uint32_t* outputs = block.outputs;
  for (size_t g = 0; g < tile.groups; ++g, outputs += kOutputs) {
    typename Vec::T acc[kOutputs][kVectors];
    float* c[kOutputs];
    for (int i = 0; i < kOutputs; ++i) {
      const size_t output = outputs[i];
      c[i] = tile.c + output * c_stride;
      const float* sums = tile.sums + output * sums_stride;
      for (int v = 0; v < kVectors; ++v) {
        if (!tile.first)
          acc[i][v] = Vec::load(sums + v * kLanes);
        else
          acc[i][v] = Weight::kScaled ? Vec::zero() : Vec::set1(tile.bias[output]);
      }
    }
    end += size_t{block.offsets[g + 1] - block.offsets[g]} * kOutputs;
    for (; columns != end; columns += kOutputs, values += kOutputs) {
      if (kFar) {
        __builtin_prefetch(reinterpret_cast<const char*>(values) + kSpmmSliceAhead);
        __builtin_prefetch(reinterpret_cast<const char*>(columns) + kSpmmSliceAhead / 2);
      }
      for (int quad = 0; quad < kOutputs; quad += 4) {
        uint64_t four_columns;
        std::memcpy(&four_columns, columns + quad, sizeof(four_columns));
        const typename Vec::T four = Weight::quad(values + quad);
        const auto multiply = [&](auto place) TFJS_SPARSE_INLINE_LAMBDA {
          constexpr int kPlace = decltype(place)::value;
          const size_t column =
              kPlace == 3 ? four_columns >> 48 : spmm_from_bit<16 * kPlace>(four_columns) & 0xffff;
          const auto* row = reinterpret_cast<const float*>(a + column * kRowUnits);
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
    if (tile.last) {
      const typename Vec::T lowest = Vec::set1(tile.min), highest = Vec::set1(tile.max);
      for (int i = 0; i < kOutputs; ++i)
        for (int v = 0; v < kVectors; ++v) {
          if (Weight::kScaled)
            acc[i][v] =
                Vec::fma(Vec::set1(block.scales[outputs[i]]), acc[i][v], Vec::set1(tile.bias[outputs[i]]));
          acc[i][v] = Vec::min(highest, Vec::max(lowest, acc[i][v]));
        }
    }
    for (int i = 0; i < kOutputs; ++i)
      for (int v = 0; v < kVectors; ++v) Vec::store(c[i] + v * kLanes, acc[i][v]);
  }
}

template <typename Weight, int kVectors, int kOutputs, bool kTight>
TFJS_SPARSE_INLINE void spmm_near_or_far_slices(const SpmmTile& tile, const SpmmBlock& block) {
  if (tile.far)
    spmm_all_slices<Weight, kVectors, kOutputs, kTight, true>(tile, block);
  else
    spmm_all_slices<Weight, kVectors, kOutputs, kTight, false>(tile, block);
}

template <typename Weight, int kVectors, int kOutputs>
inline void spmm_slices(const SpmmTile& tile, const SpmmBlock& block) {
  constexpr size_t kMr = size_t{kVectors} * Vec::kLanes;
  if (tile.c_stride == kMr && (tile.first || tile.sums_stride == kMr))
    spmm_near_or_far_slices<Weight, kVectors, kOutputs, true>(tile, block);
  else
    spmm_near_or_far_slices<Weight, kVectors, kOutputs, false>(tile, block);
}

}  // namespace
}  // namespace tfjs_sparse
