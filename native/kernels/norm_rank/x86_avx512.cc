#include "kernels/vec/keys/x86_avx512.h"
// clang-format off: Keys comes first
#include "kernels/norm_rank/generic.h"
// clang-format on

namespace tfjs_sparse {

NORM_DEFINE(avx512)

}  // namespace tfjs_sparse
