#include "kernels/vec/keys/x86_avx2_fma.h"
// clang-format off: Keys comes first
#include "kernels/norm_rank/generic.h"
// clang-format on

namespace tfjs_sparse {

NORM_DEFINE(avx2_fma)

}  // namespace tfjs_sparse
