#pragma once
// Every function that JavaScript sees. native/addon.cc gives each its name, lib/native/bindings.ts its type.
#include "binding/napi_setup.h"

namespace tfjs_sparse::binding {

// info.cc
Napi::Value info(const Napi::CallbackInfo& info);
Napi::Value tables(const Napi::CallbackInfo& info);

// ranking.cc
Napi::Value select_kth_value(const Napi::CallbackInfo& info);
Napi::Value rank_and_mask(const Napi::CallbackInfo& info);
Napi::Value first_nan_index(const Napi::CallbackInfo& info);
Napi::Value norms_of_blocks(const Napi::CallbackInfo& info);
Napi::Value rank_rising_order(const Napi::CallbackInfo& info);
Napi::Value group_mask(const Napi::CallbackInfo& info);
Napi::Value count_ones(const Napi::CallbackInfo& info);
Napi::Value expand_mask(const Napi::CallbackInfo& info);
Napi::Value apply_mask(const Napi::CallbackInfo& info);

// csr.cc
Napi::Value csr_from_dense(const Napi::CallbackInfo& info);
Napi::Value csr_check(const Napi::CallbackInfo& info);
Napi::Value csr_dense_values(const Napi::CallbackInfo& info);
Napi::Value csr_transposed(const Napi::CallbackInfo& info);

// product.cc
Napi::Value dense_weight_stats(const Napi::CallbackInfo& info);
Napi::Value csr_weight_stats(const Napi::CallbackInfo& info);
Napi::Value csr_pack(const Napi::CallbackInfo& info);
Napi::Value csr_multiply(const Napi::CallbackInfo& info);

// session.cc
Napi::Value create_session(const Napi::CallbackInfo& info);
Napi::Value dispose_session(const Napi::CallbackInfo& info);
napi_value run(napi_env env, napi_callback_info info);
Napi::Value run_many(const Napi::CallbackInfo& info);
Napi::Value run_async(const Napi::CallbackInfo& info);
Napi::Value session_report(const Napi::CallbackInfo& info);
Napi::Value time_steps(const Napi::CallbackInfo& info);

}  // namespace tfjs_sparse::binding
