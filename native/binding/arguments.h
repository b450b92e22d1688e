#pragma once
#include <cstdint>
#include <string>

#include "binding/napi_setup.h"
#include "core/status.h"

namespace tfjs_sparse::binding {

/// A JavaScript Error with `code` "ERR_SPARSE_…"; lib/native turns it into a SparseError.
Napi::Error make_error(Napi::Env env, const Status& status);

/// Throws `status` unless it is ok.
void throw_if_error(Napi::Env env, const Status& status);

/// View of a typed array: valid until JavaScript runs again.
template <typename T>
struct Span {
  T* data = nullptr;
  size_t size = 0;
};

/// Arguments of one call, read in order of position. Each reader throws ERR_SPARSE_DTYPE, _SHAPE or _ARGUMENT
/// with the argument's name: TypeScript has checked before, so these messages are for the authors of this
/// package.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}

  Napi::Env env() const { return info_.Env(); }
  Span<float> float32(size_t position, const char* name) const;
  /// Empty when the argument is undefined or null.
  Span<float> float32_or_none(size_t position, const char* name) const;
  Span<int32_t> int32(size_t position, const char* name) const;
  Span<uint8_t> uint8(size_t position, const char* name) const;
  /// Float32Array of exactly `size` values.
  Span<float> float32_of(size_t position, const char* name, size_t size) const;
  /// A whole number in [0, 2^53).
  size_t size(size_t position, const char* name) const;
  double number(size_t position, const char* name) const;
  bool boolean(size_t position, const char* name) const;
  Napi::Object object(size_t position, const char* name) const;

 private:
  const Napi::CallbackInfo& info_;
};

/// The same readers for the fields of a plain object, named `what.field` in errors.
Span<float> float32_field(const Napi::Object& object, const char* what, const char* field);
Span<int32_t> int32_field(const Napi::Object& object, const char* what, const char* field);
Span<float> float32_field_or_none(const Napi::Object& object, const char* what, const char* field);
double number_field(const Napi::Object& object, const char* what, const char* field);
int64_t integer_field(const Napi::Object& object, const char* what, const char* field, int64_t lowest,
                      int64_t highest);
std::string string_field(const Napi::Object& object, const char* what, const char* field);

}  // namespace tfjs_sparse::binding
