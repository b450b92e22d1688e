#pragma once
// The slice loops over Vec (kernels/vec), a Weight type (kernels/vec/weights) and a Window type:
//   kRows, kColumnBytes                       lanes; bytes of one step's places
//   Places, places(const uint8_t* columns)    the places of one step, decoded
//   pick(const float* x, Places)              x at kRows places of the window that begins at x
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

/// Eight sums in registers, whatever the number of columns.
template <typename Weight, int kVectors, int kUnroll>
TFJS_SPARSE_INLINE void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kHalf = kVectors > 1 ? kVectors / 2 : 1;
  size_t c = 0;
  for (; c + 4 <= call.count; c += 4)
    spmv_dense_columns<Weight, kVectors, kHalf, kVectors == 1 ? 2 : 1, 4>(call, slices, c);
  for (; c + 2 <= call.count; c += 2)
    spmv_dense_columns<Weight, kVectors, kVectors, kVectors == 1 ? 4 : 1, 2>(call, slices, c);
  for (; c < call.count; ++c) spmv_dense_columns<Weight, kVectors, kVectors, kUnroll, 1>(call, slices, c);
}

}  // namespace
}  // namespace tfjs_sparse
