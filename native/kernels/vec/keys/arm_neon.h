#pragma once
// Four keys in a register; the contract is in x86_avx2_fma.h. Included by files compiled for AArch64 only.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

struct Keys {
  using T = int32x4_t;
  using Bits = uint32x4_t;
  static constexpr size_t kLanes = 4;

  static TFJS_SPARSE_INLINE T load(const void* p) {
    return vreinterpretq_s32_u8(vld1q_u8(static_cast<const uint8_t*>(p)));
  }
  static TFJS_SPARSE_INLINE void store(void* p, T a) {
    vst1q_u8(static_cast<uint8_t*>(p), vreinterpretq_u8_s32(a));
  }
  static TFJS_SPARSE_INLINE T set1(int32_t a) { return vdupq_n_s32(a); }
  static TFJS_SPARSE_INLINE T magnitudes(T w) { return vandq_s32(w, set1(0x7fffffff)); }
  static TFJS_SPARSE_INLINE T scores(T w) {
    const T sign = vshrq_n_s32(w, 31);
    return vsubq_s32(veorq_s32(magnitudes(w), sign), sign);
  }
  static TFJS_SPARSE_INLINE T max(T a, T b) { return vmaxq_s32(a, b); }
  static TFJS_SPARSE_INLINE Bits greater(T a, T b) { return vcgtq_s32(a, b); }
  static TFJS_SPARSE_INLINE Bits equal(T a, T b) { return vceqq_s32(a, b); }
  static TFJS_SPARSE_INLINE Bits both(Bits a, Bits b) { return vandq_u32(a, b); }
  static TFJS_SPARSE_INLINE T count(T c, Bits bits) { return vsubq_s32(c, vreinterpretq_s32_u32(bits)); }
  static TFJS_SPARSE_INLINE T uncount(T c, Bits bits) { return vaddq_s32(c, vreinterpretq_s32_u32(bits)); }

  static TFJS_SPARSE_INLINE int32_t greatest(T a) { return vmaxvq_s32(a); }
  static TFJS_SPARSE_INLINE size_t sum(T c) { return vaddlvq_u32(vreinterpretq_u32_s32(c)); }
  static TFJS_SPARSE_INLINE void store_bits(Bits bits, uint8_t* out) {
    const uint8x8_t bytes = vmovn_u16(vcombine_u16(vmovn_u32(bits), vdup_n_u16(0)));
    const uint32_t ones = vget_lane_u32(vreinterpret_u32_u8(vand_u8(bytes, vdup_n_u8(1))), 0);
    __builtin_memcpy(out, &ones, sizeof(ones));
  }
  /// One byte of 0 or 255 per lane: of each word one half, of each half one byte.
  static TFJS_SPARSE_INLINE uint8x16_t bytes4(const Bits (&b)[4]) {
    const uint16x8_t low = vuzp1q_u16(vreinterpretq_u16_u32(b[0]), vreinterpretq_u16_u32(b[1]));
    const uint16x8_t high = vuzp1q_u16(vreinterpretq_u16_u32(b[2]), vreinterpretq_u16_u32(b[3]));
    return vuzp1q_u8(vreinterpretq_u8_u16(low), vreinterpretq_u8_u16(high));
  }
  static TFJS_SPARSE_INLINE uint64_t lanes4(const Bits (&b)[4]) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t sums = vandq_u8(bytes4(b), weights);
    for (int i = 0; i < 3; ++i) sums = vpaddq_u8(sums, sums);
    return vgetq_lane_u16(vreinterpretq_u16_u8(sums), 0);
  }
  static TFJS_SPARSE_INLINE void store_bits4(const Bits (&b)[4], uint8_t* out) {
    vst1q_u8(out, vandq_u8(bytes4(b), vdupq_n_u8(1)));
  }
  /// No intrinsic writes around the caches; the cores see by themselves that lines are written whole.
  static TFJS_SPARSE_INLINE void stream_bits4(const Bits (&b)[4], uint8_t* out) { store_bits4(b, out); }
  static TFJS_SPARSE_INLINE void fence() {}

  static constexpr size_t kFloatsStep = 16;
  static TFJS_SPARSE_INLINE void select(const float* values, const uint8_t* mask, float* out) {
    const uint8x16_t bytes = vld1q_u8(mask);
    const int8x16_t kept = vreinterpretq_s8_u8(vtstq_u8(bytes, bytes));
    const int16x8_t low = vmovl_s8(vget_low_s8(kept)), high = vmovl_high_s8(kept);
    const T words[4] = {vmovl_s16(vget_low_s16(low)), vmovl_high_s16(low), vmovl_s16(vget_low_s16(high)),
                        vmovl_high_s16(high)};
    for (int part = 0; part < 4; ++part)
      store(out + 4 * part, vandq_s32(words[part], load(values + 4 * part)));
  }
};

/// Two float64 in a register; the contract is in x86_avx2_fma.h.
struct Doubles {
  using T = float64x2_t;
  static constexpr size_t kLanes = 2;
  static TFJS_SPARSE_INLINE T zero() { return vdupq_n_f64(0); }
  static TFJS_SPARSE_INLINE T load(const double* p) { return vld1q_f64(p); }
  static TFJS_SPARSE_INLINE void store(double* p, T a) { vst1q_f64(p, a); }
  static TFJS_SPARSE_INLINE T widen(const float* p) { return vcvt_f64_f32(vld1_f32(p)); }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return vaddq_f64(a, b); }
  static TFJS_SPARSE_INLINE T abs(T a) { return vabsq_f64(a); }
  static TFJS_SPARSE_INLINE T square(T a) { return vmulq_f64(a, a); }
};

}  // namespace
}  // namespace tfjs_sparse
