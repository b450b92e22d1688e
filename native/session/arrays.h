#pragma once
#include "session/build.h"

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

}  // namespace tfjs_sparse
