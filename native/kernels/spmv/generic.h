#pragma once
// The slice loops over Vec (kernels/vec) and a Window type:
//   kRows, kColumnBytes          lanes; bytes of one step's places
//   pick(const float* x, const uint8_t* columns)   x at kRows places of the window that begins at x
#include "kernels/spmv/spmv.h"

namespace tfjs_sparse {
namespace {

/// Independent sums that hide the latency of the fused multiply-add.
constexpr int kSpmvChains = 4;

/// Bytes of values ahead of the one in use.
constexpr size_t kAhead = 2048;

template <typename Window>
TFJS_SPARSE_INLINE void spmv_window(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kRows = Window::kRows;
  const uint16_t* advance = slices.advances;
  const uint8_t* columns = slices.columns;
  const float* values = slices.values;
  const typename Vec::T lowest = Vec::set1(call.min), highest = Vec::set1(call.max);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    typename Vec::T acc[kSpmvChains] = {Vec::load(call.bias + slice * kRows), Vec::zero(), Vec::zero(),
                                        Vec::zero()};
    const float* x = call.x;
    const auto take_steps = [&](int count) TFJS_SPARSE_INLINE_LAMBDA {
      // Weights that come from memory arrive faster when they are asked for earlier than the hardware does:
      // 4096², 90 % zeros, 14 MB: 1412 to 939 us with this, 801 with large pages too; in the L3 cache no
      // difference (Zen 4, 2026-11).
      __builtin_prefetch(columns + kAhead / sizeof(float));
      for (int i = 0; i < count; ++i) {
        __builtin_prefetch(reinterpret_cast<const char*>(values + i * kRows) + kAhead);
        x += advance[i];
        acc[i] = Vec::fma(Vec::load(values + i * kRows), Window::pick(x, columns + i * Window::kColumnBytes),
                          acc[i]);
      }
      advance += count;
      columns += count * Window::kColumnBytes;
      values += count * kRows;
    };
    uint32_t steps = slices.steps[slice];
    for (; steps >= kSpmvChains; steps -= kSpmvChains) take_steps(kSpmvChains);
    for (; steps > 0; --steps) take_steps(1);
    const typename Vec::T sum = Vec::add(Vec::add(acc[0], acc[1]), Vec::add(acc[2], acc[3]));
    Vec::store(call.y + slice * kRows, Vec::min(highest, Vec::max(lowest, sum)));
  }
}

/// kVectors registers of outputs; kUnroll inputs at a time have sums of their own.
template <int kVectors, int kUnroll>
TFJS_SPARSE_INLINE void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kLanes = Vec::kLanes, kRows = kVectors * kLanes;
  const float* values = slices.values;
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    typename Vec::T acc[kUnroll][kVectors];
    for (int u = 0; u < kUnroll; ++u)
      for (int v = 0; v < kVectors; ++v)
        acc[u][v] = u == 0 ? Vec::load(call.bias + slice * kRows + v * kLanes) : Vec::zero();
    size_t k = 0;
    for (; k + kUnroll <= call.k; k += kUnroll, values += kUnroll * kRows)
      for (int u = 0; u < kUnroll; ++u) {
        const typename Vec::T x = Vec::set1(call.x[k + u]);
        for (int v = 0; v < kVectors; ++v)
          acc[u][v] = Vec::fma(x, Vec::load(values + u * kRows + v * kLanes), acc[u][v]);
      }
    for (; k < call.k; ++k, values += kRows) {
      const typename Vec::T x = Vec::set1(call.x[k]);
      for (int v = 0; v < kVectors; ++v) acc[0][v] = Vec::fma(x, Vec::load(values + v * kLanes), acc[0][v]);
    }
    const typename Vec::T lowest = Vec::set1(call.min), highest = Vec::set1(call.max);
    for (int v = 0; v < kVectors; ++v) {
      typename Vec::T sum = acc[0][v];
      for (int u = 1; u < kUnroll; ++u) sum = Vec::add(sum, acc[u][v]);
      Vec::store(call.y + slice * kRows + v * kLanes, Vec::min(highest, Vec::max(lowest, sum)));
    }
  }
}

}  // namespace
}  // namespace tfjs_sparse
