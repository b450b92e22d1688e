#include "session/pointwise.h"

#include <algorithm>

#include "session/channels.h"
#include "session/layout.h"

namespace tfjs_sparse {

void ActivationStep::run(const StepContext& context) const {
  const size_t columns = in_shape_.positions() * context.batch;
  const ActivationFunction activate = choose_activation(context.isa).activate;
  for_each_channel(in_shape_.channels, in_shape_.channels * columns, context, [&](size_t c, size_t) {
    float* out = context.out.data + c * context.out.stride;
    copy_row(context.in.data + c * context.in.stride, out, columns);
    activate(activation_, out, columns);
  });
}
std::string ActivationStep::kernel(Isa isa, size_t) const {
  return std::string("activate_f32__") + choose_activation(isa).name;
}

void OverFeaturesStep::apply(Isa isa, const float* in, float* out, size_t features, size_t stride,
                             size_t count) const {
  const ActivationKernel& kernels = choose_activation(isa);
  if (function_ == kSoftmax)
    kernels.softmax(in, out, features, stride, count);
  else
    kernels.normalize(in, out, features, stride, count, epsilon_);
}
void OverFeaturesStep::run(const StepContext& context) const {
  if (!whole_) {
    apply(context.isa, context.in.data, context.out.data, in_shape_.channels, context.in.stride,
          in_shape_.positions() * context.batch);
    return;
  }
  float* features = context.scratch(0);
  gather_features(context.in, in_shape_, context.batch, features);
  float* result = features + in_shape_.features() * context.batch;
  apply(context.isa, features, result, in_shape_.features(), context.batch, context.batch);
  scatter_features(result, in_shape_, context.batch, context.out);
}
size_t OverFeaturesStep::scratch_floats(size_t batch) const {
  return whole_ ? 2 * in_shape_.features() * batch : 0;
}
std::string OverFeaturesStep::kernel(Isa isa, size_t) const {
  return std::string(function_ == kSoftmax ? "softmax_f32__" : "normalize_f32__") +
         choose_activation(isa).name;
}

AffineStep::AffineStep(ValueShape shape, AlignedBuffer<float> scale, AlignedBuffer<float> shift,
                       ActivationCall activation)
    : Step(shape, shape), scale_(std::move(scale)), shift_(std::move(shift)), activation_(activation) {}

void AffineStep::run(const StepContext& context) const {
  const size_t positions = in_shape_.positions(), columns = positions * context.batch;
  const bool by_feature = scale_.size() != in_shape_.channels;
  const size_t run = by_feature ? context.batch : columns;
  const ActivationFunction activate = choose_activation(context.isa).activate;
  for_each_channel(in_shape_.channels, in_shape_.channels * columns, context, [&](size_t c, size_t) {
    const float* in = context.in.data + c * context.in.stride;
    float* out = context.out.data + c * context.out.stride;
    for (size_t i = 0; i < columns; i += run) {
      const size_t index = by_feature ? c * positions + i / run : c;
      const float scale = scale_[index], shift = shift_[index];
      for (size_t j = i; j < i + run; ++j) out[j] = in[j] * scale + shift;
    }
    activate(activation_, out, columns);
  });
}
std::string AffineStep::kernel(Isa isa, size_t) const {
  return std::string("affine_f32__") + choose_activation(isa).name;
}

void PoolStep::run(const StepContext& context) const {
  WindowShape window = window_;
  window.batch = context.batch;
  const WindowKernel& kernels = choose_window(context.isa);
  const PoolFunction pool = mode_ == kMax ? kernels.max_pool : kernels.avg_pool;
  for_each_channel(in_shape_.channels, in_shape_.features() * context.batch, context,
                   [&](size_t c, size_t worker) {
                     pool(window, context.in.data + c * context.in.stride, context.scratch(worker),
                          context.out.data + c * context.out.stride);
                   });
}
std::string PoolStep::kernel(Isa isa, size_t) const {
  return std::string(mode_ == kMax ? "max_pool_f32__" : "avg_pool_f32__") + choose_window(isa).name;
}

}  // namespace tfjs_sparse
