#pragma once
#include "binding/arguments.h"
#include "session/plan.h"

namespace tfjs_sparse::binding {

/// The plan out of a plain object. Weights are views of the caller's arrays: valid until JavaScript runs
/// again.
/// @throws ERR_SPARSE_ARGUMENT, _DTYPE where a field is missing or has the wrong type
Plan read_plan(const Napi::Object& object);

/// { type: index into tables().activations, alpha, min, max }
ActivationCall read_activation(const Napi::Object& object);

/// { vector: 0 none | 1 window | 2 dense, nr: 0 | 1 | 2 | 4 | 8, dense: boolean,
///   storage: index into tables().storages }
KernelChoice read_choice(const Napi::Object& object);

}  // namespace tfjs_sparse::binding
