#pragma once
#include "binding/napi_setup.h"
#include "core/cpu.h"

namespace tfjs_sparse::binding {

/// What one JavaScript environment (main thread or worker) has of its own.
struct Environment {
  /// The instruction set that every kernel of this environment is chosen for.
  Isa isa = Isa::kScalar;
};

/// The environment's state; made when the addon is loaded.
Environment& environment(Napi::Env env);

}  // namespace tfjs_sparse::binding
