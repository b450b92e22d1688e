#pragma once
// The slice loops over Vec (kernels/vec), a Weight type (kernels/vec/weights) and a Window type:
//   kRows, kColumnBytes          lanes; bytes of one step's places
//   pick(const float* x, const uint8_t* columns)   x at kRows places of the window that begins at x
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
TFJS_SPARSE_INLINE void spmv_finish(const SpmvCall& call, const SpmvSlices& slices, size_t output,
                                    typename Vec::T sum) {
  if (Weight::kScaled) sum = Vec::fma(Vec::load(slices.scales + output), sum, Vec::load(call.bias + output));
  Vec::store(call.y + output, Vec::min(Vec::set1(call.max), Vec::max(Vec::set1(call.min), sum)));
}

template <typename Weight, typename Window>
TFJS_SPARSE_INLINE void spmv_window(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kRows = Window::kRows;
  const uint16_t* advance = slices.advances;
  const uint8_t* columns = slices.columns;
  using Element = typename Weight::T;
  const auto* values = static_cast<const Element*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    typename Vec::T acc[kSpmvChains] = {spmv_start<Weight>(call, slice * kRows), Vec::zero(), Vec::zero(),
                                        Vec::zero()};
    const float* x = call.x;
    const auto take_steps = [&](int count) TFJS_SPARSE_INLINE_LAMBDA {
      // Weights that come from memory arrive faster when they are asked for earlier than the hardware does:
      // 4096², 90 % zeros, 14 MB: 1412 to 939 us with this, 801 with large pages too; in the L3 cache no
      // difference (Zen 4, 2026-11).
      __builtin_prefetch(columns + kAhead / sizeof(float));
      for (int i = 0; i < count; ++i) {
        if (size_t(i) * kRows * sizeof(Element) % kLineBytes == 0)
          __builtin_prefetch(reinterpret_cast<const char*>(values + i * kRows) + kAhead);
        x += advance[i];
        acc[i] = Vec::fma(Weight::load(values + i * kRows),
                          Window::pick(x, columns + i * Window::kColumnBytes), acc[i]);
      }
      advance += count;
      columns += count * Window::kColumnBytes;
      values += count * kRows;
    };
    uint32_t steps = slices.steps[slice];
    for (; steps >= kSpmvChains; steps -= kSpmvChains) take_steps(kSpmvChains);
    for (; steps > 0; --steps) take_steps(1);
    const typename Vec::T sum = Vec::add(Vec::add(acc[0], acc[1]), Vec::add(acc[2], acc[3]));
    spmv_finish<Weight>(call, slices, slice * kRows, sum);
  }
}

/// kVectors registers of outputs; kUnroll inputs at a time have sums of their own.
template <typename Weight, int kVectors, int kUnroll>
TFJS_SPARSE_INLINE void spmv_dense(const SpmvCall& call, const SpmvSlices& slices) {
  constexpr int kLanes = Vec::kLanes, kRows = kVectors * kLanes;
  const auto* values = static_cast<const typename Weight::T*>(slices.values);
  for (size_t slice = 0; slice < slices.slices; ++slice) {
    typename Vec::T acc[kUnroll][kVectors];
    for (int u = 0; u < kUnroll; ++u)
      for (int v = 0; v < kVectors; ++v)
        acc[u][v] = u == 0 ? spmv_start<Weight>(call, slice * kRows + v * kLanes) : Vec::zero();
    size_t k = 0;
    for (; k + kUnroll <= call.k; k += kUnroll, values += kUnroll * kRows)
      for (int u = 0; u < kUnroll; ++u) {
        const typename Vec::T x = Vec::set1(call.x[k + u]);
        for (int v = 0; v < kVectors; ++v)
          acc[u][v] = Vec::fma(x, Weight::load(values + u * kRows + v * kLanes), acc[u][v]);
      }
    for (; k < call.k; ++k, values += kRows) {
      const typename Vec::T x = Vec::set1(call.x[k]);
      for (int v = 0; v < kVectors; ++v)
        acc[0][v] = Vec::fma(x, Weight::load(values + v * kLanes), acc[0][v]);
    }
    for (int v = 0; v < kVectors; ++v) {
      typename Vec::T sum = acc[0][v];
      for (int u = 1; u < kUnroll; ++u) sum = Vec::add(sum, acc[u][v]);
      spmv_finish<Weight>(call, slices, slice * kRows + v * kLanes, sum);
    }
  }
}

}  // namespace
}  // namespace tfjs_sparse
