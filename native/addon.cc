// Export table: JavaScript name -> function.
#include <cstdlib>
#include <exception>
#include <new>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/exports.h"

namespace tfjs_sparse::binding {

Environment& environment(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* state = new Environment();
  env.SetInstanceData(state);
  const char* forced = std::getenv("TFJS_SPARSE_ISA");
  throw_if_error(env,
                 choose_isa(isas_built(), isas_supported(), forced == nullptr ? "" : forced, &state->isa));

  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    // Memory that runs out is an error of the call, not the end of the process.
    const auto guarded = [function](const Napi::CallbackInfo& call) -> Napi::Value {
      try {
        return function(call);
      } catch (const Napi::Error&) {
        throw;
      } catch (const std::bad_alloc&) {
        throw make_error(call.Env(), Status::Error(StatusCode::kNative, "not enough memory"));
      } catch (const std::exception& error) {
        throw make_error(call.Env(), Status::Error(StatusCode::kNative, error.what()));
      }
    };
    exports.Set(name, Napi::Function::New(env, guarded, name));
  };
  add("info", info);
  add("tables", tables);
  add("selectKth", select_kth_value);
  add("rankMask", rank_and_mask);
  add("firstNan", first_nan_index);
  add("blockNorms", norms_of_blocks);
  add("rankRising", rank_rising_order);
  add("groupMask", group_mask);
  add("countOnes", count_ones);
  add("expandMask", expand_mask);
  add("applyMask", apply_mask);
  add("csrFromDense", csr_from_dense);
  add("csrCheck", csr_check);
  add("csrToDense", csr_dense_values);
  add("csrTranspose", csr_transposed);
  add("denseStats", dense_weight_stats);
  add("csrStats", csr_weight_stats);
  add("csrPack", csr_pack);
  add("csrMatmul", csr_multiply);
  add("createSession", create_session);
  add("disposeSession", dispose_session);
  add("runMany", run_many);
  add("runAsync", run_async);
  add("sessionReport", session_report);
  add("timeSteps", time_steps);
  // Half the time of a wrapped function: no node-addon-api on the way to a session.
  napi_value hot;
  if (napi_create_function(env, "run", NAPI_AUTO_LENGTH, run, nullptr, &hot) != napi_ok)
    throw Napi::Error::New(env);
  exports.Set("run", Napi::Value(env, hot));
  return exports;
}

}  // namespace

NODE_API_MODULE(tfjs_sparse, init)

}  // namespace tfjs_sparse::binding
