#pragma once
#include <cstddef>
#include <memory>
#include <optional>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "session/matmul.h"
#include "session/plan.h"

namespace tfjs_sparse {

/// A CSR matrix packed in one way for products with row-major activations. One caller at a time.
class CsrProduct {
 public:
  /// @param weight  finite where the storage is int8
  /// @param choice  its vector kernel, for any number of rows; without one slices; without them the matrix
  /// kernel of its nr
  CsrProduct(const CsrView& weight, Isa isa, const KernelChoice& choice);

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  /// Bytes of packed weights.
  size_t bytes() const;
  /// out[m][rows] = activation(x[m][cols] · Wᵀ + bias)
  /// @param bias  rows floats, or nullptr for zeros
  void multiply(const float* x, size_t m, const float* bias, const ActivationCall& activation, float* out,
                size_t threads);

 private:
  void multiply_vectors(const float* x, size_t m, const float* bias, const ActivationCall& activation,
                        float* out, size_t threads);
  void multiply_columns(const float* x, size_t m, const float* bias, const ActivationCall& activation,
                        float* out, size_t threads);

  const Isa isa_;
  const size_t rows_, cols_;
  /// One of the two.
  std::optional<PackedSpmv> vector_;
  std::optional<PackedSpmm> matrix_;
  AlignedBuffer<float> bias_, memory_;
};

}  // namespace tfjs_sparse
