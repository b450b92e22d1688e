#include "kernels/vec/x86_avx2_fma.h"
// clang-format off: Vec comes first
#include "kernels/transpose/transpose.h"
// clang-format on

namespace tfjs_sparse {
namespace {

/// Eight rows of eight floats, turned: pairs, then quads, then halves change places.
TFJS_SPARSE_INLINE void turn_8x8(__m256* row) {
  __m256 pair[8], quad[8];
  for (int i = 0; i < 4; ++i) {
    pair[2 * i] = _mm256_unpacklo_ps(row[2 * i], row[2 * i + 1]);
    pair[2 * i + 1] = _mm256_unpackhi_ps(row[2 * i], row[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    quad[4 * i] = _mm256_shuffle_ps(pair[4 * i], pair[4 * i + 2], 0x44);
    quad[4 * i + 1] = _mm256_shuffle_ps(pair[4 * i], pair[4 * i + 2], 0xee);
    quad[4 * i + 2] = _mm256_shuffle_ps(pair[4 * i + 1], pair[4 * i + 3], 0x44);
    quad[4 * i + 3] = _mm256_shuffle_ps(pair[4 * i + 1], pair[4 * i + 3], 0xee);
  }
  for (int i = 0; i < 4; ++i) {
    row[i] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20);
    row[i + 4] = _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31);
  }
}

/// Eight rows of four floats into four rows of eight. The halves of a register are loaded from rows that lie
/// four apart, so that no shuffle has to cross them.
TFJS_SPARSE_INLINE void transpose_8x4(const float* in, size_t in_stride, float* out, size_t out_stride) {
  __m256 row[4];
  for (int i = 0; i < 4; ++i)
    row[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(in + i * in_stride)),
                                  _mm_loadu_ps(in + (i + 4) * in_stride), 1);
  const __m256 low01 = _mm256_unpacklo_ps(row[0], row[1]), high01 = _mm256_unpackhi_ps(row[0], row[1]);
  const __m256 low23 = _mm256_unpacklo_ps(row[2], row[3]), high23 = _mm256_unpackhi_ps(row[2], row[3]);
  _mm256_storeu_ps(out, _mm256_shuffle_ps(low01, low23, 0x44));
  _mm256_storeu_ps(out + out_stride, _mm256_shuffle_ps(low01, low23, 0xee));
  _mm256_storeu_ps(out + 2 * out_stride, _mm256_shuffle_ps(high01, high23, 0x44));
  _mm256_storeu_ps(out + 3 * out_stride, _mm256_shuffle_ps(high01, high23, 0xee));
}

TFJS_SPARSE_INLINE void transpose_8x8(const float* in, size_t in_stride, float* out, size_t out_stride) {
  transpose_8x4(in, in_stride, out, out_stride);
  transpose_8x4(in + 4, in_stride, out + 4 * out_stride, out_stride);
}

/// Floats from one line of a set of the L1 cache to the next: 4 KB.
constexpr size_t kSetFloats = 1024;

/// Rows of `in` whose columns are all turned before the next: a tile of 32 columns of them is in the L1 cache
/// when the next eight columns are read. Products from rows to rows, 90 % zeros: 3072 x 768, M = 64: 592 us
/// for all rows at once, 580 so; 1024², groups of four: 183.5 and 177.7 (32 rows: 630 and more, since runs of
/// a row of `out` begin and end inside a cache line; Zen 4, 2026-11).
constexpr size_t kTurnedRows = 256;

/// The first `count` lanes, at most 8.
TFJS_SPARSE_INLINE __m256i first_lanes(size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

/// The first `count` lanes of a row, fewer than 8, in pieces: a masked store takes tens of cycles on Zen.
TFJS_SPARSE_INLINE void store_first(float* out, __m256 row, size_t count) {
  __m128 part = _mm256_castps256_ps128(row);
  if (count & 4) {
    _mm_storeu_ps(out, part);
    part = _mm256_extractf128_ps(row, 1);
    out += 4;
  }
  if (count & 2) {
    _mm_storel_pi(reinterpret_cast<__m64*>(out), part);
    part = _mm_movehl_ps(part, part);
    out += 2;
  }
  if (count & 1) _mm_store_ss(out, part);
}

/// At the edges: `rows` by `cols`, each at most 8.
TFJS_SPARSE_INLINE void transpose_edge(const float* in, size_t in_stride, float* out, size_t out_stride,
                                       size_t rows, size_t cols) {
  const __m256i loaded = first_lanes(cols);
  __m256 row[8];
  for (size_t i = 0; i < 8; ++i)
    row[i] = i < rows ? _mm256_maskload_ps(in + i * in_stride, loaded) : _mm256_setzero_ps();
  turn_8x8(row);
  for (size_t i = 0; i < 8 && i < cols; ++i) {
    if (rows == 8)
      _mm256_storeu_ps(out + i * out_stride, row[i]);
    else
      store_first(out + i * out_stride, row[i], rows);
  }
}

}  // namespace

void transpose_f32_8x8__avx2_fma(const float* in, size_t in_stride, float* out, size_t out_stride,
                                 size_t rows, size_t cols) {
  const auto block = [&](size_t r, size_t c) TFJS_SPARSE_INLINE_LAMBDA {
    const float* from = in + r * in_stride + c;
    float* to = out + c * out_stride + r;
    if (r + 8 <= rows && c + 8 <= cols)
      transpose_8x8(from, in_stride, to, out_stride);
    else
      transpose_edge(from, in_stride, to, out_stride, rows - r < 8 ? rows - r : 8,
                     cols - c < 8 ? cols - c : 8);
  };
  // The side with the longer stride is walked along its rows: strides of 4 KB, as layers of 1024 features
  // have them, put all rows into one set of the L1 cache, and a line that is left half written comes back for
  // the other half. 64 × 1024 floats out: 43 us the other way round, 13 so (Zen 4, 2026-11).
  if (in_stride >= out_stride) {
    for (size_t r = 0; r < rows; r += 8)
      for (size_t c = 0; c < cols; c += 8) block(r, c);
    return;
  }
  // Rows of `out` that all lie in one set take four of its eight places at a time, and leave some to `in`:
  // 48 x 1024 floats out, from 16 bytes past a line as JavaScript has them: 19.1 us eight at a time, 11.2 so;
  // with rows of 768 floats 5.0 and 8.4.
  const bool same_set = out_stride % kSetFloats == 0;
  for (size_t from = 0; from < rows; from += kTurnedRows) {
    const size_t to = rows - from < kTurnedRows ? rows : from + kTurnedRows;
    const size_t whole = same_set ? to / 8 * 8 : from;
    for (size_t c = 0; c < cols; c += 8) {
      size_t r = from;
      if (c + 8 <= cols) {
        for (size_t four = c; four < c + 8; four += 4)
          for (r = from; r < whole; r += 8)
            transpose_8x4(in + r * in_stride + four, in_stride, out + four * out_stride + r, out_stride);
      }
      for (; r < to; r += 8) block(r, c);
    }
  }
}

}  // namespace tfjs_sparse
