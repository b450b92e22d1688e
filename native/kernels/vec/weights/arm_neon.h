#pragma once
// Weights as they lie in memory, four at a time; the contract is in scalar.h.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/vec/arm_neon.h"

namespace tfjs_sparse {
namespace {

struct WeightF32 {
  using T = float;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE float32x4_t load(const T* p) { return vld1q_f32(p); }
  static TFJS_SPARSE_INLINE float32x4_t quad(const T* p) { return load(p); }
  static TFJS_SPARSE_INLINE float32x4_t set1(const T* p) { return vdupq_n_f32(*p); }
};

struct WeightBf16 {
  using T = uint16_t;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE float32x4_t load(const T* p) {
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16));
  }
  static TFJS_SPARSE_INLINE float32x4_t quad(const T* p) { return load(p); }
  static TFJS_SPARSE_INLINE float32x4_t set1(const T* p) {
    // The half twice over; the shift leaves the upper one. No integer register on the way.
    return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_u16(vld1q_dup_u16(p)), 16));
  }
};

struct WeightI8 {
  using T = int8_t;
  static constexpr bool kScaled = true;
  static TFJS_SPARSE_INLINE float32x4_t load(const T* p) {
    uint32_t word;
    std::memcpy(&word, p, sizeof(word));
    const uint32x2_t low_half = {word, 0};
    const int8x8_t bytes = vreinterpret_s8_u32(low_half);
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))));
  }
  static TFJS_SPARSE_INLINE float32x4_t quad(const T* p) { return load(p); }
  static TFJS_SPARSE_INLINE float32x4_t set1(const T* p) {
    // The byte four times over; the uppermost one keeps its sign.
    return vcvtq_f32_s32(vshrq_n_s32(vreinterpretq_s32_s8(vld1q_dup_s8(p)), 24));
  }
  static TFJS_SPARSE_INLINE void widen(const T* p, size_t count, float* out) {
    for (size_t i = 0; i < count; i += 4) vst1q_f32(out + i, load(p + i));
  }
};

}  // namespace
}  // namespace tfjs_sparse
