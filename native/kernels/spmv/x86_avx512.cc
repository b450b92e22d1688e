#include "kernels/vec/weights/x86_avx512.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmv/generic.h"
// clang-format on

namespace tfjs_sparse {
namespace {

/// One permute reaches 32 floats in two registers; it looks at the low five bits of a place.
struct Window32 {
  static constexpr int kRows = 16, kColumnBits = 5;
  using Words = __m512i;
  static TFJS_SPARSE_INLINE Words words(const uint32_t* places) {
    Words loaded = _mm512_loadu_si512(places);
#if !defined(TFJS_SPARSE_EMULATE_AVX512)
    // Else GCC lets every step's shift load the words again, and loads are what the loop is bound by.
    __asm__("" : "+v"(loaded));
#endif
    return loaded;
  }
  using Places = __m512i;
  template <int kStep>
  static TFJS_SPARSE_INLINE Places places(Words words) {
    return _mm512_srli_epi32(words, 5 * kStep);
  }
  static TFJS_SPARSE_INLINE __m512 pick(const float* x, const Places& places) {
    return _mm512_permutex2var_ps(Vec::load(x), places, Vec::load(x + 16));
  }
};

}  // namespace

SPMV_DEFINE(window, 16x32, avx512, spmv_window, Window32)
SPMV_DEFINE(dense, 48, avx512, spmv_dense, 3)
SPMV_DEFINE(dense, 16, avx512, spmv_dense, 1)

}  // namespace tfjs_sparse
