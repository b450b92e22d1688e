#include "kernels/vec/weights/x86_avx512.h"
// clang-format off: Vec and the weights come first
#include "kernels/spmm/generic.h"
#include "kernels/spmm/slices.h"
// clang-format on

namespace tfjs_sparse {

SPMM_DEFINE(csr, 64, 1, avx512, spmm_tile, 4, 1, false)
SPMM_DEFINE(csr, 32, 1, avx512, spmm_tile, 2, 1, false)
SPMM_DEFINE(csr, 16, 1, avx512, spmm_tile, 1, 1, false)
SPMM_DEFINE(bsr, 64, 2, avx512, spmm_tile, 4, 2, false)
SPMM_DEFINE(bsr, 32, 2, avx512, spmm_tile, 2, 2, false)
SPMM_DEFINE(bsr, 16, 2, avx512, spmm_tile, 1, 2, false)
SPMM_DEFINE(bsr, 64, 4, avx512, spmm_tile, 4, 4, false)
SPMM_DEFINE(bsr, 32, 4, avx512, spmm_tile, 2, 4, false)
SPMM_DEFINE(bsr, 16, 4, avx512, spmm_tile, 1, 4, false)
SPMM_DEFINE(bsr, 48, 8, avx512, spmm_tile, 3, 8, false)
SPMM_DEFINE(bsr, 32, 8, avx512, spmm_tile, 2, 8, false)
SPMM_DEFINE(bsr, 16, 8, avx512, spmm_tile, 1, 8, false)
SPMM_DEFINE(dense, 64, 1, avx512, spmm_tile, 4, 1, true)
SPMM_DEFINE(dense, 32, 1, avx512, spmm_tile, 2, 1, true)
SPMM_DEFINE(dense, 16, 1, avx512, spmm_tile, 1, 1, true)
SPMM_DEFINE(dense, 64, 2, avx512, spmm_tile, 4, 2, true)
SPMM_DEFINE(dense, 32, 2, avx512, spmm_tile, 2, 2, true)
SPMM_DEFINE(dense, 16, 2, avx512, spmm_tile, 1, 2, true)
SPMM_DEFINE(dense, 96, 4, avx512, spmm_tile, 6, 4, true)
SPMM_DEFINE(dense, 64, 4, avx512, spmm_tile, 4, 4, true)
SPMM_DEFINE(dense, 32, 4, avx512, spmm_tile, 2, 4, true)
SPMM_DEFINE(dense, 16, 4, avx512, spmm_tile, 1, 4, true)
SPMM_DEFINE(dense, 48, 8, avx512, spmm_tile, 3, 8, true)
SPMM_DEFINE(dense, 32, 8, avx512, spmm_tile, 2, 8, true)
SPMM_DEFINE(dense, 16, 8, avx512, spmm_tile, 1, 8, true)
SPMM_DEFINE(slices, 16, 8, avx512, spmm_slices, 1, 8)

}  // namespace tfjs_sparse
