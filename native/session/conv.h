#pragma once
#include "kernels/stage/stage.h"
#include "session/matmul.h"

namespace tfjs_sparse {

/// K×K convolutions: spmm whose panels are copied from shifted rows of the input, a panel of the L1 cache at
/// a time; the whole im2col matrix never exists. Where there is padding or a stride along the row, the input
/// is staged first (kernels/stage), so that every tap of a row of outputs is one run. Inputs of the weight in
/// the order (row, column, channel).
class ConvStep final : public Step {
 public:
  /// @param adds  the second input, as large as the output, is added before the activation
  ConvStep(ValueShape in, ValueShape out, WindowShape window, ColumnsWeight weight, ActivationCall activation,
           bool adds = false);
  void run(const StepContext& context) const override;
  size_t scratch_floats(size_t batch) const override {
    return spmm_scratch_floats(weight_.of(columns(batch)), columns(batch));
  }
  size_t shared_floats(size_t batch) const override;
  /// Panels are copied in whole registers.
  bool reads_past_end(size_t) const override { return true; }
  size_t bytes() const override { return weight_.bytes(); }
  std::string kernel(Isa isa, size_t batch) const override;
  Division division(Isa isa, size_t batch, size_t threads) const override {
    return spmm_division(weight_.of(columns(batch)), isa, columns(batch), threads);
  }

 private:
  size_t columns(size_t batch) const { return out_shape_.positions() * batch; }
  WindowShape window_of(size_t batch) const;
  size_t staged_rows() const;

  const WindowShape window_;
  const ColumnsWeight weight_;
  /// Of the product, and behind a second input.
  const ActivationCall activation_, added_activation_;
  const bool adds_;
  /// Every tap lies inside the input and columns follow each other: it is read where it lies.
  const bool in_place_;
};

}  // namespace tfjs_sparse
