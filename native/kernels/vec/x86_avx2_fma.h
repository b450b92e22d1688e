#pragma once
// Eight floats in a register. Included by files compiled for AVX2+FMA only; everything here is internal to
// them.
//
// Contract of a vector type, for every <family>/generic.h:
//   kLanes                     floats in one register
//   T, load, store             any alignment
//   set1, zero, add, sub, mul, div, sqrt
//   fma(a, b, c)               a·b + c, rounded once
//   max(a, b), min(a, b)       the second operand when either is NaN: clamp passes NaN of its input through
//   round(a)                   nearest whole number, ties to even
//   pow2(n)                    2^n for whole n in [-126, 127]
//   deinterleave(a, b, &even, &odd)   the lanes of a then b, by the parity of their place
//   select_less(a, b, x, y)    lane by lane: a < b ? x : y
//   spread<i>(a)               lane i of every four lanes in all four
#include <immintrin.h>

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

struct Vec {
  using T = __m256;
  static constexpr int kLanes = 8;
  static TFJS_SPARSE_INLINE T load(const float* p) { return _mm256_loadu_ps(p); }
  static TFJS_SPARSE_INLINE void store(float* p, T a) { _mm256_storeu_ps(p, a); }
  static TFJS_SPARSE_INLINE T set1(float a) { return _mm256_set1_ps(a); }
  static TFJS_SPARSE_INLINE T zero() { return _mm256_setzero_ps(); }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return _mm256_add_ps(a, b); }
  static TFJS_SPARSE_INLINE T sub(T a, T b) { return _mm256_sub_ps(a, b); }
  static TFJS_SPARSE_INLINE T mul(T a, T b) { return _mm256_mul_ps(a, b); }
  static TFJS_SPARSE_INLINE T div(T a, T b) { return _mm256_div_ps(a, b); }
  static TFJS_SPARSE_INLINE T sqrt(T a) { return _mm256_sqrt_ps(a); }
  static TFJS_SPARSE_INLINE T fma(T a, T b, T c) { return _mm256_fmadd_ps(a, b, c); }
  static TFJS_SPARSE_INLINE T max(T a, T b) { return _mm256_max_ps(a, b); }
  static TFJS_SPARSE_INLINE T min(T a, T b) { return _mm256_min_ps(a, b); }
  static TFJS_SPARSE_INLINE T round(T a) {
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static TFJS_SPARSE_INLINE T pow2(T n) {
    // n + 127 lands in the low bits of the mantissa of 2^23 + n + 127, and from there in the exponent.
    const T biased = add(n, set1(8388608.0f + 127.0f));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(biased), 23));
  }
  static TFJS_SPARSE_INLINE void deinterleave(T a, T b, T* even, T* odd) {
    // Shuffles work inside 128-bit halves: 0 1 4 5 | 2 3 6 7 are put in order afterwards.
    const __m256d low = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0x88));
    const __m256d high = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0xdd));
    *even = _mm256_castpd_ps(_mm256_permute4x64_pd(low, 0xd8));
    *odd = _mm256_castpd_ps(_mm256_permute4x64_pd(high, 0xd8));
  }
  static TFJS_SPARSE_INLINE T select_less(T a, T b, T x, T y) {
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
  }
  template <int kLane>
  static TFJS_SPARSE_INLINE T spread(T a) {
    return _mm256_permute_ps(a, kLane * 0x55);
  }
};

}  // namespace
}  // namespace tfjs_sparse
