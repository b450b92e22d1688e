#include "core/float_order.h"

#include <algorithm>

namespace tfjs_sparse {

size_t first_nan(const float* values, size_t n) {
  constexpr size_t kChunk = 4096;
  for (size_t start = 0; start < n; start += kChunk) {
    const size_t end = std::min(start + kChunk, n);
    // A maximum without branches: the compiler turns it into vector code.
    int32_t greatest = 0;
    for (size_t i = start; i < end; ++i) greatest = std::max(greatest, magnitude_key(values[i]));
    if (greatest <= kInfinityKey) continue;
    for (size_t i = start; i < end; ++i)
      if (magnitude_key(values[i]) > kInfinityKey) return i;
  }
  return n;
}

}  // namespace tfjs_sparse
