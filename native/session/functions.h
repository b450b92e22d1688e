#pragma once
// The functions of binary, unary and cast steps, by the name that a plan uses.
#include <cmath>
#include <cstdint>
#include <string>

namespace tfjs_sparse {

/// Calls visit(functor of two numbers) for the function's name. T is float or int32_t; comparisons and logic
/// give 0 or 1.
/// @returns false when there is no such function of this type
template <typename T, typename Visit>
bool visit_binary(const std::string& name, Visit visit) {
  if (name == "add") return visit([](T a, T b) { return T(a + b); }), true;
  if (name == "sub") return visit([](T a, T b) { return T(a - b); }), true;
  if (name == "mul") return visit([](T a, T b) { return T(a * b); }), true;
  if (name == "max") return visit([](T a, T b) { return a > b ? a : b; }), true;
  if (name == "min") return visit([](T a, T b) { return a < b ? a : b; }), true;
  if (name == "squaredDifference") return visit([](T a, T b) { return T((a - b) * (a - b)); }), true;
  if (name == "and") return visit([](T a, T b) { return T(a != 0 && b != 0); }), true;
  if (name == "or") return visit([](T a, T b) { return T(a != 0 || b != 0); }), true;
  return false;
}

/// Comparisons: the result is int32, 0 or 1.
template <typename T, typename Visit>
bool visit_compare(const std::string& name, Visit visit) {
  if (name == "equal") return visit([](T a, T b) { return int32_t(a == b); }), true;
  if (name == "notEqual") return visit([](T a, T b) { return int32_t(a != b); }), true;
  if (name == "less") return visit([](T a, T b) { return int32_t(a < b); }), true;
  if (name == "lessEqual") return visit([](T a, T b) { return int32_t(a <= b); }), true;
  if (name == "greater") return visit([](T a, T b) { return int32_t(a > b); }), true;
  if (name == "greaterEqual") return visit([](T a, T b) { return int32_t(a >= b); }), true;
  return false;
}

/// Functions whose meaning differs between the types. Integers wrap; a division by zero gives 0.
template <typename Visit>
bool visit_float_binary(const std::string& name, Visit visit) {
  if (name == "div") return visit([](float a, float b) { return a / b; }), true;
  if (name == "floorDiv") return visit([](float a, float b) { return std::floor(a / b); }), true;
  if (name == "floorMod")
    return visit([](float a, float b) {
             const float rest = std::fmod(a, b);
             return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
           }),
           true;
  if (name == "pow") return visit([](float a, float b) { return std::pow(a, b); }), true;
  if (name == "atan2") return visit([](float a, float b) { return std::atan2(a, b); }), true;
  return visit_binary<float>(name, visit);
}

template <typename Visit>
bool visit_integer_binary(const std::string& name, Visit visit) {
  // Through 64 bits: the lowest number by -1 does not fit.
  if (name == "floorDiv")
    return visit([](int32_t a, int32_t b) {
             if (b == 0) return int32_t{0};
             const int64_t quotient = int64_t{a} / b;
             return int32_t(int64_t{a} % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient);
           }),
           true;
  if (name == "floorMod")
    return visit([](int32_t a, int32_t b) {
             if (b == 0) return int32_t{0};
             const int64_t rest = int64_t{a} % b;
             return int32_t(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
           }),
           true;
  // Unsigned arithmetic wraps; signed overflow would be undefined.
  if (name == "add")
    return visit([](int32_t a, int32_t b) { return int32_t(uint32_t(a) + uint32_t(b)); }), true;
  if (name == "sub")
    return visit([](int32_t a, int32_t b) { return int32_t(uint32_t(a) - uint32_t(b)); }), true;
  if (name == "mul")
    return visit([](int32_t a, int32_t b) { return int32_t(uint32_t(a) * uint32_t(b)); }), true;
  if (name == "squaredDifference")
    return visit([](int32_t a, int32_t b) {
             const uint32_t difference = uint32_t(a) - uint32_t(b);
             return int32_t(difference * difference);
           }),
           true;
  return visit_binary<int32_t>(name, visit);
}

template <typename Visit>
bool visit_float_unary(const std::string& name, Visit visit) {
  if (name == "abs") return visit([](float x) { return std::fabs(x); }), true;
  if (name == "neg") return visit([](float x) { return -x; }), true;
  if (name == "square") return visit([](float x) { return x * x; }), true;
  if (name == "sqrt") return visit([](float x) { return std::sqrt(x); }), true;
  if (name == "rsqrt") return visit([](float x) { return 1 / std::sqrt(x); }), true;
  if (name == "reciprocal") return visit([](float x) { return 1 / x; }), true;
  if (name == "exp") return visit([](float x) { return std::exp(x); }), true;
  if (name == "expm1") return visit([](float x) { return std::expm1(x); }), true;
  if (name == "log") return visit([](float x) { return std::log(x); }), true;
  if (name == "log1p") return visit([](float x) { return std::log1p(x); }), true;
  if (name == "floor") return visit([](float x) { return std::floor(x); }), true;
  if (name == "ceil") return visit([](float x) { return std::ceil(x); }), true;
  // To even, as TensorFlow rounds.
  if (name == "round") return visit([](float x) { return std::nearbyint(x); }), true;
  if (name == "sign") return visit([](float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : x; }), true;
  if (name == "sin") return visit([](float x) { return std::sin(x); }), true;
  if (name == "cos") return visit([](float x) { return std::cos(x); }), true;
  if (name == "tan") return visit([](float x) { return std::tan(x); }), true;
  if (name == "asin") return visit([](float x) { return std::asin(x); }), true;
  if (name == "acos") return visit([](float x) { return std::acos(x); }), true;
  if (name == "atan") return visit([](float x) { return std::atan(x); }), true;
  if (name == "sinh") return visit([](float x) { return std::sinh(x); }), true;
  if (name == "cosh") return visit([](float x) { return std::cosh(x); }), true;
  if (name == "erf") return visit([](float x) { return std::erf(x); }), true;
  return false;
}

template <typename Visit>
bool visit_integer_unary(const std::string& name, Visit visit) {
  if (name == "abs") return visit([](int32_t x) { return x < 0 ? int32_t(0u - uint32_t(x)) : x; }), true;
  if (name == "neg") return visit([](int32_t x) { return int32_t(0u - uint32_t(x)); }), true;
  if (name == "square") return visit([](int32_t x) { return int32_t(uint32_t(x) * uint32_t(x)); }), true;
  if (name == "sign") return visit([](int32_t x) { return int32_t(x > 0) - int32_t(x < 0); }), true;
  if (name == "not") return visit([](int32_t x) { return int32_t(x == 0); }), true;
  return false;
}

}  // namespace tfjs_sparse
