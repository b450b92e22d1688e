#pragma once
// Depthwise convolution over Vec (kernels/vec). Only internal functions: see native code in CONTRIBUTING.md.
#include "kernels/depthwise/depthwise.h"
#include "kernels/stage/generic.h"

namespace tfjs_sparse {
namespace {

/// What the tiles of a channel share.
struct DepthwiseCall {
  const WindowShape& s;
  const float* weights;
  const size_t* shifts;  ///< of each tap column inside a staged row
  size_t row_floats;     ///< of a staged row
  float bias, min, max;
};

/// Tap by tap; zero taps are left out.
template <int kRows, int kVectors>
struct AnyWindow {
  static TFJS_SPARSE_INLINE void sum(const DepthwiseCall& call, const float* in,
                                     Vec::T (&acc)[kRows][kVectors]) {
    const WindowShape& s = call.s;
    const size_t next = s.stride_y * call.row_floats;
    const float* weight = call.weights;
    for (size_t ky = 0; ky < s.kernel_height; ++ky, in += s.dilation_y * call.row_floats)
      for (size_t kx = 0; kx < s.kernel_width; ++kx, ++weight) {
        if (*weight == 0) continue;
        const Vec::T w = Vec::set1(*weight);
        const float* x = in + call.shifts[kx];
        for (int r = 0; r < kRows; ++r)
          for (int v = 0; v < kVectors; ++v)
            acc[r][v] = Vec::fma(w, Vec::load(x + size_t(r) * next + v * Vec::kLanes), acc[r][v]);
      }
  }
};

/// Column of taps by column of taps: an input row is loaded once for all output rows that see it.
template <int kHeight, int kStride>
struct TallWindow {
  template <int kRows, int kVectors>
  struct Of {
    static TFJS_SPARSE_INLINE void sum(const DepthwiseCall& call, const float* in,
                                       Vec::T (&acc)[kRows][kVectors]) {
      const size_t columns = call.s.kernel_width;
      for (size_t kx = 0; kx < columns; ++kx) {
        Vec::T w[kHeight];
        for (int ky = 0; ky < kHeight; ++ky) w[ky] = Vec::set1(call.weights[size_t(ky) * columns + kx]);
        const float* row = in + call.shifts[kx];
        for (int y = 0; y < (kRows - 1) * kStride + kHeight; ++y, row += call.row_floats) {
          Vec::T x[kVectors];
          for (int v = 0; v < kVectors; ++v) x[v] = Vec::load(row + v * Vec::kLanes);
          for (int r = 0; r < kRows; ++r) {
            const int ky = y - r * kStride;
            if (ky < 0 || ky >= kHeight) continue;
            for (int v = 0; v < kVectors; ++v) acc[r][v] = Vec::fma(w[ky], x[v], acc[r][v]);
          }
        }
      }
    }
  };
};

/// kRows output rows, kVectors registers of their columns; the last register of each row is stored up to
/// `floats` of the tile.
template <template <int, int> class Window, int kRows, int kVectors>
TFJS_SPARSE_INLINE void depthwise_tile(const DepthwiseCall& call, const float* in, float* out, size_t out_row,
                                       size_t floats) {
  constexpr size_t kLanes = Vec::kLanes;
  Vec::T acc[kRows][kVectors];
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) acc[r][v] = Vec::set1(call.bias);
  Window<kRows, kVectors>::sum(call, in, acc);
  const Vec::T lowest = Vec::set1(call.min), highest = Vec::set1(call.max);
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) {
      const Vec::T y = Vec::min(highest, Vec::max(lowest, acc[r][v]));
      float* const to = out + size_t(r) * out_row + size_t(v) * kLanes;
      if (kVectors > 1 || floats >= kLanes) {
        Vec::store(to, y);
      } else {
        float lanes[kLanes];
        Vec::store(lanes, y);
        for (size_t i = 0; i < floats; ++i) to[i] = lanes[i];
      }
    }
}

template <template <int, int> class Window, int kRows>
TFJS_SPARSE_INLINE void depthwise_row(const DepthwiseCall& call, const float* in, float* out,
                                      size_t out_row) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t x = 0;
  for (; x + 2 * kLanes <= out_row; x += 2 * kLanes)
    depthwise_tile<Window, kRows, 2>(call, in + x, out + x, out_row, 2 * kLanes);
  for (; x < out_row; x += kLanes)
    depthwise_tile<Window, kRows, 1>(call, in + x, out + x, out_row,
                                     out_row - x < kLanes ? out_row - x : kLanes);
}

template <template <int, int> class Window>
inline void depthwise_strips(const DepthwiseCall& call, const StageShape& stage, const float* in,
                             float* scratch, float* out) {
  const WindowShape& s = call.s;
  const size_t strip = depthwise_strip_rows(s), out_row = s.out_width * s.batch;
  const size_t step = s.stride_y * call.row_floats;
  for (size_t y = 0; y < s.out_height;) {
    const size_t end = y + strip < s.out_height ? y + strip : s.out_height;
    stage_rows(stage, in, y * s.stride_y,
               (end - y - 1) * s.stride_y + (s.kernel_height - 1) * s.dilation_y + 1, scratch);
    const float* staged = scratch;
    for (; y + 4 <= end; y += 4, staged += 4 * step, out += 4 * out_row)
      depthwise_row<Window, 4>(call, staged, out, out_row);
    if (y + 2 <= end) {
      depthwise_row<Window, 2>(call, staged, out, out_row);
      y += 2, staged += 2 * step, out += 2 * out_row;
    }
    if (y < end) {
      depthwise_row<Window, 1>(call, staged, out, out_row);
      ++y, out += out_row;
    }
  }
}

TFJS_SPARSE_INLINE void depthwise(const WindowShape& s, const float* in, const float* weights, float bias,
                                  float min, float max, float* scratch, float* out) {
  const StageShape stage = stage_shape(s);
  size_t shifts[kDepthwiseMostColumns];
  for (size_t kx = 0; kx < s.kernel_width; ++kx) shifts[kx] = stage_shift(stage, kx * s.dilation_x);
  bool pruned = false;
  for (size_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) pruned |= weights[tap] == 0;
  const DepthwiseCall call{s, weights, shifts, stage.row_floats, bias, min, max};
  if (!pruned && s.dilation_y == 1) {
    if (s.kernel_height == 3 && s.stride_y == 1)
      return depthwise_strips<TallWindow<3, 1>::Of>(call, stage, in, scratch, out);
    if (s.kernel_height == 3 && s.stride_y == 2)
      return depthwise_strips<TallWindow<3, 2>::Of>(call, stage, in, scratch, out);
    if (s.kernel_height == 5 && s.stride_y == 1)
      return depthwise_strips<TallWindow<5, 1>::Of>(call, stage, in, scratch, out);
    if (s.kernel_height == 5 && s.stride_y == 2)
      return depthwise_strips<TallWindow<5, 2>::Of>(call, stage, in, scratch, out);
  }
  depthwise_strips<AnyWindow>(call, stage, in, scratch, out);
}

}  // namespace
}  // namespace tfjs_sparse
