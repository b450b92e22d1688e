// The specification.
#include "kernels/binary/binary.h"

namespace tfjs_sparse {
namespace {

float apply(BinaryOp op, float a, float b) {
  switch (op) {
    case BinaryOp::kAdd:
      return a + b;
    case BinaryOp::kSub:
      return a - b;
    case BinaryOp::kMul:
      return a * b;
    case BinaryOp::kDiv:
      return a / b;
    case BinaryOp::kMax:
      return a > b ? a : b;
    case BinaryOp::kMin:
      return a < b ? a : b;
  }
  return a;
}

}  // namespace

void binary_f32__scalar(BinaryOp op, const float* a, bool a_single, const float* b, bool b_single, float* out,
                        size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = apply(op, a[a_single ? 0 : i], b[b_single ? 0 : i]);
}

}  // namespace tfjs_sparse
