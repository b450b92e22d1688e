#include "session/depthwise.h"

#include "session/channels.h"
#include "session/layout.h"

namespace tfjs_sparse {

DepthwiseStep::DepthwiseStep(ValueShape in, ValueShape out, WindowShape window, size_t multiplier,
                             AlignedBuffer<float> weights, AlignedBuffer<float> bias,
                             ActivationCall activation)
    : Step(in, out),
      window_(window),
      multiplier_(multiplier),
      weights_(std::move(weights)),
      bias_(std::move(bias)),
      activation_(activation),
      finite_(all_finite(weights_.data(), 1, weights_.size(), weights_.size())) {}

/// A weight that is not finite must not meet padding: 0 × infinity.
const DepthwiseKernel& DepthwiseStep::kernel_of(Isa isa) const {
  return choose_depthwise(finite_ && depthwise_is_staged(window_) ? isa : Isa::kScalar);
}

size_t DepthwiseStep::scratch_floats(size_t batch) const {
  WindowShape window = window_;
  window.batch = batch;
  return depthwise_scratch_floats(window);
}

void DepthwiseStep::run(const StepContext& context) const {
  WindowShape window = window_;
  window.batch = context.batch;
  float min, max;
  const bool is_clamp = activation_clamp(activation_, &min, &max);
  const DepthwiseFunction depthwise = kernel_of(context.isa).function;
  const ActivationFunction activate = choose_activation(context.isa).activate;
  const size_t columns = out_shape_.positions() * context.batch,
               taps = window.kernel_height * window.kernel_width;
  for_each_channel(out_shape_.channels, out_shape_.channels * columns * taps, context,
                   [&](size_t c, size_t worker) {
                     float* out = context.out.data + c * context.out.stride;
                     depthwise(window, context.in.data + c / multiplier_ * context.in.stride,
                               weights_.data() + c * taps, bias_[c], min, max, context.scratch(worker), out);
                     if (!is_clamp) activate(activation_, out, columns);
                   });
}

std::string DepthwiseStep::kernel(Isa isa, size_t) const {
  return std::string("depthwise_f32__") + kernel_of(isa).name;
}

}  // namespace tfjs_sparse
