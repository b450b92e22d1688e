#pragma once
// Which row of a panel one of four columns, loaded as one word, means.
//
// Finding rows is a third of the instructions of narrow tiles. BMI2 turns a word and leaves its source as it
// is, where a shift would take a copy first; and a column that is turned to where its row's offset begins in
// bytes is that offset, once the other bits are gone. Before and after, AVX2, us (1024², 90 and 70 % zeros;
// Zen 4, 2026-11): csr 8 x 1 59.3 to 52.2 and 148.6 to 124.6, 16 x 1 70.2 to 68.7 and 181 to 175, 32 x 1 the
// same; slices 8 x 8 36.4 to 35.3 and 104.0 to 102.3. By llvm-mca for a Skylake server AVX-512's 16 x 1, 32 x
// 1 and slices gain 10 % as well (docs/decisions/0018).
#include <cstddef>
#include <cstdint>

#include "kernels/vec/inline.h"

namespace tfjs_sparse {
namespace {

/// The word with bit kBit lowest; above its last bit may be anything.
template <unsigned kBit, typename Word>
TFJS_SPARSE_INLINE Word spmm_from_bit(Word word) {
#if defined(__BMI2__)
  if constexpr (kBit > 0) return word >> kBit | word << (8 * sizeof(Word) - kBit);
#endif
  return word >> kBit;
}

/// The row of column kPlace of four, a byte each, in a panel whose rows are kRowFloats long.
template <int kPlace, size_t kRowFloats>
TFJS_SPARSE_INLINE const float* spmm_row(const float* panel, uint32_t four_columns) {
#if defined(__BMI2__)
  constexpr uint32_t kRowBytes = kRowFloats * sizeof(float);
  if constexpr ((kRowBytes & (kRowBytes - 1)) == 0 && kRowBytes <= 256) {
    constexpr unsigned kBit = (32 + 8 * kPlace - __builtin_ctz(kRowBytes)) % 32;
    const size_t offset = spmm_from_bit<kBit>(four_columns) & 0xff * kRowBytes;
    return reinterpret_cast<const float*>(reinterpret_cast<const char*>(panel) + offset);
  }
#endif
  return panel + size_t(four_columns >> (8 * kPlace) & 0xff) * kRowFloats;
}

}  // namespace
}  // namespace tfjs_sparse
