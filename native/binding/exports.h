#pragma once
// Every function that JavaScript sees. native/addon.cc gives each its name, lib/native/bindings.ts its type.
#include "binding/napi_setup.h"

namespace tfjs_sparse::binding {

// info.cc
Napi::Value info(const Napi::CallbackInfo& info);
Napi::Value tables(const Napi::CallbackInfo& info);

}  // namespace tfjs_sparse::binding
