#pragma once
// What the storages keep of a weight, for tests.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/storage.h"
#include "numbers.h"

namespace tfjs_sparse::test {

inline constexpr Storage kStorages[] = {Storage::kFloat32, Storage::kBfloat16, Storage::kInt8};

inline bool is_scaled(Storage storage) { return storage == Storage::kInt8; }

/// Values of about 1 as a kernel of this storage may meet them: for int8 whole numbers.
inline std::vector<float> storable(std::vector<float> values, Storage storage) {
  for (float& value : values) {
    if (storage == Storage::kBfloat16) value = round_to_bfloat16(value);
    if (storage == Storage::kInt8) value = round_to_int8(value, 1.0f / 40);
  }
  return values;
}

/// Scales of outputs; empty where the storage has none.
inline std::vector<float> some_scales(size_t outputs, Storage storage) {
  std::vector<float> scales = normal(is_scaled(storage) ? outputs : 0, 77);
  for (float& scale : scales) scale = std::fabs(scale) / 40;
  return scales;
}

/// A sum of storable weights times activations, as a kernel ends it: scaled, and the bias added.
inline Sum ended(const Sum& sum, const std::vector<float>& scales, size_t output, float bias) {
  if (scales.empty()) return sum;  // began with the bias
  Sum scaled({bias, 0});
  scaled.add(scales[output], sum.result());
  return scaled;
}

/// A weight [n][k] after it was stored: what a product multiplies with.
inline std::vector<double> kept(const std::vector<float>& weight, size_t n, size_t k, Storage storage) {
  std::vector<double> out(weight.begin(), weight.end());
  if (storage == Storage::kFloat32) return out;
  for (size_t o = 0; o < n; ++o) {
    float largest = 0;
    for (size_t i = 0; i < k; ++i) largest = std::max(largest, std::fabs(weight[o * k + i]));
    for (size_t i = o * k; i < (o + 1) * k; ++i) {
      if (storage == Storage::kBfloat16) out[i] = round_to_bfloat16(weight[i]);
      if (storage == Storage::kInt8)
        out[i] = double(round_to_int8(weight[i], int8_scale(largest))) * double(int8_scale(largest));
    }
  }
  return out;
}

}  // namespace tfjs_sparse::test
