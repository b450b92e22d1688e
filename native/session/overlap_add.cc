// The second half of a transposed convolution.
#include <algorithm>

#include "core/thread_pool.h"
#include "session/build.h"

namespace tfjs_sparse {

namespace {

/// out[c] = activation(bias[c] + every tap's plane in[c·taps + tap], laid down at the places where the
/// window's tap falls).
class OverlapAddStep final : public Step {
 public:
  OverlapAddStep(ValueShape in, ValueShape out, WindowShape window, std::vector<float> bias,
                 ActivationCall activation)
      : Step(in, out), window_(window), bias_(std::move(bias)), activation_(activation) {}

  void run(const StepContext& context) const override {
    const size_t batch = context.batch, taps = window_.kernel_height * window_.kernel_width;
    const size_t columns = out_shape_.positions() * batch;
    const ActivationFunction activate = choose_activation(context.isa).activate;
    const size_t threads = in_shape_.features() * batch < 64 * 1024 ? 1 : context.threads;
    ThreadPool::shared().parallel_for(out_shape_.channels, threads, [&](size_t c, size_t) {
      float* out = context.out.data + c * context.out.stride;
      std::fill(out, out + columns, bias_[c]);
      for (size_t tap = 0; tap < taps; ++tap)
        add_plane(context.in.data + (c * taps + tap) * context.in.stride, tap / window_.kernel_width,
                  tap % window_.kernel_width, batch, out);
      if (activation_.type != Activation::kLinear) activate(activation_, out, columns);
    });
  }
  size_t bytes() const override { return bias_.size() * sizeof(float); }
  std::string kernel(Isa, size_t) const override { return "overlapAdd"; }

 private:
  void add_plane(const float* in, size_t ky, size_t kx, size_t batch, float* out) const {
    for (size_t y = 0; y < in_shape_.height; ++y) {
      const int64_t to_y = int64_t(y * window_.stride_y + ky * window_.dilation_y) - int64_t(window_.pad_top);
      if (to_y < 0 || to_y >= int64_t(out_shape_.height)) continue;
      const float* row = in + y * in_shape_.width * batch;
      float* to_row = out + size_t(to_y) * out_shape_.width * batch;
      for (size_t x = 0; x < in_shape_.width; ++x, row += batch) {
        const int64_t to_x =
            int64_t(x * window_.stride_x + kx * window_.dilation_x) - int64_t(window_.pad_left);
        if (to_x < 0 || to_x >= int64_t(out_shape_.width)) continue;
        float* to = to_row + size_t(to_x) * batch;
        for (size_t b = 0; b < batch; ++b) to[b] += row[b];
      }
    }
  }

  const WindowShape window_;
  const std::vector<float> bias_;
  const ActivationCall activation_;
};

}  // namespace

Status build_overlap_add(const StepRequest& request, std::unique_ptr<Step>* built) {
  constexpr size_t kLargest = size_t{1} << 20;
  const auto& [step, in, out] = request;
  if (in[0].array || out.array) return unfit("expected maps");
  const WindowShape& w = step.window;
  const size_t sizes[] = {w.kernel_height, w.kernel_width, w.stride_y,
                          w.stride_x,      w.dilation_y,   w.dilation_x};
  for (const size_t size : sizes)
    if (size == 0 || size > kLargest) return unfit("a window has a size of " + std::to_string(size));
  if (w.pad_top > kLargest || w.pad_left > kLargest) return unfit("padding is too large");
  Status status = expect_equal("planes", out.channels * w.kernel_height * w.kernel_width, in[0].channels);
  if (status.ok() && step.bias.data != nullptr)
    status = expect_equal("bias values", out.channels, step.bias.size);
  if (!status.ok()) return status;
  std::vector<float> bias(out.channels, 0.0f);
  if (step.bias.data != nullptr) std::copy(step.bias.data, step.bias.data + step.bias.size, bias.begin());
  *built = std::make_unique<OverlapAddStep>(in[0], out, w, std::move(bias), step.activation);
  return Status::Ok();
}

}  // namespace tfjs_sparse
