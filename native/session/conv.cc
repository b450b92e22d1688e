#include <algorithm>
#include <cstring>

#include "session/layout.h"
#include "session/matmul.h"

namespace tfjs_sparse {

namespace {

/// Input k is tap (ky, kx) of a channel; column m is an output position and batch element. A panel row is a
/// piece of one output row after the other, each a shifted run of an input row with zeros where the window
/// hangs over the edge.
class ConvSource final : public PanelSource {
 public:
  ConvSource(const Buffer& buffer, const WindowShape& shape, size_t channels)
      : buffer_(buffer), s_(shape), channels_(channels) {}

  void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const override {
    const size_t out_row = s_.out_width * s_.batch, columns = s_.out_height * out_row;
    const size_t end = std::min(columns, m0 + width);
    for (size_t i = 0; i < count; ++i) {
      const size_t k = k0 + i, tap = k / channels_, channel = k % channels_;
      const float* plane = buffer_.data + channel * buffer_.stride;
      float* row = panel + i * width;
      for (size_t m = m0; m < end;) {
        const size_t y = m / out_row, offset = m % out_row, length = std::min(end - m, out_row - offset);
        fill_run(plane, y, tap / s_.kernel_width, tap % s_.kernel_width, offset, length, row + (m - m0));
        m += length;
      }
      if (end < m0 + width) std::memset(row + (end - m0), 0, (m0 + width - end) * sizeof(float));
    }
  }

  const float* direct(size_t, size_t, size_t, size_t*) const override { return nullptr; }

 private:
  /// Floats [offset, offset + length) of output row y, as tap (ky, kx) sees the input.
  void fill_run(const float* plane, size_t y, size_t ky, size_t kx, size_t offset, size_t length,
                float* out) const {
    const int64_t in_y = int64_t(y * s_.stride_y + ky * s_.dilation_y) - int64_t(s_.pad_top);
    if (in_y < 0 || in_y >= int64_t(s_.in_height)) {
      std::memset(out, 0, length * sizeof(float));
      return;
    }
    const float* in = plane + size_t(in_y) * s_.in_width * s_.batch;
    const int64_t shift = int64_t(kx * s_.dilation_x) - int64_t(s_.pad_left);
    if (s_.stride_x == 1) {
      // Contiguous: in[offset + shift·batch …], cut to the row.
      const int64_t begin = int64_t(offset) + shift * int64_t(s_.batch),
                    row = int64_t(s_.in_width * s_.batch);
      const int64_t low = std::clamp<int64_t>(-begin, 0, int64_t(length));
      const int64_t high = std::clamp<int64_t>(row - begin, low, int64_t(length));
      std::memset(out, 0, size_t(low) * sizeof(float));
      if (high > low) std::memcpy(out + low, in + begin + low, size_t(high - low) * sizeof(float));
      std::memset(out + high, 0, size_t(int64_t(length) - high) * sizeof(float));
      return;
    }
    for (size_t i = 0; i < length;) {
      const size_t x = (offset + i) / s_.batch, b = (offset + i) % s_.batch;
      const size_t run = std::min(length - i, s_.batch - b);
      const int64_t in_x = int64_t(x * s_.stride_x) + shift;
      if (in_x < 0 || in_x >= int64_t(s_.in_width))
        std::memset(out + i, 0, run * sizeof(float));
      else
        std::memcpy(out + i, in + size_t(in_x) * s_.batch + b, run * sizeof(float));
      i += run;
    }
  }

  const Buffer buffer_;
  const WindowShape s_;
  const size_t channels_;
};

}  // namespace

ConvStep::ConvStep(ValueShape in, ValueShape out, WindowShape window, PackedSpmm weight,
                   ActivationCall activation)
    : Step(in, out), window_(window), weight_(std::move(weight)), activation_(activation) {}

std::string ConvStep::kernel(Isa isa, size_t batch) const {
  return choose_spmm(isa, weight_.nr(), weight_.pattern(), out_shape_.positions() * batch)->name;
}

void ConvStep::run(const StepContext& context) const {
  WindowShape window = window_;
  window.batch = context.batch;
  const bool finite =
      !weight_.has_zeros() || all_finite(context.in.data, in_shape_.channels,
                                         in_shape_.positions() * context.batch, context.in.stride);
  run_spmm(weight_, weight_.bias(), activation_, ConvSource(context.in, window, in_shape_.channels),
           out_shape_.positions() * context.batch, finite, context);
}

}  // namespace tfjs_sparse
