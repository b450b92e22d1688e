#include "core/storage.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace tfjs_sparse {

const char* storage_name(Storage storage) {
  static constexpr const char* kNames[] = {
#define SPARSE_STORAGE(name, text, bytes) text,
#include "core/storage.inc"
#undef SPARSE_STORAGE
  };
  return kNames[static_cast<int>(storage)];
}

bool storage_from_name(const std::string& name, Storage* storage) {
  for (int i = 0; i < kStorageCount; ++i) {
    if (name != storage_name(static_cast<Storage>(i))) continue;
    *storage = static_cast<Storage>(i);
    return true;
  }
  return false;
}

size_t storage_bytes(Storage storage) {
  static constexpr uint8_t kBytes[] = {
#define SPARSE_STORAGE(name, text, bytes) bytes,
#include "core/storage.inc"
#undef SPARSE_STORAGE
  };
  return kBytes[static_cast<int>(storage)];
}

float round_to_bfloat16(float value) {
  constexpr uint32_t kQuiet = 0x00400000u, kInfinity = 0x7f800000u, kUpperHalf = 0xffff0000u;
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  if (std::isnan(value)) {
    bits |= kQuiet;  // a NaN whose payload lies in the lower half would become an infinity
  } else if (!std::isinf(value)) {
    bits += 0x7fffu + (bits >> 16 & 1u);
    if ((bits & kInfinity) == kInfinity) bits -= 1u << 16;  // the largest finite one
  }
  bits &= kUpperHalf;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

float int8_scale(float largest) {
  const float scale = largest / 127;
  return scale < FLT_MIN ? 0 : scale;
}

float round_to_int8(float value, float scale) {
  return scale == 0 ? 0 : std::clamp(std::nearbyint(value / scale), -127.0f, 127.0f);
}

void store_weights(const float* values, size_t size, Storage storage, void* out) {
  switch (storage) {
    case Storage::kFloat32:
      if (size != 0) std::memcpy(out, values, size * sizeof(float));
      break;
    case Storage::kBfloat16:
      for (size_t i = 0; i < size; ++i) {
        uint32_t bits;
        std::memcpy(&bits, values + i, sizeof(bits));
        static_cast<uint16_t*>(out)[i] = static_cast<uint16_t>(bits >> 16);
      }
      break;
    case Storage::kInt8:
      for (size_t i = 0; i < size; ++i) static_cast<int8_t*>(out)[i] = static_cast<int8_t>(values[i]);
      break;
  }
}

}  // namespace tfjs_sparse
