#pragma once
// Weights as they lie in memory, sixteen at a time; the contract is in scalar.h.
#include <cstdint>
#include <cstring>

#include "kernels/vec/x86_avx512.h"

namespace tfjs_sparse {
namespace {

// What sixteen elements need of instructions that SIMDe 0.7.4 lacks.
#if defined(TFJS_SPARSE_EMULATE_AVX512)
static TFJS_SPARSE_INLINE __m512i widen_halves(const uint16_t* halves) {
  int lanes[16];
  for (int i = 0; i < 16; ++i) lanes[i] = halves[i];
  return _mm512_loadu_si512(lanes);
}
static TFJS_SPARSE_INLINE __m512i widen_signed_bytes(const int8_t* bytes) {
  int lanes[16];
  for (int i = 0; i < 16; ++i) lanes[i] = bytes[i];
  return _mm512_loadu_si512(lanes);
}
static TFJS_SPARSE_INLINE __m512 to_floats(__m512i integers) {
  int lanes[16];
  float floats[16];
  _mm512_storeu_si512(lanes, integers);
  for (int i = 0; i < 16; ++i) floats[i] = static_cast<float>(lanes[i]);
  return _mm512_loadu_ps(floats);
}
#else
static TFJS_SPARSE_INLINE __m512i widen_halves(const uint16_t* halves) {
  return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(halves)));
}
static TFJS_SPARSE_INLINE __m512i widen_signed_bytes(const int8_t* bytes) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}
static TFJS_SPARSE_INLINE __m512 to_floats(__m512i integers) { return _mm512_cvtepi32_ps(integers); }
#endif

struct WeightF32 {
  using T = float;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE __m512 load(const T* p) { return _mm512_loadu_ps(p); }
  static TFJS_SPARSE_INLINE __m512 set1(const T* p) { return _mm512_set1_ps(*p); }
  static TFJS_SPARSE_INLINE __m512 quad(const T* p) { return _mm512_broadcast_f32x4(_mm_loadu_ps(p)); }
};

struct WeightBf16 {
  using T = uint16_t;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE __m512 load(const T* p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(widen_halves(p), 16));
  }
  static TFJS_SPARSE_INLINE __m512 set1(const T* p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_set1_epi16(static_cast<int16_t>(*p)), 16));
  }
  static TFJS_SPARSE_INLINE __m512 quad(const T* p) {
    const __m128i halves = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    return _mm512_broadcast_f32x4(_mm_castsi128_ps(_mm_slli_epi32(_mm_cvtepu16_epi32(halves), 16)));
  }
};

struct WeightI8 {
  using T = int8_t;
  static constexpr bool kScaled = true;
  static TFJS_SPARSE_INLINE __m512 load(const T* p) { return to_floats(widen_signed_bytes(p)); }
  static TFJS_SPARSE_INLINE __m512 set1(const T* p) { return to_floats(_mm512_set1_epi32(*p)); }
  static TFJS_SPARSE_INLINE __m128 four(const T* p) {
    int bytes;
    std::memcpy(&bytes, p, sizeof(bytes));
    return _mm_cvtepi32_ps(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(bytes)));
  }
  static TFJS_SPARSE_INLINE __m512 quad(const T* p) { return _mm512_broadcast_f32x4(four(p)); }
  static TFJS_SPARSE_INLINE void widen(const T* p, size_t count, float* out) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) _mm512_storeu_ps(out + i, load(p + i));
    for (; i < count; i += 4) _mm_storeu_ps(out + i, four(p + i));
  }
};

}  // namespace
}  // namespace tfjs_sparse
