#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/csr.h"
#include "core/weight_memory.h"
#include "kernels/spmv/spmv.h"
#include "session/stored_weights.h"

namespace tfjs_sparse {

/// A few vectors in and out, each a row of its own.
struct VectorRows {
  const float* x;
  float* y;
  size_t count = 1;
  size_t x_stride = 0, y_stride = 0;  ///< floats from vector to vector
};

/// A weight [n outputs, k inputs] in one spmv kernel's layout and storage (kernels/spmv/spmv.h). The outputs
/// that are left behind the last whole slice of a dense pattern are slices of the ISA's narrowest kernel,
/// where those compute fewer outputs that nobody has.
class PackedSpmv {
 public:
  PackedSpmv() = default;
  /// @param weight  n rows of k inputs; a stored zero is dropped, as is a weight that the storage rounds to
  /// zero; finite where the storage is int8
  /// @param bias    n values, or nullptr for zeros
  PackedSpmv(const CsrView& weight, const float* bias, const SpmvKernel& kernel);

  const SpmvKernel& kernel() const { return *kernel_; }
  size_t n() const { return n_; }
  size_t k() const { return k_; }
  size_t slices() const { return slices_; }
  /// Floats of y that a run writes: n rounded up to whole slices.
  size_t padded_n() const { return first_output(slices_); }
  /// Floats of x that a run may read.
  size_t padded_k() const { return k_ > kernel_->columns ? k_ : kernel_->columns; }
  /// Some stored value is zero: non-finite activations take the scalar kernel.
  bool has_zeros() const { return has_zeros_; }
  /// Slots, padding included.
  size_t stored() const { return values_.size(); }
  size_t bytes() const;

  /// y for the slices [first, last).
  /// @param v     x: padded_k() floats of each, finite unless `scalar`; y: padded_n() floats of each
  /// @param bias  padded_n() floats
  void run(const VectorRows& v, const float* bias, size_t first, size_t last, float min, float max,
           bool scalar) const;
  const float* bias() const { return bias_.data(); }

  /// Slots that `weight` would take in slices of this kernel, without packing.
  static size_t count_slots(const CsrView& weight, const SpmvKernel& kernel);

 private:
  /// Of a slice; of the one behind the last, the outputs of all.
  size_t first_output(size_t slice) const {
    const size_t wide = slice < wide_slices_ ? slice : wide_slices_;
    return wide * kernel_->rows + (slice - wide) * narrow_->rows;
  }
  void run_slices(const VectorRows& v, const float* bias, size_t first, size_t last, float min, float max,
                  bool scalar) const;
  void pack_dense(const CsrView& weight);
  void pack_windows(const CsrView& weight);

  /// Of the slices up to wide_slices_, and of the others.
  const SpmvKernel *kernel_ = nullptr, *narrow_ = nullptr;
  size_t n_ = 0, k_ = 0, slices_ = 0, wide_slices_ = 0;
  bool has_zeros_ = false, streamed_ = false;
  /// Of windows: first step of each slice, over all slices, and its groups.
  std::vector<size_t> starts_;
  std::vector<uint32_t> groups_;
  WeightBuffer<uint16_t> offsets_;
  WeightBuffer<uint32_t> places_;
  StoredWeights values_;
  AlignedBuffer<float> scales_, bias_;
};

}  // namespace tfjs_sparse
