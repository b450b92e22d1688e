#pragma once
// The tile loop over a small vector type and a weight type; each <arch>_<isa>.cc instantiates it with its own
// Vec (kernels/vec) and weights (kernels/vec/weights).
#include <cstring>
#include <type_traits>

#include "kernels/spmm/places.h"
#include "kernels/spmm/spmm.h"

namespace tfjs_sparse {
namespace {

/// Fused multiply-adds in flight that hide their latency (4 cycles, two a cycle).
constexpr int kSpmmChains = 8;

/// Entries of one output whose weights are loaded together. The load ports are the limit of an unstructured
/// tile, and a broadcast from memory takes one of them as a whole register of activations does; four weights
/// in one load, and a shuffle for each, leave the ports to the activations. Their four columns are one load
/// too. 1024 x 1024, M = 192, float32, AVX2, us: 90 % zeros 761 to 681 with 32 x 1 and 1190 to 787 with 16 x
/// 1; 70 %: 2125 to 1840 and 3270 to 2204. (Zen 4, 2026-11; unrolling alone: 746 and 2028 with 32 x 1.)
constexpr size_t kSpmmQuad = 4;

/// Groups of entries, on average, from which on narrow tiles take three outputs side by side: 16 x 1 at 70 %
/// zeros 2204 us, 2471 with two; at 90 % 846 and 787.
constexpr size_t kSpmmManyEntries = 40;

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

/// Weights of unstructured groups that come from the L3 cache, and as much of what lies behind: 4096², 90 %
/// zeros, M = 16: 1345 to 1235 us, M = 64 4180 to 4087, M = 256 no difference; 70 %, M = 64: 12.07 to 11.67
/// ms; 1 % more time where they are in the L2 cache (Zen 4, 2026-11). 2 and 4 KB are the same.
constexpr size_t kSpmmGroupsAhead = 1024, kSpmmGroupLines = 4;

/// Groups of four and more that leave the load ports a free slot ask for the row of the entry this far ahead,
/// the next group's at the end of one: rows come from behind the L1 cache. 24 x 4 at 90 % zeros, M = 256,
/// activations in place: 300×784 159 to 142 us, 512² 172 to 161; M = 48 from a panel: 1024² 122 to 121 (AVX2,
/// Zen 4, 2026-11). A request for the second line of a row costs what it saves. Narrower tiles lose by it: 8
/// x 4 27.6 to 33.7, 16 x 4 in rows without a gap, as M = 16 has them, 10.4 to 11.0 (512²); 16 x 4 gains
/// where it ends wider rows, M = 64: 40.4 to 40.1.
template <int kVectors, int kNr, bool kDense, bool kTight>
constexpr bool kSpmmAsksForRows =
    !kDense && kNr >= int(kSpmmWideNr) && kVectors + kNr + 1 <= kVectors * kNr &&
    (!kTight || kVectors * kNr > kSpmmChains);

/// Weights that are read from memory as floats, whatever they are stored as.
struct WideWeights {
  using T = float;
  static TFJS_SPARSE_INLINE typename Vec::T set1(const float* p) { return Vec::set1(*p); }
};

/// kVectors registers along M, kNr outputs, kGroups groups side by side where one group alone has too few
/// chains. kGroups · kNr · kVectors accumulators stay in registers.
/// kTight: the panel's rows follow each other without a gap (1024 x 1024, M = 192, 90 % zeros: 699 us, 748
/// where the compiler does not know the distance).
template <typename Weight, int kVectors, int kNr, bool kDense, int kGroups, bool kTight>
TFJS_SPARSE_INLINE void spmm_groups(const SpmmTile& tile, const SpmmBlock& block, size_t g) {
  constexpr int kLanes = Vec::kLanes;
  const float* const a = tile.a;
  const size_t a_stride = kTight ? size_t{kVectors} * kLanes : tile.a_stride, c_stride = tile.c_stride;
  typename Vec::T acc[kGroups][kNr][kVectors];
  float* c[kGroups];
  const typename Weight::T* values[kGroups];
  const SpmmColumn<kNr>* columns[kGroups];
  for (int i = 0; i < kGroups; ++i) {
    const size_t output = block.outputs[g + i];
    const size_t entry = block.offsets[g + i];
    c[i] = tile.c + output * c_stride;
    values[i] = static_cast<const typename Weight::T*>(block.values) + entry * kNr;
    columns[i] = kDense ? nullptr : static_cast<const SpmmColumn<kNr>*>(block.columns) + entry;
    if (tile.first) {
      for (int r = 0; r < kNr; ++r)
        for (int v = 0; v < kVectors; ++v)
          acc[i][r][v] = Weight::kScaled ? Vec::zero() : Vec::set1(tile.bias[output + r]);
    } else {
      const float* sums = tile.sums + output * tile.sums_stride;
      for (int r = 0; r < kNr; ++r)
        for (int v = 0; v < kVectors; ++v) acc[i][r][v] = Vec::load(sums + r * tile.sums_stride + v * kLanes);
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
  // Entry `from + place` of every group, for a constant place.
  const auto multiply_place = [&](auto place, const uint32_t* four_columns,
                                  const typename Vec::T* four) TFJS_SPARSE_INLINE_LAMBDA {
    constexpr int kPlace = decltype(place)::value;
    for (int i = 0; i < kGroups; ++i) {
      const float* row = kTight ? spmm_row<kPlace, size_t{kVectors} * kLanes>(a, four_columns[i])
                                : a + size_t(four_columns[i] >> (8 * kPlace) & 0xff) * a_stride;
      const typename Vec::T w = Vec::template spread<kPlace>(four[i]);
      for (int v = 0; v < kVectors; ++v)
        acc[i][0][v] = Vec::fma(w, Vec::load(row + v * kLanes), acc[i][0][v]);
    }
  };
  // Entries [0, to) of every group, four at a time. @returns the first one that is left
  const auto multiply_quads = [&](size_t to) TFJS_SPARSE_INLINE_LAMBDA {
    size_t p = 0;
    for (; p + kSpmmQuad <= to; p += kSpmmQuad) {
      uint32_t four_columns[kGroups];
      typename Vec::T four[kGroups];
      for (int i = 0; i < kGroups; ++i) {
        std::memcpy(&four_columns[i], columns[i] + p, sizeof(four_columns[i]));
        four[i] = Weight::quad(values[i] + p);
      }
      multiply_place(std::integral_constant<int, 0>(), four_columns, four);
      multiply_place(std::integral_constant<int, 1>(), four_columns, four);
      multiply_place(std::integral_constant<int, 2>(), four_columns, four);
      multiply_place(std::integral_constant<int, 3>(), four_columns, four);
    }
    return p;
  };
  const auto ask_for_row = [&](int i, size_t p) TFJS_SPARSE_INLINE_LAMBDA {
    if constexpr (kSpmmAsksForRows<kVectors, kNr, kDense, kTight>)
      __builtin_prefetch(a + columns[i][p + kSpmmColumnsAhead] * a_stride);
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
          for (int i = begin; i < end; ++i) {
            ask_for_row(i, from + p);
            multiply(WideWeights(), i, from + p, wide[i] + p * kNr);
          }
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
        for (int i = begin; i < end; ++i) {
          ask_for_row(i, p);
          multiply(Weight(), i, p, values[i] + p * kNr);
        }
    }
  };
  if constexpr (kNr == 1 && !kDense) {
    if (tile.far) {
      const char* next = reinterpret_cast<const char*>(values[0]) + kSpmmGroupsAhead;
      for (size_t line = 0; line < kSpmmGroupLines; ++line) __builtin_prefetch(next + line * kSpmmLine);
      __builtin_prefetch(reinterpret_cast<const char*>(columns[0]) +
                         kSpmmGroupsAhead / sizeof(typename Weight::T));
    }
  }
  // Counts fall from group to group: the last one's is common to all.
  const size_t common = block.offsets[g + kGroups] - block.offsets[g + kGroups - 1];
  size_t done = 0;
  if constexpr (kNr == 1 && !kDense) done = multiply_quads(common);
  multiply_entries(0, kGroups, done, common);
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

/// Copies, which no store can change for all that the compiler knows: blocks of 4 at 512², 90 % zeros, M = 16
/// and 64: 10.40 to 10.24 us and 40.0 to 39.5; no zeros, M = 64: 387 to 383 (AVX2, Zen 4, 2026-11).
template <typename Weight, int kVectors, int kNr, bool kDense, int kGroups, bool kTight>
TFJS_SPARSE_INLINE void spmm_side_by_side(const SpmmTile tile, const SpmmBlock block) {
  size_t g = 0;
  for (; g + kGroups <= tile.groups; g += kGroups)
    spmm_groups<Weight, kVectors, kNr, kDense, kGroups, kTight>(tile, block, g);
  if (kGroups > 1)
    for (; g < tile.groups; ++g) spmm_groups<Weight, kVectors, kNr, kDense, 1, kTight>(tile, block, g);
}

/// Unstructured: as many outputs side by side as their pointers leave registers for. Four of them in 16 x 1
/// take 879 us and eight in 8 x 1 1472, where two take 787 and four 1290 (1024 x 1024, M = 192, 90 %).
/// AVX-512 has registers for three: by llvm-mca 0.71 for 0.94 cycles a multiply-add in 64 x 1 on two units,
/// 0.96 for 1.44 in 32 x 1, before rows were found as they are now (docs/decisions/0018).
template <typename Weight, int kVectors, bool kTight>
TFJS_SPARSE_INLINE void spmm_unstructured(const SpmmTile& tile, const SpmmBlock& block) {
  constexpr int kFew = Vec::kLanes == 16 ? 3 : 2;
  constexpr int kGroups = kVectors >= kSpmmChains ? 1 : kVectors == 1 ? 4 : kFew;
  if (kVectors == 2 && kFew < 3 &&
      block.offsets[tile.groups] - block.offsets[0] >= kSpmmManyEntries * tile.groups)
    spmm_side_by_side<Weight, kVectors, 1, false, 3, kTight>(tile, block);
  else
    spmm_side_by_side<Weight, kVectors, 1, false, kGroups, kTight>(tile, block);
}

template <typename Weight, int kVectors, int kNr, bool kDense, bool kTight>
TFJS_SPARSE_INLINE void spmm_pattern(const SpmmTile& tile, const SpmmBlock& block) {
  constexpr int kGroups = kVectors * kNr >= kSpmmChains ? 1 : kSpmmChains / (kVectors * kNr);
  if constexpr (kNr == 1 && !kDense)
    spmm_unstructured<Weight, kVectors, kTight>(tile, block);
  else
    spmm_side_by_side<Weight, kVectors, kNr, kDense, kGroups, kTight>(tile, block);
}

template <typename Weight, int kVectors, int kNr, bool kDense>
inline void spmm_tile(const SpmmTile& tile, const SpmmBlock& block) {
  // A dense pattern walks the panel row by row: there is no product of a column with the distance to save.
  if (!kDense && tile.a_stride == size_t{kVectors} * Vec::kLanes)
    spmm_pattern<Weight, kVectors, kNr, kDense, !kDense>(tile, block);
  else
    spmm_pattern<Weight, kVectors, kNr, kDense, false>(tile, block);
}

}  // namespace
}  // namespace tfjs_sparse
