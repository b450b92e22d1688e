#include "kernels/vec/arm_neon.h"
// clang-format off: Vec comes first
#include "kernels/binary/generic.h"
// clang-format on

namespace tfjs_sparse {

void binary_f32__neon(BinaryOp op, const float* a, bool a_single, const float* b, bool b_single, float* out,
                      size_t count) {
  binary(op, a, a_single, b, b_single, out, count);
}

}  // namespace tfjs_sparse
