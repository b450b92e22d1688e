#pragma once
// Sixteen keys in a register; the contract is in x86_avx2_fma.h. Included by files compiled for AVX-512
// only.
#include <cstddef>
#include <cstdint>

#include "kernels/vec/x86_avx512.h"

namespace tfjs_sparse {
namespace {

struct Keys {
  using T = __m512i;
  using Bits = __mmask16;
  static constexpr size_t kLanes = 16;

  static TFJS_SPARSE_INLINE T load(const void* p) { return _mm512_loadu_si512(p); }
  static TFJS_SPARSE_INLINE void store(void* p, T a) { _mm512_storeu_si512(p, a); }
  static TFJS_SPARSE_INLINE T set1(int32_t a) { return _mm512_set1_epi32(a); }
  static TFJS_SPARSE_INLINE T magnitudes(T w) { return _mm512_and_si512(w, set1(0x7fffffff)); }
  static TFJS_SPARSE_INLINE T scores(T w) {
    const T zero = _mm512_setzero_si512(), magnitude = magnitudes(w);
    return _mm512_mask_sub_epi32(magnitude, _mm512_cmpgt_epi32_mask(zero, w), zero, magnitude);
  }
  static TFJS_SPARSE_INLINE T max(T a, T b) { return _mm512_max_epi32(a, b); }
  static TFJS_SPARSE_INLINE Bits greater(T a, T b) { return _mm512_cmpgt_epi32_mask(a, b); }
  static TFJS_SPARSE_INLINE Bits equal(T a, T b) { return _mm512_cmpeq_epi32_mask(a, b); }
  static TFJS_SPARSE_INLINE Bits both(Bits a, Bits b) { return static_cast<Bits>(a & b); }
  static TFJS_SPARSE_INLINE T count(T c, Bits bits) { return _mm512_mask_sub_epi32(c, bits, c, set1(-1)); }
  static TFJS_SPARSE_INLINE T uncount(T c, Bits bits) { return _mm512_mask_sub_epi32(c, bits, c, set1(1)); }

  static TFJS_SPARSE_INLINE int32_t greatest(T a) {
    alignas(64) int32_t lanes[kLanes];
    store(lanes, a);
    int32_t greatest = lanes[0];
    for (const int32_t lane : lanes) greatest = lane > greatest ? lane : greatest;
    return greatest;
  }
  static TFJS_SPARSE_INLINE size_t sum(T c) {
    alignas(64) uint32_t lanes[kLanes];
    store(lanes, c);
    size_t total = 0;
    for (const uint32_t lane : lanes) total += lane;
    return total;
  }
  static TFJS_SPARSE_INLINE void store_bits(Bits bits, uint8_t* out) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_maskz_mov_epi8(bits, _mm_set1_epi8(1)));
  }
  static TFJS_SPARSE_INLINE uint64_t lanes4(const Bits (&b)[4]) {
    return uint64_t{b[0]} | uint64_t{b[1]} << 16 | uint64_t{b[2]} << 32 | uint64_t{b[3]} << 48;
  }
  static TFJS_SPARSE_INLINE void store_bits4(const Bits (&b)[4], uint8_t* out) {
    store(out, _mm512_maskz_set1_epi8(lanes4(b), 1));
  }
  static TFJS_SPARSE_INLINE void stream_bits4(const Bits (&b)[4], uint8_t* out) {
#if defined(TFJS_SPARSE_EMULATE_AVX512)
    // SIMDe 0.7.4 lacks the instruction.
    store_bits4(b, out);
#else
    _mm512_stream_si512(reinterpret_cast<__m512i*>(out), _mm512_maskz_set1_epi8(lanes4(b), 1));
#endif
  }
  static TFJS_SPARSE_INLINE void fence() { _mm_sfence(); }

  static constexpr size_t kFloatsStep = 64;
  static TFJS_SPARSE_INLINE void select(const float* values, const uint8_t* mask, float* out) {
    const __m512i bytes = load(mask);
    const uint64_t kept = _mm512_test_epi8_mask(bytes, bytes);
    for (int part = 0; part < 4; ++part) {
      const Bits bits = static_cast<Bits>(kept >> (16 * part));
      _mm512_storeu_ps(out + 16 * part, _mm512_maskz_mov_ps(bits, _mm512_loadu_ps(values + 16 * part)));
    }
  }
};

/// Eight float64 in a register; the contract is in x86_avx2_fma.h.
struct Doubles {
  using T = __m512d;
  static constexpr size_t kLanes = 8;
  static TFJS_SPARSE_INLINE T zero() { return _mm512_setzero_pd(); }
  static TFJS_SPARSE_INLINE T load(const double* p) { return _mm512_loadu_pd(p); }
  static TFJS_SPARSE_INLINE void store(double* p, T a) { _mm512_storeu_pd(p, a); }
  static TFJS_SPARSE_INLINE T widen(const float* p) {
#if defined(TFJS_SPARSE_EMULATE_AVX512)
    // SIMDe 0.7.4 lacks the instruction.
    double lanes[8];
    for (int i = 0; i < 8; ++i) lanes[i] = static_cast<double>(p[i]);
    return _mm512_loadu_pd(lanes);
#else
    return _mm512_cvtps_pd(_mm256_loadu_ps(p));
#endif
  }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return _mm512_add_pd(a, b); }
  static TFJS_SPARSE_INLINE T abs(T a) { return _mm512_abs_pd(a); }
  static TFJS_SPARSE_INLINE T square(T a) { return _mm512_mul_pd(a, a); }
};

}  // namespace
}  // namespace tfjs_sparse
