#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "kernels/activation/activation.h"
#include "kernels/stage/stage.h"
#include "session/packed_spmm.h"
#include "session/packed_spmv.h"
#include "session/step.h"

namespace tfjs_sparse {

/// A weight packed for a few columns, for many, or both.
struct ColumnsWeight {
  std::optional<PackedSpmm> slices, matrix;
  /// Most columns that slices take where both are there.
  size_t slice_columns = 0;

  bool any() const { return slices || matrix; }
  const PackedSpmm& of(size_t columns) const {
    return slices && (!matrix || columns <= slice_columns) ? *slices : *matrix;
  }
  size_t bytes() const { return (slices ? slices->bytes() : 0) + (matrix ? matrix->bytes() : 0); }
};

/// A weight packed for the ways in which it will run: vectors, columns, or both.
struct MatmulWeight {
  std::optional<PackedSpmv> vector;
  ColumnsWeight columns;
  /// Most columns that run as vectors where both are there.
  size_t vector_columns = 1;

  bool runs_as_vectors(size_t count) const { return vector && (!columns.any() || count <= vector_columns); }
};

/// What a product is added to: y = activation(W · x + addend), [n outputs] at the same columns.
struct Residual {
  Buffer addend;
  ActivationCall activation;
};
/// activation(out + addend) for the outputs [first, last) and the columns [begin, end).
void add_residual(const Residual& residual, Isa isa, const Buffer& out, size_t first, size_t last,
                  size_t begin, size_t end);

/// C[n][columns] = activation(W · source + bias): spmm over chunks of outputs and ranges of columns, on the
/// pool's threads.
/// @param bias    padded_n() floats
/// @param finite  the source's activations are finite, or the weight has no stored zeros
/// @param residual  added while a tile's results are in the caches; `activation` is linear then
/// The context's scratch has spmm_scratch_floats().
void run_spmm(const PackedSpmm& weight, const float* bias, const ActivationCall& activation,
              const PanelSource& source, size_t columns, bool finite, const StepContext& context,
              const Residual* residual = nullptr);

/// What run_spmm does with so many threads.
Division spmm_division(const PackedSpmm& weight, Isa isa, size_t columns, size_t threads);

/// Scratch per worker of run_spmm.
size_t spmm_scratch_floats(const PackedSpmm& weight, size_t columns);

/// The same for row-major activations in and out: panels are turned as they are filled, and a tile of results
/// as it leaves the L2 cache. `scratch` gives spmm_rows_scratch_floats() to each worker.
void run_spmm_rows(const PackedSpmm& weight, const float* bias, const ActivationCall& activation,
                   const VectorRows& rows, Isa isa, size_t threads,
                   const std::function<float*(size_t worker)>& scratch);

/// Scratch per worker of run_spmm_rows for m rows.
size_t spmm_rows_scratch_floats(const PackedSpmm& weight, Isa isa, size_t m);

/// y[n] = activation(W · x + bias) for a few vectors, likewise.
void run_spmv(const PackedSpmv& weight, const float* bias, const ActivationCall& activation,
              const VectorRows& vectors, Isa isa, size_t threads);

/// Inputs at a constant distance: a feature-major buffer, read in place where a panel would not be read often
/// enough to pay for its copy.
class RowsSource final : public PanelSource {
 public:
  /// @param copies  the weight's panel_pays()
  RowsSource(const float* data, size_t stride, bool copies, Isa isa);
  void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const override;
  const float* direct(size_t k0, size_t m0, size_t width, size_t* stride) const override;

 private:
  const float* data_;
  const size_t stride_;
  const bool copies_;
  const FillFunction fill_;
};

/// Dense layers and 1×1 convolutions. The input is read at every position when k is its channels, as one
/// vector of all its features when k is more.
class MatmulStep final : public Step {
 public:
  /// @param adds  the second input, as large as the output, is added before the activation
  MatmulStep(ValueShape in, ValueShape out, size_t k, MatmulWeight weight, ActivationCall activation,
             bool adds = false);
  void run(const StepContext& context) const override;
  size_t scratch_floats(size_t batch) const override;
  bool reads_past_end(size_t batch) const override { return !weight_.runs_as_vectors(columns(batch)); }
  size_t bytes() const override;
  std::string kernel(Isa isa, size_t batch) const override;
  Division division(Isa isa, size_t batch, size_t threads) const override;

 private:
  size_t columns(size_t batch) const { return whole_ ? batch : in_shape_.positions() * batch; }
  void run_vector(const StepContext& context) const;
  void run_vectors(const StepContext& context) const;

  const size_t k_;
  /// The input's channels and positions together are the k inputs.
  const bool whole_;
  const MatmulWeight weight_;
  /// Of the product, and behind a second input.
  const ActivationCall activation_, added_activation_;
  const bool adds_;
};

}  // namespace tfjs_sparse
