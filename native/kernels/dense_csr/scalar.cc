#include "kernels/dense_csr/dense_csr.h"

namespace tfjs_sparse {

size_t dense_csr_count__scalar(const float* line, size_t n, int32_t key) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) count += magnitude_key(line[i]) > key;
  return count;
}

void dense_csr_add_counts__scalar(const float* line, size_t n, int32_t key, int32_t* counts) {
  for (size_t i = 0; i < n; ++i) counts[i] += magnitude_key(line[i]) > key;
}

size_t dense_csr_fill__scalar(const float* line, size_t n, int32_t key, int32_t* positions, float* values) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    if (magnitude_key(line[i]) <= key) continue;
    positions[count] = static_cast<int32_t>(i);
    values[count++] = line[i];
  }
  return count;
}

void dense_csr_scatter__scalar(const float* line, size_t n, int32_t key, int32_t column, int32_t* next,
                               int32_t* columns, float* values) {
  for (size_t i = 0; i < n; ++i) {
    if (magnitude_key(line[i]) <= key) continue;
    const int32_t place = next[i]++;
    columns[place] = column;
    values[place] = line[i];
  }
}

}  // namespace tfjs_sparse
