#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/csr.h"
#include "core/storage.h"
#include "core/weight_memory.h"

namespace tfjs_sparse {

/// A weight whose values are such as a storage holds: packers lay these out and store them at the end.
class RoundedCsr {
 public:
  /// @param weight  outlives this; finite where the storage is int8
  RoundedCsr(const CsrView& weight, Storage storage);
  /// The same entries: for int8 their whole numbers, else floats that the storage holds exactly.
  CsrView view() const;
  /// By output; empty unless the storage is int8.
  const std::vector<float>& scales() const { return scales_; }

 private:
  const CsrView weight_;
  const bool rounds_;
  std::vector<float> values_, scales_;
};

/// Elements of a storage, in memory of their own.
class StoredWeights {
 public:
  StoredWeights() = default;
  /// @param values  as RoundedCsr has them
  StoredWeights(const std::vector<float>& values, Storage storage);
  size_t size() const { return size_; }
  size_t bytes() const { return memory_.bytes(); }
  const void* at(size_t i) const { return memory_.data() + i * element_bytes_; }

 private:
  size_t size_ = 0, element_bytes_ = 0;
  WeightBuffer<uint8_t> memory_;
};

}  // namespace tfjs_sparse
