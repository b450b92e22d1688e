#pragma once
// Four floats in a register; the contract is in x86_avx2_fma.h. Included by files compiled for AArch64 only.
#include <arm_neon.h>

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

struct Vec {
  using T = float32x4_t;
  static constexpr int kLanes = 4;
  static TFJS_SPARSE_INLINE T load(const float* p) { return vld1q_f32(p); }
  static TFJS_SPARSE_INLINE void store(float* p, T a) { vst1q_f32(p, a); }
  static TFJS_SPARSE_INLINE T set1(float a) { return vdupq_n_f32(a); }
  static TFJS_SPARSE_INLINE T zero() { return vdupq_n_f32(0); }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return vaddq_f32(a, b); }
  static TFJS_SPARSE_INLINE T sub(T a, T b) { return vsubq_f32(a, b); }
  static TFJS_SPARSE_INLINE T mul(T a, T b) { return vmulq_f32(a, b); }
  static TFJS_SPARSE_INLINE T div(T a, T b) { return vdivq_f32(a, b); }
  static TFJS_SPARSE_INLINE T sqrt(T a) { return vsqrtq_f32(a); }
  static TFJS_SPARSE_INLINE T fma(T a, T b, T c) { return vfmaq_f32(c, a, b); }
  // fmax gives NaN for a NaN in either operand, fmaxnm the other operand: neither is the contract.
  static TFJS_SPARSE_INLINE T max(T a, T b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static TFJS_SPARSE_INLINE T min(T a, T b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static TFJS_SPARSE_INLINE T round(T a) { return vrndnq_f32(a); }
  static TFJS_SPARSE_INLINE T pow2(T n) {
    const int32x4_t biased = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
    return vreinterpretq_f32_s32(vshlq_n_s32(biased, 23));
  }
  static TFJS_SPARSE_INLINE void deinterleave(T a, T b, T* even, T* odd) {
    *even = vuzp1q_f32(a, b);
    *odd = vuzp2q_f32(a, b);
  }
  static TFJS_SPARSE_INLINE T select_less(T a, T b, T x, T y) { return vbslq_f32(vcltq_f32(a, b), x, y); }
  template <int kLane>
  static TFJS_SPARSE_INLINE T spread(T a) {
    return vdupq_laneq_f32(a, kLane);
  }
};

}  // namespace
}  // namespace tfjs_sparse
