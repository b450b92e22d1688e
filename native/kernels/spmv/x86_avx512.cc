#include "kernels/vec/x86_avx512.h"
// clang-format off: Vec comes first
#include "kernels/spmv/generic.h"
// clang-format on

namespace tfjs_sparse {
namespace {

/// One permute reaches 32 floats in two registers.
struct Window32 {
  static constexpr int kRows = 16, kColumnBytes = 16;
  static TFJS_SPARSE_INLINE __m512 pick(const float* x, const uint8_t* columns) {
    return _mm512_permutex2var_ps(Vec::load(x), widen_bytes(columns), Vec::load(x + 16));
  }
};

}  // namespace

void spmv_window_f32_minmax_16x32__avx512(const SpmvCall& c, const SpmvSlices& s) {
  spmv_window<Window32>(c, s);
}
void spmv_dense_f32_minmax_64__avx512(const SpmvCall& c, const SpmvSlices& s) { spmv_dense<4, 2>(c, s); }
void spmv_dense_f32_minmax_16__avx512(const SpmvCall& c, const SpmvSlices& s) { spmv_dense<1, 8>(c, s); }

}  // namespace tfjs_sparse
