#pragma once
#include "core/aligned_buffer.h"
#include "kernels/activation/activation.h"
#include "kernels/depthwise/depthwise.h"
#include "session/step.h"

namespace tfjs_sparse {

class DepthwiseStep final : public Step {
 public:
  /// @param weights  one row of taps per output channel; output c·multiplier + q reads channel c
  DepthwiseStep(ValueShape in, ValueShape out, WindowShape window, size_t multiplier,
                AlignedBuffer<float> weights, AlignedBuffer<float> bias, ActivationCall activation);
  void run(const StepContext& context) const override;
  size_t scratch_floats(size_t batch) const override;
  size_t bytes() const override { return weights_.bytes() + bias_.bytes(); }
  std::string kernel(Isa isa, size_t batch) const override;

 private:
  const DepthwiseKernel& kernel_of(Isa isa) const;

  const WindowShape window_;
  const size_t multiplier_;
  const AlignedBuffer<float> weights_, bias_;
  const ActivationCall activation_;
  const bool finite_;
};

}  // namespace tfjs_sparse
