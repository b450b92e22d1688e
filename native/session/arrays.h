#pragma once
#include "session/build.h"
#include "session/strided.h"

namespace tfjs_sparse {

/// Where an operand's block of a row of the batch begins.
template <typename T>
T* block_of(const Buffer& buffer, const ValueShape& shape, size_t block) {
  return reinterpret_cast<T*>(buffer.data) + (shape.fixed ? 0 : block * shape.features());
}

/// As many inputs as it takes, all of them arrays, none of each row of a batch where the output is not.
inline Status check_arrays(const StepRequest& request, size_t inputs) {
  const auto& [step, in, out] = request;
  if (in.size() != inputs) return unfit("expected " + std::to_string(inputs) + " inputs");
  if (!out.array) return unfit("expected an array");
  for (const ValueShape& x : in)
    if (!x.array || (out.fixed && !x.fixed))
      return unfit("an input is no array, or one of each row of a batch");
  return Status::Ok();
}

/// A loop whose last operand is the output writes all of it, row by row: nothing of an earlier run is left.
/// @param still  last axes of the loop, along which the output stands still
template <size_t Operands>
Status check_written(const Loop<Operands>& loop, size_t still, const ValueShape& out) {
  int64_t stride = 1;
  const auto is = [](const auto& axis, int64_t expected) {
    return axis.size == 1 || axis.strides.back() == expected;
  };
  for (size_t a = loop.axes.size(); a-- > 0;) {
    const bool stands = a + still >= loop.axes.size();
    if (!is(loop.axes[a], stands ? 0 : stride)) return unfit("a loop leaves gaps in its output");
    if (!stands) stride *= int64_t(loop.axes[a].size);
  }
  return loop.offsets.back() == 0 && size_t(stride) == out.features()
             ? Status::Ok()
             : unfit("a loop leaves gaps in its output");
}

}  // namespace tfjs_sparse
