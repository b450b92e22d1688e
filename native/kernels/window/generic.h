#pragma once
// Windows over Vec (kernels/vec).
#include <cstdint>

#include "kernels/window/window.h"

namespace tfjs_sparse {
namespace {

/// The output columns [begin, end) whose tap kx is not padding.
struct ColumnRange {
  size_t begin, end;
};

TFJS_SPARSE_INLINE ColumnRange valid_columns(const WindowShape& s, size_t kx) {
  const int64_t shift = int64_t(kx * s.dilation_x) - int64_t(s.pad_left);
  const int64_t stride = int64_t(s.stride_x), width = int64_t(s.in_width);
  int64_t begin = shift < 0 ? (-shift + stride - 1) / stride : 0;
  int64_t end = shift < width ? (width - 1 - shift) / stride + 1 : 0;
  if (end > int64_t(s.out_width)) end = int64_t(s.out_width);
  if (begin > end) begin = end;
  return {size_t(begin), size_t(end)};
}

/// The input rows of output row y: tap ky reads row first + ky · dilation_y for ky in [begin, end).
struct RowRange {
  int64_t first;
  size_t begin, end;
};

TFJS_SPARSE_INLINE RowRange valid_rows(const WindowShape& s, size_t y) {
  const int64_t first = int64_t(y * s.stride_y) - int64_t(s.pad_top), step = int64_t(s.dilation_y);
  const int64_t height = int64_t(s.in_height);
  int64_t begin = first < 0 ? (-first + step - 1) / step : 0;
  int64_t end = first < height ? (height - 1 - first) / step + 1 : 0;
  if (end > int64_t(s.kernel_height)) end = int64_t(s.kernel_height);
  if (begin > end) begin = end;
  return {first, size_t(begin), size_t(end)};
}

/// out[i] = f(out[i], in[i]).
template <typename F, typename G>
TFJS_SPARSE_INLINE void combine_run(const float* in, float* out, size_t count, F vector, G scalar) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, vector(Vec::load(out + i), Vec::load(in + i)));
  for (; i < count; ++i) out[i] = scalar(out[i], in[i]);
}

/// out(column x) = f(out(column x), line(column of tap kx)) for the columns where the tap is not padding.
template <typename F, typename G>
TFJS_SPARSE_INLINE void combine_tap(const WindowShape& s, const float* line, size_t kx, float* out, F vector,
                                    G scalar) {
  const ColumnRange range = valid_columns(s, kx);
  if (range.begin == range.end) return;
  const float* in = line + (range.begin * s.stride_x + kx * s.dilation_x - s.pad_left) * s.batch;
  out += range.begin * s.batch;
  const size_t columns = range.end - range.begin;
  if (s.stride_x == 1) {
    combine_run(in, out, columns * s.batch, vector, scalar);
  } else if (s.batch == 1) {
    for (size_t x = 0; x < columns; ++x) out[x] = scalar(out[x], in[x * s.stride_x]);
  } else {
    for (size_t x = 0; x < columns; ++x)
      combine_run(in + x * s.stride_x * s.batch, out + x * s.batch, s.batch, vector, scalar);
  }
}

TFJS_SPARSE_INLINE void fill_run(float* out, size_t count, float value) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, Vec::set1(value));
  for (; i < count; ++i) out[i] = value;
}

/// out[i] = f(f(start, first[i]), second[i]): the start passes over a NaN in `first` where f is max.
template <typename F, typename G>
TFJS_SPARSE_INLINE void combine_rows(const float* first, const float* second, float* out, size_t count,
                                     float start, F vector, G scalar) {
  constexpr size_t kLanes = Vec::kLanes;
  const Vec::T starts = Vec::set1(start);
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    Vec::store(out + i, vector(vector(starts, Vec::load(first + i)), Vec::load(second + i)));
  for (; i < count; ++i) out[i] = scalar(scalar(start, first[i]), second[i]);
}

/// Windows of two columns, stride two, one picture: even and odd lanes of the line meet.
template <typename F, typename G>
TFJS_SPARSE_INLINE void combine_pairs(const float* line, float* out, size_t count, float start, F vector,
                                      G scalar) {
  constexpr size_t kLanes = Vec::kLanes;
  const Vec::T starts = Vec::set1(start);
  size_t x = 0;
  for (; x + kLanes <= count; x += kLanes) {
    Vec::T even, odd;
    Vec::deinterleave(Vec::load(line + 2 * x), Vec::load(line + 2 * x + kLanes), &even, &odd);
    Vec::store(out + x, vector(vector(starts, even), odd));
  }
  for (; x < count; ++x) out[x] = scalar(scalar(start, line[2 * x]), line[2 * x + 1]);
}

/// `finish(row of output, rows of the window that are not padding)` runs after the taps of an output row.
template <typename F, typename G, typename Finish>
TFJS_SPARSE_INLINE void pool(const WindowShape& s, const float* in, float* line, float* out, float start,
                             F vector, G scalar, Finish finish) {
  const size_t out_row = s.out_width * s.batch, in_row = s.in_width * s.batch;
  const bool pairs = s.kernel_width == 2 && s.stride_x == 2 && s.dilation_x == 1 && s.batch == 1 &&
                     s.pad_left == 0 && 2 * s.out_width <= s.in_width;
  for (size_t y = 0; y < s.out_height; ++y, out += out_row) {
    const RowRange rows = valid_rows(s, y);
    const auto row = [&](size_t ky) { return in + size_t(rows.first + int64_t(ky * s.dilation_y)) * in_row; };
    const float* columns = line;
    if (rows.end == rows.begin) {
      fill_run(line, in_row, start);
    } else if (rows.end == rows.begin + 1) {
      columns = row(rows.begin);
    } else {
      combine_rows(row(rows.begin), row(rows.begin + 1), line, in_row, start, vector, scalar);
      for (size_t ky = rows.begin + 2; ky < rows.end; ++ky)
        combine_run(row(ky), line, in_row, vector, scalar);
    }
    if (pairs) {
      combine_pairs(columns, out, s.out_width, start, vector, scalar);
    } else {
      fill_run(out, out_row, start);
      for (size_t kx = 0; kx < s.kernel_width; ++kx) combine_tap(s, columns, kx, out, vector, scalar);
    }
    finish(out, rows.end - rows.begin);
  }
}

TFJS_SPARSE_INLINE void max_pool(const WindowShape& s, const float* in, float* line, float* out) {
  pool(
      s, in, line, out, -__builtin_inff(), [](Vec::T a, Vec::T b) { return Vec::max(b, a); },
      [](float a, float b) { return b > a ? b : a; }, [](float*, size_t) {});
}

TFJS_SPARSE_INLINE void avg_pool(const WindowShape& s, const float* in, float* line, float* out) {
  pool(
      s, in, line, out, 0.0f, [](Vec::T a, Vec::T b) { return Vec::add(a, b); },
      [](float a, float b) { return a + b; },
      [&](float* row, size_t rows) {
        for (size_t x = 0; x < s.out_width; ++x) {
          size_t columns = 0;
          for (size_t kx = 0; kx < s.kernel_width; ++kx) {
            const int64_t column = int64_t(x * s.stride_x + kx * s.dilation_x) - int64_t(s.pad_left);
            columns += column >= 0 && column < int64_t(s.in_width);
          }
          const float count = float(rows * columns);
          for (size_t b = 0; b < s.batch; ++b) row[x * s.batch + b] /= count;
        }
      });
}

}  // namespace
}  // namespace tfjs_sparse
