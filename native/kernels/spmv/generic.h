#pragma once
// The slice loops over Vec (kernels/vec), a Weight type (kernels/vec/weights) and a Window type:
//   kRows, kColumnBits                     lanes; bits of a place in its output's word
//   Words, words(const uint32_t* places)   the places of a group
//   Places, places<step>(Words)            those of one step, decoded
//   pick(const float* x, Places)           x at kRows places of the window that begins at x
#include <type_traits>
#include <utility>

#include "kernels/spmv/spmv.h"

namespace tfjs_sparse {
namespace {

/// Independent sums that hide the latency of the fused multiply-add.
constexpr int kSpmvChains = 4;

/// Where `streamed`: values and bytes of places ahead of those in use that are asked for, a line once.
constexpr size_t kValuesAhead = 2048, kPlacesAhead = 512, kLineBytes = 64;

/// Asks for a line: floats only as far as the L2 cache. 4096², 90 % zeros, ns per weight in a loop and after
/// other data took the caches, AVX2, 1024, 2048 floats ahead into L1, 2048 into L2: 0.245 and 0.465, 0.24 and
/// 0.47, 0.223 and 0.388; int8 in narrow windows, 4096, 2048 ahead into L1, 8192 into L2: 0.165 and 0.257,
/// 0.157 and 0.246, 0.152 and 0.338 (Zen 4, 2026-11).
template <typename Element>
TFJS_SPARSE_INLINE void spmv_ask(const void* line) {
  if (sizeof(Element) == sizeof(float))
    __builtin_prefetch(line, 0, 2);
  else
    __builtin_prefetch(line);
}

template <typename Function, int... kSteps>
TFJS_SPARSE_INLINE void for_steps(std::integer_sequence<int, kSteps...>, Function function) {
  (function(std::integral_constant<int, kSteps>()), ...);
}

/// What the first of the sums of Vec::kLanes outputs from `output` on begins with.
template <typename Weight>
TFJS_SPARSE_INLINE typename Vec::T spmv_start(const SpmvCall& call, size_t output) {
  return Weight::kScaled ? Vec::zero() : Vec::load(call.bias + output);
}

template <typename Weight>
TFJS_SPARSE_INLINE void spmv_finish(const SpmvCall& call, const SpmvSlices& slices, size_t column,
                                    size_t output, typename Vec::T sum) {
  if (Weight::kScaled) sum = Vec::fma(Vec::load(slices.scales + output), sum, Vec::load(call.bias + output));
  Vec::store(call.y + column * call.y_stride + output,
             Vec::min(Vec::set1(call.max), Vec::max(Vec::set1(call.min), sum)));
}

/// kColumns vectors from `first` on at once: weights and places are read and decoded once for all of them.
template <typename Weight, typename Window, int kColumns, bool kStreamed>
TFJS_SPARSE_INLINE void spmv_window_columns(const SpmvCall& call, const SpmvSlices& slices, size_t first) {
  constexpr int kRows = Window::kRows, kSteps = 32 / Window::kColumnBits, kChains = kSpmvChains / kColumns;
  using Element = typename Weight::T;
  const uint16_t* offsets = slices.offsets;
  const uint32_t* places = slices.places;
  const auto* values = static_cast<const Element*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    typename Vec::T acc[kChains][kColumns];
    for (int i = 0; i < kChains; ++i)
      for (int c = 0; c < kColumns; ++c)
        acc[i][c] = i == 0 ? spmv_start<Weight>(call, slice * kRows) : Vec::zero();
    const float* x = call.x + first * call.x_stride;
    for (uint32_t group = slices.groups[slice]; group > 0; --group) {
      const typename Window::Words words = Window::words(places);
      if (kStreamed) spmv_ask<Element>(reinterpret_cast<const char*>(places) + kPlacesAhead);
      x += offsets[0];
      for_steps(std::make_integer_sequence<int, kSteps>(), [&](auto step) TFJS_SPARSE_INLINE_LAMBDA {
        constexpr int kStep = decltype(step)::value;
        const Element* of_step = values + kStep * kRows;
        if (kStreamed && kStep * kRows * sizeof(Element) % kLineBytes == 0)
          spmv_ask<Element>(of_step + kValuesAhead);
        const typename Vec::T w = Weight::load(of_step);
        const typename Window::Places picked = Window::template places<kStep>(words);
        const float* window = kStep == 0 ? x : x + offsets[kStep];
        for (int c = 0; c < kColumns; ++c)
          acc[kStep % kChains][c] =
              Vec::fma(w, Window::pick(window + c * call.x_stride, picked), acc[kStep % kChains][c]);
      });
      offsets += kSteps;
      places += kRows;
      values += kSteps * kRows;
    }
    for (int c = 0; c < kColumns; ++c) {
      typename Vec::T sum = acc[0][c];
      if (kChains == 4)
        sum =
            Vec::add(Vec::add(sum, acc[1 % kChains][c]), Vec::add(acc[2 % kChains][c], acc[3 % kChains][c]));
      else if (kChains == 2)
        sum = Vec::add(sum, acc[1 % kChains][c]);
      spmv_finish<Weight>(call, slices, first + c, slice * kRows, sum);
    }
  }
}

template <typename Weight, typename Window, bool kStreamed>
TFJS_SPARSE_INLINE void spmv_windows(const SpmvCall& call, const SpmvSlices& slices) {
  size_t c = 0;
  for (; c + 4 <= call.count; c += 4) spmv_window_columns<Weight, Window, 4, kStreamed>(call, slices, c);
  for (; c + 2 <= call.count; c += 2) spmv_window_columns<Weight, Window, 2, kStreamed>(call, slices, c);
  for (; c < call.count; ++c) spmv_window_columns<Weight, Window, 1, kStreamed>(call, slices, c);
}

template <typename Weight, typename Window>
TFJS_SPARSE_INLINE void spmv_window(const SpmvCall& call, const SpmvSlices& slices) {
  if (slices.streamed)
    spmv_windows<Weight, Window, true>(call, slices);
  else
    spmv_windows<Weight, Window, false>(call, slices);
}

/// Inputs per block of dense weights: the part of them that a pass over some vectors leaves in the L2 cache
/// for the next pass. 4096 x 4096, AVX2, M = 16, with 256, 512, 1024, 2048 inputs and with all: 61, 69, 74,
/// 75, 76 GFLOP/s; M = 256: 85, 86, 87, 88, 86. In the caches no difference (Zen 4, 2026-11).
constexpr size_t kSpmvBlockK = 2048;

/// Floats that are kept where the weights are stored as something else.
constexpr size_t kSpmvWideFloats = 6144;

/// Vectors from which on they are.
constexpr size_t kSpmvWidenFrom = 7;

/// Vectors whose sums, of three registers each, stay in registers together.
constexpr size_t kSpmvRows = 4;

/// Inputs that one slice takes before the next one beside it does: so many whole cache lines of each stream.
/// Dense 3072 x 768, M = 1, AVX2, with 1, 2, 4, 8, 16: 134, 133, 130, 134, 147 us; M = 2: 140, 140, 166, 179
/// us with 1, 2, 4, 8 (Zen 4, 2026-11).
constexpr int spmv_turn(int columns) { return columns < 4 ? 4 / columns : 1; }

/// Sums of one output and vector that run side by side. Slices of several registers need one: the order of a
/// sum is then the same for any number of vectors and of slices.
constexpr int spmv_sums(int vectors, int columns) {
  return vectors > 1 ? 1 : columns == 1 ? 8 : columns == 2 ? 4 : 2;
}

/// A part of dense weights: kSlices slices next to each other, inputs [from, to).
template <typename T>
struct SpmvPart {
  const T* values;    ///< of input `from` in the first of the slices
  size_t slice_size;  ///< elements from slice to slice
  size_t output;      ///< the first one
  size_t from, to;
  const char* ahead;  ///< each input asks for a line from here on; nullptr asks for none
  size_t ahead_step;
  float* keep = nullptr;  ///< where the first pass leaves its weights as floats
};

/// kVectors registers of outputs of each of the slices for kColumns vectors from `first` on. Sums of a block
/// that is not the last one pass through y.
/// @tparam Weight  the kernel's; values are loaded by Loaded
template <typename Weight, typename Loaded, int kVectors, int kSlices, int kColumns, bool kAhead,
          bool kKeep = false>
TFJS_SPARSE_INLINE void spmv_dense_tile(const SpmvCall& call, const SpmvSlices& slices,
                                        const SpmvPart<typename Loaded::T>& part, size_t first) {
  constexpr int kLanes = Vec::kLanes, kRows = kVectors * kLanes, kParts = kSlices * kVectors;
  constexpr int kSums = spmv_sums(kVectors, kColumns), kTurn = kSums > 1 ? kSums : spmv_turn(kColumns);
  const float* x = call.x + first * call.x_stride + part.from;
  float* y = call.y + first * call.y_stride + part.output;
  typename Vec::T acc[kSums][kColumns][kParts];
  for (int c = 0; c < kColumns; ++c)
    for (int v = 0; v < kParts; ++v) {
      acc[0][c][v] = part.from == 0 ? spmv_start<Weight>(call, part.output + v * kLanes)
                                    : Vec::load(y + c * call.y_stride + v * kLanes);
      for (int i = 1; i < kSums; ++i) acc[i][c][v] = Vec::zero();
    }
  const auto take = [&](int sum, int slice, size_t k) TFJS_SPARSE_INLINE_LAMBDA {
    if (kAhead) __builtin_prefetch(part.ahead + k * part.ahead_step);
    const auto* values = part.values + slice * part.slice_size + k * kRows;
    typename Vec::T w[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      w[v] = Loaded::load(values + v * kLanes);
      if (kKeep) Vec::store(part.keep + k * kRows + v * kLanes, w[v]);
    }
    for (int c = 0; c < kColumns; ++c) {
      const typename Vec::T broadcast = Vec::set1(x[c * call.x_stride + k]);
      for (int v = 0; v < kVectors; ++v) {
        typename Vec::T& sums = acc[sum][c][slice * kVectors + v];
        sums = Vec::fma(broadcast, w[v], sums);
      }
    }
  };
  const size_t inputs = part.to - part.from;
  size_t k = 0;
  for (; k + kTurn <= inputs; k += kTurn)
    for (int s = 0; s < kSlices; ++s)
      for (int i = 0; i < kTurn; ++i) take(i % kSums, s, k + i);
  for (; k < inputs; ++k)
    for (int s = 0; s < kSlices; ++s) take(0, s, k);
  for (int c = 0; c < kColumns; ++c)
    for (int v = 0; v < kParts; ++v) {
      typename Vec::T sum = acc[0][c][v];
      for (int i = 1; i < kSums; ++i) sum = Vec::add(sum, acc[i][c][v]);
      if (part.to == call.k)
        spmv_finish<Weight>(call, slices, first + c, part.output + v * kLanes, sum);
      else
        Vec::store(y + c * call.y_stride + v * kLanes, sum);
    }
}

constexpr size_t spmv_passes(size_t vectors) { return (vectors + kSpmvRows - 1) / kSpmvRows; }

/// Vectors of the next pass: so many that the passes are few and about equal. Five are three and two.
constexpr size_t spmv_pass(size_t left) { return (left + spmv_passes(left) - 1) / spmv_passes(left); }

/// Every vector from `first` on.
template <typename Weight, typename Loaded, int kVectors, int kSlices, bool kAhead>
TFJS_SPARSE_INLINE void spmv_dense_part(const SpmvCall& call, const SpmvSlices& slices,
                                        SpmvPart<typename Loaded::T> part, size_t first = 0) {
  const auto tile = [&](auto columns) TFJS_SPARSE_INLINE_LAMBDA {
    spmv_dense_tile<Weight, Loaded, kVectors, kSlices, decltype(columns)::value, kAhead>(call, slices, part,
                                                                                         first);
  };
  while (first < call.count) {
    const size_t columns = spmv_pass(call.count - first);
    if (columns == 1) tile(std::integral_constant<int, 1>());
    if (columns == 2) tile(std::integral_constant<int, 2>());
    if constexpr (kSlices == 1) {
      if (columns == 3) tile(std::integral_constant<int, 3>());
      if (columns == 4) tile(std::integral_constant<int, 4>());
    }
    first += columns;
    if (kAhead) part.ahead += (part.to - part.from) * part.ahead_step;
  }
}

template <typename Weight, int kVectors, int kSlices>
TFJS_SPARSE_INLINE void spmv_dense_slices(const SpmvCall& call, const SpmvSlices& slices, size_t slice) {
  constexpr size_t kRows = size_t{kVectors} * Vec::kLanes;
  const auto* values = static_cast<const typename Weight::T*>(slices.values) + slice * call.k * kRows;
  size_t from = 0;
  do {
    const size_t to = call.k - from < kSpmvBlockK ? call.k : from + kSpmvBlockK;
    spmv_dense_part<Weight, Weight, kVectors, kSlices, false>(
        call, slices, {values + from * kRows, call.k * kRows, slice * kRows, from, to, nullptr, 0});
    from = to;
  } while (from < call.k);
}

/// Weights that are not floats: the first pass leaves them as floats for the others, so many at a time that
/// they stay in the L1 cache. The next ones are asked for little by little meanwhile. 1024 x 1024, bfloat16,
/// AVX2, M = 8, 16, 64: 223, 419, 1640 us; 289, 491, 1660 with a loop of its own that makes floats, 240, 469,
/// 1850 where every pass makes them (Zen 4, 2026-11).
template <typename Weight, int kVectors>
TFJS_SPARSE_INLINE void spmv_dense_widened(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr size_t kRows = size_t{kVectors} * Vec::kLanes, kInputs = kSpmvWideFloats / kRows;
  constexpr size_t kInputBytes = kRows * sizeof(typename Weight::T);
  alignas(kLineBytes) float wide[kInputs * kRows];
  const size_t ahead_step = (kInputBytes + spmv_passes(call.count) - 1) / spmv_passes(call.count);
  const auto* values = static_cast<const typename Weight::T*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    size_t from = 0;
    do {
      const size_t to = call.k - from < kInputs ? call.k : from + kInputs;
      const char* ahead = reinterpret_cast<const char*>(values + (to - from) * kRows);
      const SpmvPart<typename Weight::T> stored{values, 0, slice * kRows, from, to, ahead, ahead_step, wide};
      const size_t columns = spmv_pass(call.count);
      if (columns == 4)
        spmv_dense_tile<Weight, Weight, kVectors, 1, 4, true, true>(call, slices, stored, 0);
      else
        spmv_dense_tile<Weight, Weight, kVectors, 1, 3, true, true>(call, slices, stored, 0);
      ahead += (to - from) * ahead_step;
      spmv_dense_part<Weight, WeightF32, kVectors, 1, true>(
          call, slices, {wide, 0, slice * kRows, from, to, ahead, ahead_step}, columns);
      values += (to - from) * kRows;
      from = to;
    } while (from < call.k);
  }
}

template <typename Weight, int kVectors>
TFJS_SPARSE_INLINE void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  if (!std::is_same<Weight, WeightF32>::value && call.count >= kSpmvWidenFrom) {
    spmv_dense_widened<Weight, kVectors>(call, slices);
    return;
  }
  size_t slice = 0;
  // One and two vectors take two slices at a time: the sums of one would wait for each other.
  if (kVectors > 1 && call.count <= 2)
    for (; slice + 2 <= slices.slices; slice += 2)
      spmv_dense_slices<Weight, kVectors, 2>(call, slices, slice);
  for (; slice < slices.slices; ++slice) spmv_dense_slices<Weight, kVectors, 1>(call, slices, slice);
}

}  // namespace
}  // namespace tfjs_sparse
