// Bilinear resizing of maps.
#include <algorithm>
#include <cmath>

#include "core/thread_pool.h"
#include "session/build.h"

namespace tfjs_sparse {

namespace {

/// An output row or column lies between two of the input.
struct Between {
  size_t low, high;
  float lerp;
};

/// In float, as TensorFlow computes them: the neighbours must be the same at exact halves.
std::vector<Between> neighbours(size_t in, size_t out, bool align_corners, bool half_pixels) {
  const float scale = align_corners && out > 1 ? float(in - 1) / float(out - 1) : float(in) / float(out);
  std::vector<Between> list;
  for (size_t i = 0; i < out; ++i) {
    const float at = half_pixels ? (float(i) + 0.5f) * scale - 0.5f : float(i) * scale;
    const float floor = std::floor(at);
    const int64_t last = int64_t(in) - 1;
    const int64_t low = std::clamp<int64_t>(int64_t(floor), 0, last);
    const int64_t high = std::clamp<int64_t>(int64_t(std::ceil(at)), 0, last);
    list.push_back({size_t(low), size_t(high), at - floor});
  }
  return list;
}

class ResizeStep final : public Step {
 public:
  ResizeStep(ValueShape in, ValueShape out, bool align_corners, bool half_pixels)
      : Step(in, out),
        rows_(neighbours(in.height, out.height, align_corners, half_pixels)),
        columns_(neighbours(in.width, out.width, align_corners, half_pixels)) {}

  void run(const StepContext& context) const override {
    const size_t batch = context.batch, out_row = out_shape_.width * batch;
    const size_t threads = out_shape_.features() * batch < 64 * 1024 ? 1 : context.threads;
    ThreadPool::shared().parallel_for(out_shape_.channels, threads, [&](size_t c, size_t worker) {
      const float* in = context.in.data + c * context.in.stride;
      float* out = context.out.data + c * context.out.stride;
      // Two input rows, stretched; neighbouring output rows share them.
      float *low = context.scratch(worker), *high = low + out_row;
      size_t low_row = in_shape_.height, high_row = in_shape_.height;
      for (const Between& row : rows_) {
        if (row.low != low_row && row.low == high_row) {
          std::swap(low, high);
          std::swap(low_row, high_row);
        }
        if (row.low != low_row) stretch(in, low_row = row.low, batch, low);
        if (row.high != high_row) stretch(in, high_row = row.high, batch, high);
        for (size_t i = 0; i < out_row; ++i) out[i] = low[i] + (high[i] - low[i]) * row.lerp;
        out += out_row;
      }
    });
  }
  size_t scratch_floats(size_t batch) const override { return 2 * out_shape_.width * batch; }
  std::string kernel(Isa, size_t) const override { return "resize"; }

 private:
  void stretch(const float* plane, size_t row, size_t batch, float* out) const {
    const float* in = plane + row * in_shape_.width * batch;
    for (const Between& column : columns_) {
      const float *left = in + column.low * batch, *right = in + column.high * batch;
      for (size_t b = 0; b < batch; ++b) *out++ = left[b] + (right[b] - left[b]) * column.lerp;
    }
  }

  const std::vector<Between> rows_, columns_;
};

}  // namespace

Status build_resize(const StepRequest& request, std::unique_ptr<Step>* built) {
  const auto& [step, in, out] = request;
  if (in[0].array || out.array) return unfit("expected maps");
  const Status status = expect_equal("channels", in[0].channels, out.channels);
  if (!status.ok()) return status;
  *built = std::make_unique<ResizeStep>(in[0], out, step.align_corners, step.half_pixels);
  return Status::Ok();
}

}  // namespace tfjs_sparse
