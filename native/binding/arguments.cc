#include "binding/arguments.h"

#include <cmath>

namespace tfjs_sparse::binding {

Napi::Error make_error(Napi::Env env, const Status& status) {
  Napi::Error error = Napi::Error::New(env, status.message);
  error.Set("code", Napi::String::New(env, status_name(status.code)));
  return error;
}

void throw_if_error(Napi::Env env, const Status& status) {
  if (!status.ok()) throw make_error(env, status);
}

namespace {

[[noreturn]] void fail(Napi::Env env, StatusCode code, const std::string& message) {
  throw make_error(env, Status::Error(code, message));
}

template <typename T>
constexpr napi_typedarray_type kTypedArray = napi_float32_array;
template <>
constexpr napi_typedarray_type kTypedArray<int32_t> = napi_int32_array;
template <>
constexpr napi_typedarray_type kTypedArray<uint8_t> = napi_uint8_array;

template <typename T>
constexpr const char* kTypedArrayName = "Float32Array";
template <>
constexpr const char* kTypedArrayName<int32_t> = "Int32Array";
template <>
constexpr const char* kTypedArrayName<uint8_t> = "Uint8Array";

template <typename T>
Span<T> read_span(const Napi::Value& value, const std::string& name) {
  const Napi::Env env = value.Env();
  const auto wrong = [&] { fail(env, StatusCode::kDtype, name + ": expected a " + kTypedArrayName<T>); };
  if (!value.IsTypedArray()) wrong();
  napi_typedarray_type type;
  size_t length;
  void* data;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) wrong();
  if (type != kTypedArray<T>) wrong();
  return {static_cast<T*>(data), data == nullptr ? 0 : length};
}

double read_number(const Napi::Value& value, const std::string& name) {
  if (!value.IsNumber()) fail(value.Env(), StatusCode::kArgument, name + ": expected a number");
  return value.As<Napi::Number>().DoubleValue();
}

int64_t read_integer(const Napi::Value& value, const std::string& name, int64_t lowest, int64_t highest) {
  const double number = read_number(value, name);
  if (!(std::floor(number) == number && number >= static_cast<double>(lowest) &&
        number <= static_cast<double>(highest)))
    fail(value.Env(), StatusCode::kArgument,
         name + ": expected a whole number in [" + std::to_string(lowest) + ", " + std::to_string(highest) +
             "], received " + std::to_string(number));
  return static_cast<int64_t>(number);
}

constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

std::string path(const char* what, const char* field) { return std::string(what) + "." + field; }

}  // namespace

Span<float> Arguments::float32(size_t position, const char* name) const {
  return read_span<float>(info_[position], name);
}
Span<float> Arguments::float32_or_none(size_t position, const char* name) const {
  if (info_[position].IsUndefined() || info_[position].IsNull()) return {};
  return read_span<float>(info_[position], name);
}
Span<int32_t> Arguments::int32(size_t position, const char* name) const {
  return read_span<int32_t>(info_[position], name);
}
Span<uint8_t> Arguments::uint8(size_t position, const char* name) const {
  return read_span<uint8_t>(info_[position], name);
}
Span<float> Arguments::float32_of(size_t position, const char* name, size_t size) const {
  const Span<float> span = float32(position, name);
  if (span.size != size)
    fail(env(), StatusCode::kShape,
         std::string(name) + ": expected " + std::to_string(size) + " values, received " +
             std::to_string(span.size));
  return span;
}
size_t Arguments::size(size_t position, const char* name) const {
  return static_cast<size_t>(read_integer(info_[position], name, 0, kMaxSafeInteger));
}
double Arguments::number(size_t position, const char* name) const {
  return read_number(info_[position], name);
}
bool Arguments::boolean(size_t position, const char* name) const {
  if (!info_[position].IsBoolean())
    fail(env(), StatusCode::kArgument, std::string(name) + ": expected true or false");
  return info_[position].As<Napi::Boolean>().Value();
}
Napi::Object Arguments::object(size_t position, const char* name) const {
  if (!info_[position].IsObject())
    fail(env(), StatusCode::kArgument, std::string(name) + ": expected an object");
  return info_[position].As<Napi::Object>();
}

Span<float> float32_field(const Napi::Object& object, const char* what, const char* field) {
  return read_span<float>(object.Get(field), path(what, field));
}
Span<int32_t> int32_field(const Napi::Object& object, const char* what, const char* field) {
  return read_span<int32_t>(object.Get(field), path(what, field));
}
Span<float> float32_field_or_none(const Napi::Object& object, const char* what, const char* field) {
  const Napi::Value value = object.Get(field);
  if (value.IsUndefined() || value.IsNull()) return {};
  return read_span<float>(value, path(what, field));
}
double number_field(const Napi::Object& object, const char* what, const char* field) {
  return read_number(object.Get(field), path(what, field));
}
int64_t integer_field(const Napi::Object& object, const char* what, const char* field, int64_t lowest,
                      int64_t highest) {
  return read_integer(object.Get(field), path(what, field), lowest, highest);
}
std::string string_field(const Napi::Object& object, const char* what, const char* field) {
  const Napi::Value value = object.Get(field);
  if (!value.IsString()) fail(value.Env(), StatusCode::kArgument, path(what, field) + ": expected a string");
  return value.As<Napi::String>().Utf8Value();
}

}  // namespace tfjs_sparse::binding
