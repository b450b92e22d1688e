#pragma once
// Staging over Vec (kernels/vec). Only internal functions: see native code in CONTRIBUTING.md.
#include "kernels/stage/stage.h"

namespace tfjs_sparse {
namespace {

TFJS_SPARSE_INLINE void stage_zeros(float* out, size_t count) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, Vec::zero());
  for (; i < count; ++i) out[i] = 0;
}

TFJS_SPARSE_INLINE void stage_copy(const float* in, float* out, size_t count) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, Vec::load(in + i));
  for (; i < count; ++i) out[i] = in[i];
}

/// Even columns to one run, odd columns to another.
TFJS_SPARSE_INLINE void stage_pairs(const float* in, size_t pairs, float* even, float* odd) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  for (; i + kLanes <= pairs; i += kLanes) {
    Vec::T a, b;
    Vec::deinterleave(Vec::load(in + 2 * i), Vec::load(in + 2 * i + kLanes), &a, &b);
    Vec::store(even + i, a);
    Vec::store(odd + i, b);
  }
  for (; i < pairs; ++i) {
    even[i] = in[2 * i];
    odd[i] = in[2 * i + 1];
  }
}

/// Phase p of one input row: places [0, phase_places), of which [begin, end) are columns of the input and the
/// others padding.
struct StageRange {
  size_t begin, end, first;  ///< `first`: the input column at `begin`, 0 where there is none
};

TFJS_SPARSE_INLINE StageRange stage_range(const StageShape& s, size_t phase) {
  const int64_t stride = int64_t(s.stride_x), shift = int64_t(phase) - int64_t(s.pad_left);
  const int64_t width = int64_t(s.in_width), places = int64_t(s.phase_places);
  int64_t begin = shift < 0 ? (-shift + stride - 1) / stride : 0;
  int64_t end = shift < width ? (width - 1 - shift) / stride + 1 : 0;
  if (end > places) end = places;
  if (begin > end) begin = end;
  return {size_t(begin), size_t(end), begin < end ? size_t(begin * stride + shift) : 0};
}

TFJS_SPARSE_INLINE void stage_row(const StageShape& s, const float* in, float* out) {
  const size_t batch = s.batch;
  if (s.stride_x == 2 && s.phases == 2 && batch == 1) {
    const StageRange a = stage_range(s, 0), b = stage_range(s, 1);
    const size_t places[] = {a.end - a.begin, b.end - b.begin};
    // The phase that has the lower column is the even one of the pairs.
    const bool swapped = b.first < a.first;
    const size_t pairs = places[0] < places[1] ? places[0] : places[1];
    const StageRange &even = swapped ? b : a, &odd = swapped ? a : b;
    float* const to_even = out + (swapped ? s.phase_floats : 0) + even.begin;
    float* const to_odd = out + (swapped ? 0 : s.phase_floats) + odd.begin;
    // A phase without columns has no first one to compare.
    if (pairs > 0 && odd.first == even.first + 1) {
      stage_zeros(out, a.begin);
      stage_zeros(out + s.phase_floats, b.begin);
      stage_pairs(in + even.first, pairs, to_even, to_odd);
      for (size_t i = pairs; i < even.end - even.begin; ++i) to_even[i] = in[even.first + 2 * i];
      for (size_t i = pairs; i < odd.end - odd.begin; ++i) to_odd[i] = in[odd.first + 2 * i];
      stage_zeros(out + a.end, s.phase_floats - a.end);
      stage_zeros(out + s.phase_floats + b.end, s.phase_floats - b.end);
      return;
    }
  }
  for (size_t p = 0; p < s.phases; ++p, out += s.phase_floats) {
    const StageRange range = stage_range(s, p);
    const float* from = in + range.first * batch;
    stage_zeros(out, range.begin * batch);
    if (s.stride_x == 1)
      stage_copy(from, out + range.begin * batch, (range.end - range.begin) * batch);
    else
      for (size_t i = range.begin; i < range.end; ++i, from += s.stride_x * batch)
        stage_copy(from, out + i * batch, batch);
    stage_zeros(out + range.end * batch, s.phase_floats - range.end * batch);
  }
}

/// Rows [first, first + count) of the padded plane, row_floats each.
TFJS_SPARSE_INLINE void stage_rows(const StageShape& s, const float* in, size_t first, size_t count,
                                   float* out) {
  for (size_t y = first; y < first + count; ++y, out += s.row_floats) {
    if (y < s.pad_top || y - s.pad_top >= s.in_height)
      stage_zeros(out, s.row_floats);
    else
      stage_row(s, in + (y - s.pad_top) * s.in_width * s.batch, out);
  }
}

/// Rows of whole registers.
template <int kVectors>
TFJS_SPARSE_INLINE void copy_rows(const float* in, size_t stride, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i, in += stride, out += kVectors * Vec::kLanes)
    for (int v = 0; v < kVectors; ++v) Vec::store(out + v * Vec::kLanes, Vec::load(in + v * Vec::kLanes));
}

TFJS_SPARSE_INLINE void fill_panel(const float* base, size_t stride, size_t count, const PanelPiece* pieces,
                                   size_t piece_count, float* panel, size_t width) {
  constexpr size_t kLanes = Vec::kLanes;
  if (piece_count == 1 && pieces[0].length == width) {
    const float* in = base + pieces[0].from;
    if (width == kLanes) return copy_rows<1>(in, stride, count, panel);
    if (width == 2 * kLanes) return copy_rows<2>(in, stride, count, panel);
    if (width == 3 * kLanes) return copy_rows<3>(in, stride, count, panel);
    if (width == 4 * kLanes) return copy_rows<4>(in, stride, count, panel);
  }
  for (size_t i = 0; i < count; ++i, base += stride, panel += width)
    for (size_t p = 0; p < piece_count; ++p) {
      const float* in = base + pieces[p].from;
      float* out = panel + pieces[p].at;
      const size_t length = pieces[p].length;
      size_t j = 0;
      for (; j + kLanes <= length; j += kLanes) Vec::store(out + j, Vec::load(in + j));
      if (j == length) continue;
      // What a whole register writes too much, the next piece or row writes again.
      if (i + 1 < count)
        Vec::store(out + j, Vec::load(in + j));
      else
        for (; j < length; ++j) out[j] = in[j];
    }
}

}  // namespace
}  // namespace tfjs_sparse
