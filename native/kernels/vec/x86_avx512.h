#pragma once
// Sixteen floats in a register; the contract is in x86_avx2_fma.h. Included by files compiled for AVX-512
// only. TFJS_SPARSE_EMULATE_AVX512 builds the same source on SIMDe: slow, but it tests the kernels on any x86
// CPU.
#if defined(TFJS_SPARSE_EMULATE_AVX512)
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>
#else
#include <immintrin.h>
#endif

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

struct Vec {
  using T = __m512;
  static constexpr int kLanes = 16;
  static TFJS_SPARSE_INLINE T load(const float* p) { return _mm512_loadu_ps(p); }
  static TFJS_SPARSE_INLINE void store(float* p, T a) { _mm512_storeu_ps(p, a); }
  static TFJS_SPARSE_INLINE T set1(float a) { return _mm512_set1_ps(a); }
  static TFJS_SPARSE_INLINE T zero() { return _mm512_setzero_ps(); }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return _mm512_add_ps(a, b); }
  static TFJS_SPARSE_INLINE T sub(T a, T b) { return _mm512_sub_ps(a, b); }
  static TFJS_SPARSE_INLINE T mul(T a, T b) { return _mm512_mul_ps(a, b); }
  static TFJS_SPARSE_INLINE T div(T a, T b) { return _mm512_div_ps(a, b); }
  static TFJS_SPARSE_INLINE T sqrt(T a) { return _mm512_sqrt_ps(a); }
  static TFJS_SPARSE_INLINE T fma(T a, T b, T c) { return _mm512_fmadd_ps(a, b, c); }
  static TFJS_SPARSE_INLINE T max(T a, T b) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), b, a);
  }
  static TFJS_SPARSE_INLINE T min(T a, T b) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), b, a);
  }
  static TFJS_SPARSE_INLINE T round(T a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static TFJS_SPARSE_INLINE T pow2(T n) {
    // n + 127 lands in the low bits of the mantissa of 2^23 + n + 127, and from there in the exponent.
    const T biased = add(n, set1(8388608.0f + 127.0f));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(biased), 23));
  }
  static TFJS_SPARSE_INLINE void deinterleave(T a, T b, T* even, T* odd) {
    const __m512i places = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    *even = _mm512_permutex2var_ps(a, places, b);
    *odd = _mm512_permutex2var_ps(a, _mm512_add_epi32(places, _mm512_set1_epi32(1)), b);
  }
  static TFJS_SPARSE_INLINE T select_less(T a, T b, T x, T y) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
  }
  template <int kLane>
  static TFJS_SPARSE_INLINE T spread(T a) {
    return _mm512_shuffle_ps(a, a, kLane * 0x55);
  }
};

}  // namespace
}  // namespace tfjs_sparse
