#include <string>
#include <thread>

#include "binding/environment.h"
#include "binding/exports.h"
#include "core/storage.h"

namespace tfjs_sparse::binding {

namespace {

Napi::Array isa_names(Napi::Env env, IsaSet set) {
  Napi::Array names = Napi::Array::New(env);
  for (int i = 0; i < kIsaCount; ++i)
    if (set.has(static_cast<Isa>(i))) names.Set(names.Length(), isa_name(static_cast<Isa>(i)));
  return names;
}

}  // namespace

/// () -> { version, isa, isasBuilt, isasSupported, cpu, cores }
Napi::Value info(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object out = Napi::Object::New(env);
  out.Set("version", TFJS_SPARSE_VERSION);
  out.Set("isa", isa_name(environment(env).isa));
  out.Set("isasBuilt", isa_names(env, isas_built()));
  out.Set("isasSupported", isa_names(env, isas_supported()));
  out.Set("cpu", cpu_brand());
  out.Set("cores", static_cast<double>(std::thread::hardware_concurrency()));
  return out;
}

/// () -> { activations, statusCodes, storages }: names that C++ owns, in the order of their numbers.
Napi::Value tables(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object out = Napi::Object::New(env);
  Napi::Array activations = Napi::Array::New(env);
#define SPARSE_ACTIVATION(name, text) activations.Set(activations.Length(), text);
#include "kernels/epilogue.inc"
#undef SPARSE_ACTIVATION
  Napi::Array codes = Napi::Array::New(env);
#define SPARSE_STATUS(name, text) codes.Set(codes.Length(), text);
#include "core/status.inc"
#undef SPARSE_STATUS
  Napi::Array storages = Napi::Array::New(env);
  for (int i = 0; i < kStorageCount; ++i)
    storages.Set(storages.Length(), storage_name(static_cast<Storage>(i)));
  out.Set("activations", activations);
  out.Set("statusCodes", codes);
  out.Set("storages", storages);
  return out;
}

}  // namespace tfjs_sparse::binding
