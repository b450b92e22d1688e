#pragma once
#include <cstdint>

#include "binding/arguments.h"

namespace tfjs_sparse::binding {

/// A C++ object that JavaScript holds as an External. The tag says which kind, since any External may be
/// passed in.
template <typename T, uint64_t kTag>
struct Handle {
  uint64_t tag = kTag;
  T value;
  size_t bytes = 0;

  /// @param bytes  native memory behind the value. The garbage collector is told, so that it looks for
  ///               dropped handles before JavaScript's own memory runs out.
  static Napi::Value wrap(Napi::Env env, T value, size_t bytes) {
    Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<int64_t>(bytes));
    return Napi::External<Handle>::New(env, new Handle{kTag, std::move(value), bytes},
                                       [](Napi::Env env, Handle* handle) {
                                         handle->tag = 0;
                                         handle->release(env);
                                         delete handle;
                                       });
  }
  /// Lets go of the value before the handle dies; may be called twice.
  void release(Napi::Env env) {
    value.reset();
    Napi::MemoryManagement::AdjustExternalMemory(env, -static_cast<int64_t>(bytes));
    bytes = 0;
  }
  /// nullptr when it is something else.
  static Handle* unwrap(napi_env env, napi_value value) {
    napi_valuetype type;
    void* data = nullptr;
    if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
    if (napi_get_value_external(env, value, &data) != napi_ok || data == nullptr) return nullptr;
    Handle* handle = static_cast<Handle*>(data);
    return handle->tag == kTag ? handle : nullptr;
  }
  static Handle& argument(const Napi::CallbackInfo& info, size_t position, const char* name) {
    Handle* handle = unwrap(info.Env(), info[position]);
    if (handle == nullptr)
      throw make_error(info.Env(),
                       Status::Error(StatusCode::kArgument, std::string(name) + ": expected a handle"));
    return *handle;
  }
};

}  // namespace tfjs_sparse::binding
