#include "kernels/vec/weights/x86_avx2_fma.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmv/generic.h"
// clang-format on

#include <cstring>

namespace tfjs_sparse {
namespace {

/// vpermps looks at the low three bits of a place; bit 3 chooses between its two results.
struct Window16 {
  static constexpr int kRows = 8, kColumnBytes = 4;
  struct Places {
    __m256i index;
    __m256 bit3;
  };
  static TFJS_SPARSE_INLINE Places places(const uint8_t* columns) {
    int nibbles;
    std::memcpy(&nibbles, columns, sizeof(nibbles));
    const __m256i index =
        _mm256_srlv_epi32(_mm256_set1_epi32(nibbles), _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28));
    return {index, _mm256_castsi256_ps(_mm256_slli_epi32(index, 28))};
  }
  static TFJS_SPARSE_INLINE __m256 pick(const float* x, const Places& p) {
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(Vec::load(x), p.index),
                            _mm256_permutevar8x32_ps(Vec::load(x + 8), p.index), p.bit3);
  }
};

}  // namespace

SPMV_DEFINE(window, 8x16, avx2_fma, spmv_window, Window16)
SPMV_DEFINE(dense, 24, avx2_fma, spmv_dense, 3)
SPMV_DEFINE(dense, 8, avx2_fma, spmv_dense, 1)

}  // namespace tfjs_sparse
