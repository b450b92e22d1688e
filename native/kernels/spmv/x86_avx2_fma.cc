#include "kernels/vec/weights/x86_avx2_fma.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmv/generic.h"
// clang-format on

namespace tfjs_sparse {
namespace {

struct Window {
  static constexpr int kRows = 8, kColumnBits = 4;
  using Words = __m256i;
  static TFJS_SPARSE_INLINE Words words(const uint32_t* places) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(places));
  }
};

/// vpermps looks at the low three bits of a place.
struct Window8 : Window {
  using Places = __m256i;
  template <int kStep>
  static TFJS_SPARSE_INLINE Places places(Words words) {
    return _mm256_srli_epi32(words, 4 * kStep);
  }
  static TFJS_SPARSE_INLINE __m256 pick(const float* x, Places places) {
    return _mm256_permutevar8x32_ps(Vec::load(x), places);
  }
};

/// A blend looks at the sign: bit 3 chooses between two results.
struct Window16 : Window {
  struct Places {
    __m256i index;
    __m256 bit3;
  };
  template <int kStep>
  static TFJS_SPARSE_INLINE Places places(Words words) {
    return {_mm256_srli_epi32(words, 4 * kStep),
            _mm256_castsi256_ps(_mm256_slli_epi32(words, 28 - 4 * kStep))};
  }
  static TFJS_SPARSE_INLINE __m256 pick(const float* x, const Places& p) {
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(Vec::load(x), p.index),
                            _mm256_permutevar8x32_ps(Vec::load(x + 8), p.index), p.bit3);
  }
};

}  // namespace

SPMV_DEFINE(window, 8x16, avx2_fma, spmv_window, Window16)
SPMV_DEFINE(window, 8x8, avx2_fma, spmv_window, Window8)
SPMV_DEFINE(dense, 24, avx2_fma, spmv_dense, 3)
SPMV_DEFINE(dense, 8, avx2_fma, spmv_dense, 1)

}  // namespace tfjs_sparse
