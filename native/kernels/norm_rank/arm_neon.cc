#include "kernels/vec/keys/arm_neon.h"
// clang-format off: Keys comes first
#include "kernels/norm_rank/generic.h"
// clang-format on

namespace tfjs_sparse {

NORM_DEFINE(neon)

}  // namespace tfjs_sparse
