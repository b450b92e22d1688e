#pragma once
// Every function that JavaScript sees. native/addon.cc gives each its name, lib/native/bindings.ts its type.
#include "binding/napi_setup.h"

namespace tfjs_sparse::binding {

// info.cc
Napi::Value info(const Napi::CallbackInfo& info);
Napi::Value tables(const Napi::CallbackInfo& info);

// ranking.cc
Napi::Value select_kth_value(const Napi::CallbackInfo& info);
Napi::Value rank_mask(const Napi::CallbackInfo& info);
Napi::Value first_nan_index(const Napi::CallbackInfo& info);
Napi::Value norms_of_blocks(const Napi::CallbackInfo& info);
Napi::Value rank_rising_order(const Napi::CallbackInfo& info);
Napi::Value group_mask(const Napi::CallbackInfo& info);
Napi::Value expand_mask(const Napi::CallbackInfo& info);
Napi::Value apply_mask(const Napi::CallbackInfo& info);

// csr.cc
Napi::Value csr_from_dense(const Napi::CallbackInfo& info);
Napi::Value csr_check(const Napi::CallbackInfo& info);
Napi::Value csr_dense_values(const Napi::CallbackInfo& info);
Napi::Value csr_transposed(const Napi::CallbackInfo& info);

}  // namespace tfjs_sparse::binding
