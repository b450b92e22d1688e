#pragma once
// Eight keys (core/float_order.h) in a register. Included by files compiled for AVX2 only; internal to them.
//
// Contract of a key vector type, for the generic.h of select, mask, rank_mask, norm_rank and dense_csr:
//   kLanes                    keys in one register
//   T, load, store, set1      32-bit words, any alignment
//   magnitudes(w), scores(w)  keys of float32 words
//   max(a, b), greatest(a)    the greater of two; the greatest lane
//   Bits                      one truth value per lane
//   greater, equal, both      comparisons, and the conjunction of two
//   count(c, bits)            c + 1 in the lanes that are true; uncount: c − 1
//   sum(c)                    of all lanes
//   lanes4(b)                 one bit per lane of four neighbours, the first lane lowest
//   store_bits(bits, out)     one byte of 0 or 1 per lane
//   store_bits4(b, out)       the same for four neighbours at once
//   stream_bits4(b, out)      the same around the caches, where the instruction set can; out aligned to the
//                             bytes written; fence() at the end
//   select(values, mask, out) float32 under a byte mask, kFloatsStep values at a time
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

struct Keys {
  using T = __m256i;
  using Bits = __m256i;
  static constexpr size_t kLanes = 8;

  static TFJS_SPARSE_INLINE T load(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
  }
  static TFJS_SPARSE_INLINE void store(void* p, T a) { _mm256_storeu_si256(static_cast<__m256i*>(p), a); }
  static TFJS_SPARSE_INLINE T set1(int32_t a) { return _mm256_set1_epi32(a); }
  static TFJS_SPARSE_INLINE T magnitudes(T w) { return _mm256_and_si256(w, set1(0x7fffffff)); }
  static TFJS_SPARSE_INLINE T scores(T w) {
    const T sign = _mm256_srai_epi32(w, 31);
    return _mm256_sub_epi32(_mm256_xor_si256(magnitudes(w), sign), sign);
  }
  static TFJS_SPARSE_INLINE T max(T a, T b) { return _mm256_max_epi32(a, b); }
  static TFJS_SPARSE_INLINE Bits greater(T a, T b) { return _mm256_cmpgt_epi32(a, b); }
  static TFJS_SPARSE_INLINE Bits equal(T a, T b) { return _mm256_cmpeq_epi32(a, b); }
  static TFJS_SPARSE_INLINE Bits both(Bits a, Bits b) { return _mm256_and_si256(a, b); }
  static TFJS_SPARSE_INLINE T count(T c, Bits bits) { return _mm256_sub_epi32(c, bits); }
  static TFJS_SPARSE_INLINE T uncount(T c, Bits bits) { return _mm256_add_epi32(c, bits); }

  static TFJS_SPARSE_INLINE int32_t greatest(T a) {
    __m128i x = _mm_max_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    x = _mm_max_epi32(x, _mm_shuffle_epi32(x, 0x4e));
    x = _mm_max_epi32(x, _mm_shuffle_epi32(x, 0xb1));
    return _mm_cvtsi128_si32(x);
  }
  static TFJS_SPARSE_INLINE size_t sum(T c) {
    alignas(32) uint32_t lanes[kLanes];
    store(lanes, c);
    size_t total = 0;
    for (const uint32_t lane : lanes) total += lane;
    return total;
  }
  static TFJS_SPARSE_INLINE void store_bits(Bits bits, uint8_t* out) {
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(bits), _mm256_extracti128_si256(bits, 1));
    const __m128i bytes = _mm_and_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), bytes);
  }
  /// One byte of 0 or −1 per lane.
  static TFJS_SPARSE_INLINE __m256i bytes4(const Bits (&b)[4]) {
    const __m256i low = _mm256_packs_epi32(b[0], b[1]), high = _mm256_packs_epi32(b[2], b[3]);
    // Packing works within 128-bit halves: four bytes of each neighbour lie apart, and are brought together.
    const __m256i places = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), places);
  }
  static TFJS_SPARSE_INLINE uint64_t lanes4(const Bits (&b)[4]) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(bytes4(b)));
  }
  static TFJS_SPARSE_INLINE void store_bits4(const Bits (&b)[4], uint8_t* out) {
    store(out, _mm256_and_si256(bytes4(b), _mm256_set1_epi8(1)));
  }
  static TFJS_SPARSE_INLINE void stream_bits4(const Bits (&b)[4], uint8_t* out) {
    _mm256_stream_si256(reinterpret_cast<__m256i*>(out), _mm256_and_si256(bytes4(b), _mm256_set1_epi8(1)));
  }
  static TFJS_SPARSE_INLINE void fence() { _mm_sfence(); }

  static constexpr size_t kFloatsStep = 8;
  static TFJS_SPARSE_INLINE void select(const float* values, const uint8_t* mask, float* out) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(mask));
    const __m256i pruned = _mm256_cmpeq_epi32(_mm256_cvtepu8_epi32(bytes), _mm256_setzero_si256());
    store(out, _mm256_andnot_si256(pruned, load(values)));
  }
};

/// Four float64 in a register: load, store, widen (of four float32), add, abs, square.
struct Doubles {
  using T = __m256d;
  static constexpr size_t kLanes = 4;
  static TFJS_SPARSE_INLINE T zero() { return _mm256_setzero_pd(); }
  static TFJS_SPARSE_INLINE T load(const double* p) { return _mm256_loadu_pd(p); }
  static TFJS_SPARSE_INLINE void store(double* p, T a) { _mm256_storeu_pd(p, a); }
  static TFJS_SPARSE_INLINE T widen(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
  static TFJS_SPARSE_INLINE T add(T a, T b) { return _mm256_add_pd(a, b); }
  static TFJS_SPARSE_INLINE T abs(T a) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a); }
  static TFJS_SPARSE_INLINE T square(T a) { return _mm256_mul_pd(a, a); }
};

}  // namespace
}  // namespace tfjs_sparse
