#pragma once
// Steps without a product: activation, softmax, affine and pooling.
#include "core/aligned_buffer.h"
#include "kernels/activation/activation.h"
#include "kernels/window/window.h"
#include "session/step.h"

namespace tfjs_sparse {

class ActivationStep final : public Step {
 public:
  ActivationStep(ValueShape shape, ActivationCall activation) : Step(shape, shape), activation_(activation) {}
  void run(const StepContext& context) const override;
  bool may_write_over(size_t) const override { return true; }
  std::string kernel(Isa isa, size_t batch) const override;

 private:
  const ActivationCall activation_;
};

/// Softmax or normalization over the channels at every position, or over all features of a batch element.
class OverFeaturesStep final : public Step {
 public:
  enum Function { kSoftmax, kNormalize };
  OverFeaturesStep(ValueShape shape, Function function, float epsilon, bool whole)
      : Step(shape, shape), function_(function), epsilon_(epsilon), whole_(whole && shape.positions() > 1) {}
  void run(const StepContext& context) const override;
  size_t scratch_floats(size_t batch) const override;
  std::string kernel(Isa isa, size_t batch) const override;

 private:
  void apply(Isa isa, const float* in, float* out, size_t features, size_t stride, size_t count) const;

  const Function function_;
  const float epsilon_;
  const bool whole_;
};

/// y = activation(x · scale + shift), by channel or by feature.
class AffineStep final : public Step {
 public:
  /// @param scale, shift  one number per channel, or one per feature in memory order
  AffineStep(ValueShape shape, AlignedBuffer<float> scale, AlignedBuffer<float> shift,
             ActivationCall activation);
  void run(const StepContext& context) const override;
  bool may_write_over(size_t) const override { return true; }
  size_t bytes() const override { return scale_.bytes() + shift_.bytes(); }
  std::string kernel(Isa isa, size_t batch) const override;

 private:
  const AlignedBuffer<float> scale_, shift_;
  const ActivationCall activation_;
};

class PoolStep final : public Step {
 public:
  enum Mode { kMax, kAverage };
  PoolStep(ValueShape in, ValueShape out, WindowShape window, Mode mode)
      : Step(in, out), window_(window), mode_(mode) {}
  void run(const StepContext& context) const override;
  size_t scratch_floats(size_t batch) const override { return in_shape_.width * batch + 16; }
  std::string kernel(Isa isa, size_t batch) const override;

 private:
  const WindowShape window_;
  const Mode mode_;
};

}  // namespace tfjs_sparse
