#include "kernels/vec/keys/arm_neon.h"
// clang-format off: Keys comes first
#include "kernels/dense_csr/generic.h"
// clang-format on

namespace tfjs_sparse {

size_t dense_csr_count__neon(const float* line, size_t n, int32_t key) {
  return dense_csr_count(line, n, key);
}
void dense_csr_add_counts__neon(const float* line, size_t n, int32_t key, int32_t* counts) {
  dense_csr_add_counts(line, n, key, counts);
}
size_t dense_csr_fill__neon(const float* line, size_t n, int32_t key, int32_t* positions, float* values) {
  return dense_csr_fill(line, n, key, positions, values);
}
void dense_csr_scatter__neon(const float* line, size_t n, int32_t key, int32_t column, int32_t* next,
                             int32_t* columns, float* values) {
  dense_csr_scatter(line, n, key, column, next, columns, values);
}

}  // namespace tfjs_sparse
