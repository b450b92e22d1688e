#pragma once
// Arithmetic over Vec (kernels/vec).
#include "kernels/binary/binary.h"

namespace tfjs_sparse {
namespace {

template <typename F, typename G>
TFJS_SPARSE_INLINE void apply(const float* a, bool a_single, const float* b, bool b_single, float* out,
                              size_t count, F vector, G scalar) {
  constexpr size_t kLanes = Vec::kLanes;
  size_t i = 0;
  if (a_single) {
    const float first = a[0];
    const Vec::T all = Vec::set1(first);
    for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, vector(all, Vec::load(b + i)));
    for (; i < count; ++i) out[i] = scalar(first, b[i]);
  } else if (b_single) {
    const float second = b[0];
    const Vec::T all = Vec::set1(second);
    for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, vector(Vec::load(a + i), all));
    for (; i < count; ++i) out[i] = scalar(a[i], second);
  } else {
    for (; i + kLanes <= count; i += kLanes) Vec::store(out + i, vector(Vec::load(a + i), Vec::load(b + i)));
    for (; i < count; ++i) out[i] = scalar(a[i], b[i]);
  }
}

TFJS_SPARSE_INLINE void binary(BinaryOp op, const float* a, bool a_single, const float* b, bool b_single,
                               float* out, size_t count) {
  if (a_single && b_single) {
    // One number for all: the tail's loop makes it, the rest are copies.
    if (count == 0) return;
    binary_f32__scalar(op, a, true, b, true, out, 1);
    const float value = out[0];
    for (size_t i = 1; i < count; ++i) out[i] = value;
    return;
  }
  switch (op) {
    case BinaryOp::kAdd:
      return apply(
          a, a_single, b, b_single, out, count, [](Vec::T x, Vec::T y) { return Vec::add(x, y); },
          [](float x, float y) { return x + y; });
    case BinaryOp::kSub:
      return apply(
          a, a_single, b, b_single, out, count, [](Vec::T x, Vec::T y) { return Vec::sub(x, y); },
          [](float x, float y) { return x - y; });
    case BinaryOp::kMul:
      return apply(
          a, a_single, b, b_single, out, count, [](Vec::T x, Vec::T y) { return Vec::mul(x, y); },
          [](float x, float y) { return x * y; });
    case BinaryOp::kDiv:
      return apply(
          a, a_single, b, b_single, out, count, [](Vec::T x, Vec::T y) { return Vec::div(x, y); },
          [](float x, float y) { return x / y; });
    case BinaryOp::kMax:
      return apply(
          a, a_single, b, b_single, out, count, [](Vec::T x, Vec::T y) { return Vec::max(x, y); },
          [](float x, float y) { return x > y ? x : y; });
    case BinaryOp::kMin:
      return apply(
          a, a_single, b, b_single, out, count, [](Vec::T x, Vec::T y) { return Vec::min(x, y); },
          [](float x, float y) { return x < y ? x : y; });
  }
}

}  // namespace
}  // namespace tfjs_sparse
