#pragma once
// Eight floats in a pair of registers, and weights of eight; the contracts are in ../x86_avx2_fma.h and
// ../weights/scalar.h. For spmv, whose slices are one Vec wide: eight outputs share the steps of a slice, and
// with them its windows. Included by files compiled for AArch64 only.
#include <arm_neon.h>

#include <cstdint>

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

struct Vec {
  struct T {
    float32x4_t low, high;
  };
  static constexpr int kLanes = 8;
  static TFJS_SPARSE_INLINE T load(const float* p) { return {vld1q_f32(p), vld1q_f32(p + 4)}; }
  static TFJS_SPARSE_INLINE void store(float* p, T a) {
    vst1q_f32(p, a.low);
    vst1q_f32(p + 4, a.high);
  }
  static TFJS_SPARSE_INLINE T set1(float a) { return {vdupq_n_f32(a), vdupq_n_f32(a)}; }
  static TFJS_SPARSE_INLINE T zero() { return set1(0); }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return {vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)}; }
  static TFJS_SPARSE_INLINE T fma(T a, T b, T c) {
    return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
  }
  static TFJS_SPARSE_INLINE T max(T a, T b) {
    return {vbslq_f32(vcgtq_f32(a.low, b.low), a.low, b.low),
            vbslq_f32(vcgtq_f32(a.high, b.high), a.high, b.high)};
  }
  static TFJS_SPARSE_INLINE T min(T a, T b) {
    return {vbslq_f32(vcltq_f32(a.low, b.low), a.low, b.low),
            vbslq_f32(vcltq_f32(a.high, b.high), a.high, b.high)};
  }
};

struct WeightF32 {
  using T = float;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE Vec::T load(const T* p) { return Vec::load(p); }
};

struct WeightBf16 {
  using T = uint16_t;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE Vec::T load(const T* p) {
    const uint16x8_t halves = vld1q_u16(p);
    return {vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(halves), 16)),
            vreinterpretq_f32_u32(vshll_high_n_u16(halves, 16))};
  }
};

struct WeightI8 {
  using T = int8_t;
  static constexpr bool kScaled = true;
  static TFJS_SPARSE_INLINE Vec::T load(const T* p) {
    const int16x8_t halves = vmovl_s8(vld1_s8(p));
    return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(halves))), vcvtq_f32_s32(vmovl_high_s16(halves))};
  }
};

}  // namespace
}  // namespace tfjs_sparse
