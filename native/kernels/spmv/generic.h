#pragma once
// The slice loops over Vec (kernels/vec), a Weight type (kernels/vec/weights) and a Window type:
//   kRows, kColumnBytes                       lanes; bytes of one step's places
//   Places, places(const uint8_t* columns)    the places of one step, decoded
//   pick(const float* x, Places)              x at kRows places of the window that begins at x
#include <type_traits>

#include "kernels/spmv/spmv.h"

namespace tfjs_sparse {
namespace {

/// Independent sums that hide the latency of the fused multiply-add.
constexpr int kSpmvChains = 4;

/// Bytes of values ahead of the one in use; a line is asked for once.
constexpr size_t kAhead = 2048, kLineBytes = 64;

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
template <typename Weight, typename Window, int kColumns>
TFJS_SPARSE_INLINE void spmv_window_columns(const SpmvCall& call, const SpmvSlices& slices, size_t first) {
  constexpr int kRows = Window::kRows, kChains = kSpmvChains / kColumns;
  using Element = typename Weight::T;
  const uint16_t* advance = slices.advances;
  const uint8_t* columns = slices.columns;
  const auto* values = static_cast<const Element*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    typename Vec::T acc[kChains][kColumns];
    for (int i = 0; i < kChains; ++i)
      for (int c = 0; c < kColumns; ++c)
        acc[i][c] = i == 0 ? spmv_start<Weight>(call, slice * kRows) : Vec::zero();
    const float* x = call.x + first * call.x_stride;
    const auto take_steps = [&](int count) TFJS_SPARSE_INLINE_LAMBDA {
      // Weights that come from memory arrive faster when they are asked for earlier than the hardware does:
      // 4096², 90 % zeros, 14 MB: 1412 to 939 us with this, 801 with large pages too; in the L3 cache no
      // difference (Zen 4, 2026-11).
      __builtin_prefetch(columns + kAhead / sizeof(float));
      for (int i = 0; i < count; ++i) {
        if (size_t(i) * kRows * sizeof(Element) % kLineBytes == 0)
          __builtin_prefetch(reinterpret_cast<const char*>(values + i * kRows) + kAhead);
        x += advance[i];
        const typename Vec::T w = Weight::load(values + i * kRows);
        const typename Window::Places places = Window::places(columns + i * Window::kColumnBytes);
        for (int c = 0; c < kColumns; ++c)
          acc[i % kChains][c] = Vec::fma(w, Window::pick(x + c * call.x_stride, places), acc[i % kChains][c]);
      }
      advance += count;
      columns += count * Window::kColumnBytes;
      values += count * kRows;
    };
    uint32_t steps = slices.steps[slice];
    for (; steps >= kSpmvChains; steps -= kSpmvChains) take_steps(kSpmvChains);
    for (; steps > 0; --steps) take_steps(1);
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

template <typename Weight, typename Window>
TFJS_SPARSE_INLINE void spmv_window(const SpmvCall& call, const SpmvSlices& slices) {
  size_t c = 0;
  for (; c + 4 <= call.count; c += 4) spmv_window_columns<Weight, Window, 4>(call, slices, c);
  for (; c + 2 <= call.count; c += 2) spmv_window_columns<Weight, Window, 2>(call, slices, c);
  for (; c < call.count; ++c) spmv_window_columns<Weight, Window, 1>(call, slices, c);
}

/// kVectors registers of outputs, kPart of them at a time; kUnroll inputs at a time have sums of their own;
/// kColumns vectors from `first` on at once.
template <typename Weight, int kVectors, int kPart, int kUnroll, int kColumns>
TFJS_SPARSE_INLINE void spmv_dense_columns(const SpmvCall& call, const SpmvSlices& slices, size_t first) {
  constexpr int kLanes = Vec::kLanes, kRows = kVectors * kLanes;
  const auto* slice_values = static_cast<const typename Weight::T*>(slices.values);
  const float* x = call.x + first * call.x_stride;
  for (size_t slice = 0; slice < slices.slices; ++slice, slice_values += call.k * kRows) {
    for (int part = 0; part < kVectors; part += kPart) {
      const size_t output = slice * kRows + part * kLanes;
      const auto* values = slice_values + part * kLanes;
      typename Vec::T acc[kUnroll][kColumns][kPart];
      for (int u = 0; u < kUnroll; ++u)
        for (int c = 0; c < kColumns; ++c)
          for (int v = 0; v < kPart; ++v)
            acc[u][c][v] = u == 0 ? spmv_start<Weight>(call, output + v * kLanes) : Vec::zero();
      const auto take = [&](int u, size_t k) TFJS_SPARSE_INLINE_LAMBDA {
        typename Vec::T w[kPart];
        for (int v = 0; v < kPart; ++v) w[v] = Weight::load(values + v * kLanes);
        for (int c = 0; c < kColumns; ++c) {
          const typename Vec::T broadcast = Vec::set1(x[c * call.x_stride + k]);
          for (int v = 0; v < kPart; ++v) acc[u][c][v] = Vec::fma(broadcast, w[v], acc[u][c][v]);
        }
        values += kRows;
      };
      size_t k = 0;
      for (; k + kUnroll <= call.k; k += kUnroll)
        for (int u = 0; u < kUnroll; ++u) take(u, k + u);
      for (; k < call.k; ++k) take(0, k);
      for (int c = 0; c < kColumns; ++c)
        for (int v = 0; v < kPart; ++v) {
          typename Vec::T sum = acc[0][c][v];
          for (int u = 1; u < kUnroll; ++u) sum = Vec::add(sum, acc[u][c][v]);
          spmv_finish<Weight>(call, slices, first + c, output + v * kLanes, sum);
        }
    }
  }
}

/// Inputs per block of spmv_dense_rows: 32 KB of the weights of two registers of outputs. 1024 x 1024, AVX2,
/// M = 16, 64 and 256: 87, 88, 86 GFLOP/s with 256, 88, 89, 87 with this (Zen 4, 2026-11). Without the
/// requests ahead: 84, 86, 85; and 4096 x 4096, whose weights come from memory: M = 16 and 64 38 to 44 and 63
/// to 70, 62 and 81 with them.
constexpr size_t kSpmvBlockK = 512;

/// Vectors whose sums, of two registers each, stay in registers together.
constexpr int kSpmvRows = 6;

/// Inputs [from, to) of a part of one slice for kColumns vectors from `first` on. Sums pass through y. Each
/// input asks for a line from `ahead` on.
template <typename Weight, int kVectors, int kPart, int kColumns>
TFJS_SPARSE_INLINE void spmv_dense_block(const SpmvCall& call, const SpmvSlices& slices,
                                         const typename Weight::T* values, size_t output, size_t from,
                                         size_t to, size_t first, const char* ahead, size_t ahead_step) {
  constexpr int kLanes = Vec::kLanes, kRows = kVectors * kLanes;
  const float* x = call.x + first * call.x_stride;
  float* y = call.y + first * call.y_stride + output;
  typename Vec::T acc[kColumns][kPart];
  for (int c = 0; c < kColumns; ++c)
    for (int v = 0; v < kPart; ++v)
      acc[c][v] = from == 0 ? spmv_start<Weight>(call, output + v * kLanes)
                            : Vec::load(y + c * call.y_stride + v * kLanes);
  values += from * kRows;
  for (size_t k = from; k < to; ++k, values += kRows, ahead += ahead_step) {
    __builtin_prefetch(ahead);
    typename Vec::T w[kPart];
    for (int v = 0; v < kPart; ++v) w[v] = Weight::load(values + v * kLanes);
    for (int c = 0; c < kColumns; ++c) {
      const typename Vec::T broadcast = Vec::set1(x[c * call.x_stride + k]);
      for (int v = 0; v < kPart; ++v) acc[c][v] = Vec::fma(broadcast, w[v], acc[c][v]);
    }
  }
  for (int c = 0; c < kColumns; ++c)
    for (int v = 0; v < kPart; ++v) {
      if (to == call.k)
        spmv_finish<Weight>(call, slices, first + c, output + v * kLanes, acc[c][v]);
      else
        Vec::store(y + c * call.y_stride + v * kLanes, acc[c][v]);
    }
}

/// Many vectors: a block of a slice's weights at a time for all of them.
template <typename Weight, int kVectors>
TFJS_SPARSE_INLINE void spmv_dense_rows(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kPart = kVectors > 1 ? 2 : 1, kLanes = Vec::kLanes, kRows = kVectors * kLanes;
  constexpr size_t kInputBytes = kRows * sizeof(typename Weight::T);
  // The next block's weights are asked for little by little, by all parts and vectors of this one: read at
  // once by the first of them they would keep the others waiting, where they come from memory.
  const size_t step = kInputBytes / ((call.count + kSpmvRows - 1) / kSpmvRows * (kVectors / kPart));
  const auto* slice_values = static_cast<const typename Weight::T*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice, slice_values += call.k * kRows) {
    size_t from = 0;
    do {
      const size_t to = call.k - from < kSpmvBlockK ? call.k : from + kSpmvBlockK;
      const char* ahead = reinterpret_cast<const char*>(slice_values) + to * kInputBytes;
      for (int part = 0; part < kVectors; part += kPart) {
        const auto block = [&](auto columns, size_t first) TFJS_SPARSE_INLINE_LAMBDA {
          spmv_dense_block<Weight, kVectors, kPart, decltype(columns)::value>(
              call, slices, slice_values + part * kLanes, slice * kRows + part * kLanes, from, to, first,
              ahead, step);
          ahead += (to - from) * step;
        };
        size_t c = 0;
        for (; c + kSpmvRows <= call.count; c += kSpmvRows)
          block(std::integral_constant<int, kSpmvRows>(), c);
        for (; c + 4 <= call.count; c += 4) block(std::integral_constant<int, 4>(), c);
        for (; c + 2 <= call.count; c += 2) block(std::integral_constant<int, 2>(), c);
        if (c < call.count) block(std::integral_constant<int, 1>(), c);
      }
      from = to;
    } while (from < call.k);
  }
}

/// Eight sums in registers, whatever the number of columns.
template <typename Weight, int kVectors, int kUnroll>
TFJS_SPARSE_INLINE void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kHalf = kVectors > 1 ? kVectors / 2 : 1;
  if (call.count >= kSpmvRows) {
    spmv_dense_rows<Weight, kVectors>(call, slices);
    return;
  }
  size_t c = 0;
  for (; c + 4 <= call.count; c += 4)
    spmv_dense_columns<Weight, kVectors, kHalf, kVectors == 1 ? 2 : 1, 4>(call, slices, c);
  for (; c + 2 <= call.count; c += 2)
    spmv_dense_columns<Weight, kVectors, kVectors, kVectors == 1 ? 4 : 1, 2>(call, slices, c);
  for (; c < call.count; ++c) spmv_dense_columns<Weight, kVectors, kVectors, kUnroll, 1>(call, slices, c);
}

}  // namespace
}  // namespace tfjs_sparse
