#include "kernels/vec/arm_neon.h"

#include "kernels/transpose/transpose.h"

namespace tfjs_sparse {
namespace {

TFJS_SPARSE_INLINE float32x4_t low_halves(float32x4_t a, float32x4_t b) {
  return vreinterpretq_f32_f64(vzip1q_f64(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b)));
}
TFJS_SPARSE_INLINE float32x4_t high_halves(float32x4_t a, float32x4_t b) {
  return vreinterpretq_f32_f64(vzip2q_f64(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b)));
}

/// Four rows of four floats, turned: pairs, then halves change places.
TFJS_SPARSE_INLINE void transpose_4x4(const float* in, size_t in_stride, float* out, size_t out_stride) {
  float32x4_t row[4];
  for (size_t i = 0; i < 4; ++i) row[i] = vld1q_f32(in + i * in_stride);
  const float32x4_t even01 = vtrn1q_f32(row[0], row[1]), odd01 = vtrn2q_f32(row[0], row[1]);
  const float32x4_t even23 = vtrn1q_f32(row[2], row[3]), odd23 = vtrn2q_f32(row[2], row[3]);
  vst1q_f32(out, low_halves(even01, even23));
  vst1q_f32(out + out_stride, low_halves(odd01, odd23));
  vst1q_f32(out + 2 * out_stride, high_halves(even01, even23));
  vst1q_f32(out + 3 * out_stride, high_halves(odd01, odd23));
}

/// `rows` by `cols`, each at most 8: whole squares in registers, the edges one by one.
TFJS_SPARSE_INLINE void transpose_block(const float* in, size_t in_stride, float* out, size_t out_stride,
                                        size_t rows, size_t cols) {
  const size_t whole_rows = rows / 4 * 4, whole_cols = cols / 4 * 4;
  for (size_t c = 0; c < whole_cols; c += 4)
    for (size_t r = 0; r < whole_rows; r += 4)
      transpose_4x4(in + r * in_stride + c, in_stride, out + c * out_stride + r, out_stride);
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = r < whole_rows ? whole_cols : 0; c < cols; ++c)
      out[c * out_stride + r] = in[r * in_stride + c];
}

}  // namespace

void transpose_f32_8x8__neon(const float* in, size_t in_stride, float* out, size_t out_stride, size_t rows,
                             size_t cols) {
  const auto block = [&](size_t r, size_t c) TFJS_SPARSE_INLINE_LAMBDA {
    transpose_block(in + r * in_stride + c, in_stride, out + c * out_stride + r, out_stride,
                    rows - r < 8 ? rows - r : 8, cols - c < 8 ? cols - c : 8);
  };
  // The side with the longer stride is walked along its rows: measured for the AVX2 kernel.
  if (in_stride >= out_stride) {
    for (size_t r = 0; r < rows; r += 8)
      for (size_t c = 0; c < cols; c += 8) block(r, c);
  } else {
    for (size_t c = 0; c < cols; c += 8)
      for (size_t r = 0; r < rows; r += 8) block(r, c);
  }
}

}  // namespace tfjs_sparse
