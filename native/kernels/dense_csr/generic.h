#pragma once
// The loops over a small vector type; each <arch>_<isa>.cc instantiates them with its own Keys
// (kernels/vec/keys).
#include "kernels/dense_csr/dense_csr.h"

namespace tfjs_sparse {
namespace {

/// Values of one step: their truth values fill one word.
constexpr size_t kStep = 64;
constexpr size_t kQuad = 4 * Keys::kLanes;

/// One bit for each of 64 values: it is kept.
TFJS_SPARSE_INLINE uint64_t kept64(const float* values, Keys::T keys) {
  uint64_t kept = 0;
  for (size_t quad = 0; quad < kStep; quad += kQuad) {
    Keys::Bits bits[4];
    for (size_t part = 0; part < 4; ++part)
      bits[part] = Keys::greater(Keys::magnitudes(Keys::load(values + quad + part * Keys::kLanes)), keys);
    kept |= Keys::lanes4(bits) << quad;
  }
  return kept;
}

/// Calls take(position) for every value that is kept, in order.
template <typename Take>
TFJS_SPARSE_INLINE void for_kept(const float* line, size_t n, int32_t key, Take take) {
  const Keys::T keys = Keys::set1(key);
  size_t i = 0;
  for (; i + kStep <= n; i += kStep)
    for (uint64_t left = kept64(line + i, keys); left != 0; left &= left - 1)
      take(i + static_cast<size_t>(__builtin_ctzll(left)));
  for (; i < n; ++i)
    if (magnitude_key(line[i]) > key) take(i);
}

TFJS_SPARSE_INLINE size_t dense_csr_count(const float* line, size_t n, int32_t key) {
  const Keys::T keys = Keys::set1(key);
  size_t count = 0, i = 0;
  for (; i + kStep <= n; i += kStep)
    count += static_cast<size_t>(__builtin_popcountll(kept64(line + i, keys)));
  for (; i < n; ++i) count += magnitude_key(line[i]) > key;
  return count;
}

TFJS_SPARSE_INLINE void dense_csr_add_counts(const float* line, size_t n, int32_t key, int32_t* counts) {
  const Keys::T keys = Keys::set1(key);
  size_t i = 0;
  for (; i + Keys::kLanes <= n; i += Keys::kLanes) {
    const Keys::Bits kept = Keys::greater(Keys::magnitudes(Keys::load(line + i)), keys);
    Keys::store(counts + i, Keys::count(Keys::load(counts + i), kept));
  }
  for (; i < n; ++i) counts[i] += magnitude_key(line[i]) > key;
}

TFJS_SPARSE_INLINE size_t dense_csr_fill(const float* line, size_t n, int32_t key, int32_t* positions,
                                         float* values) {
  size_t count = 0;
  for_kept(line, n, key, [&](size_t i) TFJS_SPARSE_INLINE_LAMBDA {
    positions[count] = static_cast<int32_t>(i);
    values[count++] = line[i];
  });
  return count;
}

TFJS_SPARSE_INLINE void dense_csr_scatter(const float* line, size_t n, int32_t key, int32_t column,
                                          int32_t* next, int32_t* columns, float* values) {
  for_kept(line, n, key, [&](size_t i) TFJS_SPARSE_INLINE_LAMBDA {
    const int32_t place = next[i]++;
    columns[place] = column;
    values[place] = line[i];
  });
}

}  // namespace
}  // namespace tfjs_sparse
