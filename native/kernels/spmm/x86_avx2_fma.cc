#include "kernels/vec/x86_avx2_fma.h"
// clang-format off: Vec comes first
#include "kernels/spmm/generic.h"
// clang-format on

namespace tfjs_sparse {

#define SPMM_TILE(name, vectors, nr, dense) \
  void name(const SpmmTile& tile, const SpmmBlock& block) { spmm_tile<vectors, nr, dense>(tile, block); }
SPMM_TILE(spmm_csr_f32_minmax_32x1__avx2_fma, 4, 1, false)
SPMM_TILE(spmm_csr_f32_minmax_16x1__avx2_fma, 2, 1, false)
SPMM_TILE(spmm_csr_f32_minmax_8x1__avx2_fma, 1, 1, false)
SPMM_TILE(spmm_bsr_f32_minmax_32x2__avx2_fma, 4, 2, false)
SPMM_TILE(spmm_bsr_f32_minmax_16x2__avx2_fma, 2, 2, false)
SPMM_TILE(spmm_bsr_f32_minmax_8x2__avx2_fma, 1, 2, false)
SPMM_TILE(spmm_bsr_f32_minmax_24x4__avx2_fma, 3, 4, false)
SPMM_TILE(spmm_bsr_f32_minmax_16x4__avx2_fma, 2, 4, false)
SPMM_TILE(spmm_bsr_f32_minmax_8x4__avx2_fma, 1, 4, false)
SPMM_TILE(spmm_bsr_f32_minmax_8x8__avx2_fma, 1, 8, false)
SPMM_TILE(spmm_dense_f32_minmax_32x1__avx2_fma, 4, 1, true)
SPMM_TILE(spmm_dense_f32_minmax_16x1__avx2_fma, 2, 1, true)
SPMM_TILE(spmm_dense_f32_minmax_8x1__avx2_fma, 1, 1, true)
SPMM_TILE(spmm_dense_f32_minmax_32x2__avx2_fma, 4, 2, true)
SPMM_TILE(spmm_dense_f32_minmax_16x2__avx2_fma, 2, 2, true)
SPMM_TILE(spmm_dense_f32_minmax_8x2__avx2_fma, 1, 2, true)
SPMM_TILE(spmm_dense_f32_minmax_24x4__avx2_fma, 3, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_16x4__avx2_fma, 2, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_8x4__avx2_fma, 1, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_8x8__avx2_fma, 1, 8, true)
#undef SPMM_TILE

}  // namespace tfjs_sparse
