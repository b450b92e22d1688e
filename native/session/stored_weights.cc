#include "session/stored_weights.h"

#include <algorithm>
#include <cmath>

namespace tfjs_sparse {

RoundedCsr::RoundedCsr(const CsrView& weight, Storage storage)
    : weight_(weight), rounds_(storage != Storage::kFloat32) {
  if (!rounds_) return;
  values_.assign(weight.values, weight.values + weight.row_offsets[weight.rows]);
  if (storage == Storage::kBfloat16) {
    for (float& value : values_) value = round_to_bfloat16(value);
    return;
  }
  scales_.resize(weight.rows);
  for (size_t r = 0; r < weight.rows; ++r) {
    const auto begin = values_.begin() + weight.row_offsets[r],
               end = values_.begin() + weight.row_offsets[r + 1];
    float largest = 0;
    for (auto value = begin; value != end; ++value) largest = std::max(largest, std::fabs(*value));
    scales_[r] = int8_scale(largest);
    for (auto value = begin; value != end; ++value) *value = round_to_int8(*value, scales_[r]);
  }
}

CsrView RoundedCsr::view() const {
  CsrView view = weight_;
  if (rounds_) view.values = values_.data();
  return view;
}

StoredWeights::StoredWeights(const std::vector<float>& values, Storage storage)
    : size_(values.size()), element_bytes_(storage_bytes(storage)), memory_(size_ * element_bytes_) {
  store_weights(values.data(), size_, storage, memory_.data());
}

}  // namespace tfjs_sparse
