#include "kernels/vec/weights/x86_avx2_fma.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmm/generic.h"
#include "kernels/spmm/slices.h"
// clang-format on

namespace tfjs_sparse {

SPMM_DEFINE(csr, 32, 1, avx2_fma, spmm_tile, 4, 1, false)
SPMM_DEFINE(csr, 24, 1, avx2_fma, spmm_tile, 3, 1, false)
SPMM_DEFINE(csr, 16, 1, avx2_fma, spmm_tile, 2, 1, false)
SPMM_DEFINE(csr, 8, 1, avx2_fma, spmm_tile, 1, 1, false)
SPMM_DEFINE(bsr, 32, 2, avx2_fma, spmm_tile, 4, 2, false)
SPMM_DEFINE(bsr, 16, 2, avx2_fma, spmm_tile, 2, 2, false)
SPMM_DEFINE(bsr, 8, 2, avx2_fma, spmm_tile, 1, 2, false)
SPMM_DEFINE(bsr, 24, 4, avx2_fma, spmm_tile, 3, 4, false)
SPMM_DEFINE(bsr, 16, 4, avx2_fma, spmm_tile, 2, 4, false)
SPMM_DEFINE(bsr, 8, 4, avx2_fma, spmm_tile, 1, 4, false)
SPMM_DEFINE(bsr, 8, 8, avx2_fma, spmm_tile, 1, 8, false)
SPMM_DEFINE(dense, 32, 1, avx2_fma, spmm_tile, 4, 1, true)
SPMM_DEFINE(dense, 16, 1, avx2_fma, spmm_tile, 2, 1, true)
SPMM_DEFINE(dense, 8, 1, avx2_fma, spmm_tile, 1, 1, true)
SPMM_DEFINE(dense, 32, 2, avx2_fma, spmm_tile, 4, 2, true)
SPMM_DEFINE(dense, 16, 2, avx2_fma, spmm_tile, 2, 2, true)
SPMM_DEFINE(dense, 8, 2, avx2_fma, spmm_tile, 1, 2, true)
SPMM_DEFINE(dense, 24, 4, avx2_fma, spmm_tile, 3, 4, true)
SPMM_DEFINE(dense, 16, 4, avx2_fma, spmm_tile, 2, 4, true)
SPMM_DEFINE(dense, 8, 4, avx2_fma, spmm_tile, 1, 4, true)
SPMM_DEFINE(dense, 8, 8, avx2_fma, spmm_tile, 1, 8, true)
SPMM_DEFINE(slices, 24, 4, avx2_fma, spmm_slices, 3, 4)
SPMM_DEFINE(slices, 16, 4, avx2_fma, spmm_slices, 2, 4)
SPMM_DEFINE(slices, 8, 4, avx2_fma, spmm_slices, 1, 4)
SPMM_DEFINE(slices, 8, 8, avx2_fma, spmm_slices, 1, 8)

}  // namespace tfjs_sparse
