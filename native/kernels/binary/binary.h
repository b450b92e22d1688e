#pragma once
// Arithmetic of two rows of floats: out[i] = f(a[i], b[i]), or one of the two a single number. Contiguous
// loads and stores only; bound by memory.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"

namespace tfjs_sparse {

enum class BinaryOp : uint8_t { kAdd, kSub, kMul, kDiv, kMax, kMin };

/// @param a, b    rows of `count` floats, or one float where a_single, b_single
/// @param out     `count` floats; may be a row of a or b, not a single number
/// max and min give b where either is NaN.
using BinaryFunction = void (*)(BinaryOp op, const float* a, bool a_single, const float* b, bool b_single,
                                float* out, size_t count);

struct BinaryKernel {
  Isa isa;
  const char* name;
  BinaryFunction function;
};

#define BINARY_KERNEL(isa, suffix)                                                                     \
  void binary_f32__##suffix(BinaryOp op, const float* a, bool a_single, const float* b, bool b_single, \
                            float* out, size_t count);
#include "kernels/binary/kernels.inc"
#undef BINARY_KERNEL

const BinaryKernel* binary_kernels(size_t* count);
const BinaryKernel& choose_binary(Isa isa);

}  // namespace tfjs_sparse
