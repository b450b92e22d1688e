#pragma once
// Weights as they lie in memory, eight at a time; the contract is in scalar.h.
#include <cstdint>
#include <cstring>

#include "kernels/vec/x86_avx2_fma.h"

namespace tfjs_sparse {
namespace {

struct WeightF32 {
  using T = float;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE __m256 load(const T* p) { return _mm256_loadu_ps(p); }
  static TFJS_SPARSE_INLINE __m256 set1(const T* p) { return _mm256_set1_ps(*p); }
  static TFJS_SPARSE_INLINE __m256 quad(const T* p) {
    return _mm256_broadcast_ps(reinterpret_cast<const __m128*>(p));
  }
};

struct WeightBf16 {
  using T = uint16_t;
  static constexpr bool kScaled = false;
  static TFJS_SPARSE_INLINE __m256 load(const T* p) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
  }
  static TFJS_SPARSE_INLINE __m256 set1(const T* p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_set1_epi16(static_cast<int16_t>(*p)), 16));
  }
  static TFJS_SPARSE_INLINE __m256 quad(const T* p) {
    const __m128i halves = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    const __m128i four = _mm_slli_epi32(_mm_cvtepu16_epi32(halves), 16);
    return _mm256_castsi256_ps(_mm256_broadcastsi128_si256(four));
  }
};

struct WeightI8 {
  using T = int8_t;
  static constexpr bool kScaled = true;
  static TFJS_SPARSE_INLINE __m256 load(const T* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
  }
  static TFJS_SPARSE_INLINE __m256 set1(const T* p) {
    // The byte four times over; the uppermost one keeps its sign.
    return _mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_set1_epi8(*p), 24));
  }
  static TFJS_SPARSE_INLINE __m128 four(const T* p) {
    int bytes;
    std::memcpy(&bytes, p, sizeof(bytes));
    return _mm_cvtepi32_ps(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(bytes)));
  }
  static TFJS_SPARSE_INLINE __m256 quad(const T* p) {
    const __m128 floats = four(p);
    return _mm256_set_m128(floats, floats);
  }
  static TFJS_SPARSE_INLINE void widen(const T* p, size_t count, float* out) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm256_storeu_ps(out + i, load(p + i));
    if (i < count) _mm_storeu_ps(out + i, four(p + i));
  }
};

}  // namespace
}  // namespace tfjs_sparse
