#pragma once
// Weights as they lie in memory, one at a time. Contract of a weight type, for the kernels' loops:
//   T                 an element in memory
//   kScaled           a sum is multiplied by a scale of its output at the end
//   load(p)           Vec::kLanes elements as floats, any alignment                   (vector types only)
//   set1(p)           one element in every lane                                       (vector types only)
//   quad(p)           four elements as floats, over and over in the register       (vector types only)
//   widen(p, count, out)   `count` elements, a multiple of 4, as floats in memory     (vector type of int8
//   only) get(p)            one element as a float                                          (scalar types
//   only)
#include <cstdint>
#include <cstring>

namespace tfjs_sparse {
namespace {

struct WeightF32 {
  using T = float;
  static constexpr bool kScaled = false;
  static float get(const T* p) { return *p; }
};

struct WeightBf16 {
  using T = uint16_t;
  static constexpr bool kScaled = false;
  static float get(const T* p) {
    const uint32_t bits = static_cast<uint32_t>(*p) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
};

struct WeightI8 {
  using T = int8_t;
  static constexpr bool kScaled = true;
  static float get(const T* p) { return *p; }
};

}  // namespace
}  // namespace tfjs_sparse
