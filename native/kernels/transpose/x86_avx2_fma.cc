#include "kernels/vec/x86_avx2_fma.h"
// clang-format off: Vec comes first
#include "kernels/transpose/transpose.h"
// clang-format on

namespace tfjs_sparse {
namespace {

/// Eight rows of eight floats, turned: pairs, then quads, then halves change places.
TFJS_SPARSE_INLINE void transpose_8x8(const float* in, size_t in_stride, float* out, size_t out_stride) {
  __m256 row[8], pair[8], quad[8];
  for (int i = 0; i < 8; ++i) row[i] = _mm256_loadu_ps(in + i * in_stride);
  for (int i = 0; i < 4; ++i) {
    pair[2 * i] = _mm256_unpacklo_ps(row[2 * i], row[2 * i + 1]);
    pair[2 * i + 1] = _mm256_unpackhi_ps(row[2 * i], row[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    quad[4 * i] = _mm256_shuffle_ps(pair[4 * i], pair[4 * i + 2], 0x44);
    quad[4 * i + 1] = _mm256_shuffle_ps(pair[4 * i], pair[4 * i + 2], 0xee);
    quad[4 * i + 2] = _mm256_shuffle_ps(pair[4 * i + 1], pair[4 * i + 3], 0x44);
    quad[4 * i + 3] = _mm256_shuffle_ps(pair[4 * i + 1], pair[4 * i + 3], 0xee);
  }
  for (int i = 0; i < 4; ++i) {
    _mm256_storeu_ps(out + i * out_stride, _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20));
    _mm256_storeu_ps(out + (i + 4) * out_stride, _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31));
  }
}

}  // namespace

void transpose_f32_8x8__avx2_fma(const float* in, size_t in_stride, float* out, size_t out_stride,
                                 size_t rows, size_t cols) {
  const size_t whole_rows = rows / 8 * 8, whole_cols = cols / 8 * 8;
  for (size_t r = 0; r < whole_rows; r += 8) {
    for (size_t c = 0; c < whole_cols; c += 8)
      transpose_8x8(in + r * in_stride + c, in_stride, out + c * out_stride + r, out_stride);
    for (size_t c = whole_cols; c < cols; ++c)
      for (size_t i = r; i < r + 8; ++i) out[c * out_stride + i] = in[i * in_stride + c];
  }
  for (size_t r = whole_rows; r < rows; ++r)
    for (size_t c = 0; c < cols; ++c) out[c * out_stride + r] = in[r * in_stride + c];
}

}  // namespace tfjs_sparse
