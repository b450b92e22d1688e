#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tfjs_sparse {

/// What a ranking orders by: |value| or the value itself.
enum class RankOrder : uint8_t { kMagnitude, kScore };

/// Keys are int32 in the order of the floats they stand for, so that rankings are integer compares: exact for
/// denormals and infinities, -0 equal to 0, and NaN (whose place the sort order of floats leaves open) beyond
/// the keys of both infinities.
///
/// magnitude: the bits without the sign. score: the same, negated where the sign was set.
inline constexpr int32_t kInfinityKey = 0x7f800000;

/// Position of the first NaN, n when there is none.
size_t first_nan(const float* values, size_t n);

namespace {

inline int32_t magnitude_key(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits & 0x7fffffff;
}

inline int32_t score_key(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const int32_t magnitude = bits & 0x7fffffff;
  return bits < 0 ? -magnitude : magnitude;
}

inline float key_value(int32_t key) {
  const uint32_t bits =
      key < 0 ? (0u - static_cast<uint32_t>(key)) | 0x80000000u : static_cast<uint32_t>(key);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace
}  // namespace tfjs_sparse
