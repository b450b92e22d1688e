#include "kernels/vec/x86_avx512.h"
// clang-format off: Vec comes first
#include "kernels/spmm/generic.h"
// clang-format on

namespace tfjs_sparse {

#define SPMM_TILE(name, vectors, nr, dense) \
  void name(const SpmmTile& tile, const SpmmBlock& block) { spmm_tile<vectors, nr, dense>(tile, block); }
SPMM_TILE(spmm_csr_f32_minmax_64x1__avx512, 4, 1, false)
SPMM_TILE(spmm_csr_f32_minmax_32x1__avx512, 2, 1, false)
SPMM_TILE(spmm_csr_f32_minmax_16x1__avx512, 1, 1, false)
SPMM_TILE(spmm_bsr_f32_minmax_64x2__avx512, 4, 2, false)
SPMM_TILE(spmm_bsr_f32_minmax_32x2__avx512, 2, 2, false)
SPMM_TILE(spmm_bsr_f32_minmax_16x2__avx512, 1, 2, false)
SPMM_TILE(spmm_bsr_f32_minmax_64x4__avx512, 4, 4, false)
SPMM_TILE(spmm_bsr_f32_minmax_32x4__avx512, 2, 4, false)
SPMM_TILE(spmm_bsr_f32_minmax_16x4__avx512, 1, 4, false)
SPMM_TILE(spmm_bsr_f32_minmax_48x8__avx512, 3, 8, false)
SPMM_TILE(spmm_bsr_f32_minmax_32x8__avx512, 2, 8, false)
SPMM_TILE(spmm_bsr_f32_minmax_16x8__avx512, 1, 8, false)
SPMM_TILE(spmm_dense_f32_minmax_64x1__avx512, 4, 1, true)
SPMM_TILE(spmm_dense_f32_minmax_32x1__avx512, 2, 1, true)
SPMM_TILE(spmm_dense_f32_minmax_16x1__avx512, 1, 1, true)
SPMM_TILE(spmm_dense_f32_minmax_64x2__avx512, 4, 2, true)
SPMM_TILE(spmm_dense_f32_minmax_32x2__avx512, 2, 2, true)
SPMM_TILE(spmm_dense_f32_minmax_16x2__avx512, 1, 2, true)
SPMM_TILE(spmm_dense_f32_minmax_96x4__avx512, 6, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_64x4__avx512, 4, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_32x4__avx512, 2, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_16x4__avx512, 1, 4, true)
SPMM_TILE(spmm_dense_f32_minmax_48x8__avx512, 3, 8, true)
SPMM_TILE(spmm_dense_f32_minmax_32x8__avx512, 2, 8, true)
SPMM_TILE(spmm_dense_f32_minmax_16x8__avx512, 1, 8, true)
#undef SPMM_TILE

}  // namespace tfjs_sparse
