#include <algorithm>
#include <cstring>

#include "session/layout.h"
#include "session/matmul.h"

namespace tfjs_sparse {

namespace {

/// A few floats: a call of memcpy would cost more than the copy. (The fixed sizes become moves.)
inline void copy_run(const float* in, float* out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) std::memcpy(out + i, in + i, 8 * sizeof(float));
  for (; i < count; ++i) out[i] = in[i];
}

inline void zero_run(float* out, size_t count) { std::fill(out, out + count, 0.0f); }

/// Input k is tap (ky, kx) of a channel; column m is an output position and batch element. A panel row is a
/// piece of one output row after the other, each a shifted run of an input row with zeros where the window
/// hangs over the edge.
class ConvSource final : public PanelSource {
 public:
  ConvSource(const Buffer& buffer, const WindowShape& shape, size_t channels)
      : buffer_(buffer), s_(shape), channels_(channels) {}

  void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const override {
    // The pieces are the same for every input.
    Piece pieces[kSpmmMaxMr];
    size_t piece_count = 0;
    const size_t out_row = s_.out_width * s_.batch, columns = s_.out_height * out_row;
    const size_t end = std::min(columns, m0 + width);
    for (size_t m = m0; m < end;) {
      const size_t offset = m % out_row, length = std::min(end - m, out_row - offset);
      pieces[piece_count++] = {m / out_row, offset, length, m - m0};
      m += length;
    }
    size_t tap = k0 / channels_, channel = k0 % channels_;
    for (size_t i = 0; i < count; ++i, panel += width) {
      const float* plane = buffer_.data + channel * buffer_.stride;
      for (size_t p = 0; p < piece_count; ++p)
        fill_piece(plane, tap / s_.kernel_width, tap % s_.kernel_width, pieces[p], panel + pieces[p].at);
      if (m0 + width > end) zero_run(panel + (end - m0), m0 + width - end);
      if (++channel == channels_) {
        channel = 0;
        ++tap;
      }
    }
  }

  const float* direct(size_t, size_t, size_t, size_t*) const override { return nullptr; }

 private:
  /// Floats [offset, offset + length) of output row y, to stand at `at` of a panel row.
  struct Piece {
    size_t y, offset, length, at;
  };

  /// A piece as tap (ky, kx) sees the input.
  void fill_piece(const float* plane, size_t ky, size_t kx, const Piece& piece, float* out) const {
    const size_t length = piece.length;
    const int64_t in_y = int64_t(piece.y * s_.stride_y + ky * s_.dilation_y) - int64_t(s_.pad_top);
    if (in_y < 0 || in_y >= int64_t(s_.in_height)) return zero_run(out, length);
    const float* in = plane + size_t(in_y) * s_.in_width * s_.batch;
    const int64_t shift = int64_t(kx * s_.dilation_x) - int64_t(s_.pad_left);
    if (s_.stride_x == 1) {
      // Contiguous: in[offset + shift·batch …], cut to the row.
      const int64_t begin = int64_t(piece.offset) + shift * int64_t(s_.batch);
      const int64_t row = int64_t(s_.in_width * s_.batch);
      const int64_t low = std::clamp<int64_t>(-begin, 0, int64_t(length));
      const int64_t high = std::clamp<int64_t>(row - begin, low, int64_t(length));
      zero_run(out, size_t(low));
      copy_run(in + begin + low, out + low, size_t(high - low));
      zero_run(out + high, length - size_t(high));
      return;
    }
    for (size_t i = 0; i < length;) {
      const size_t x = (piece.offset + i) / s_.batch, b = (piece.offset + i) % s_.batch;
      const size_t run = std::min(length - i, s_.batch - b);
      const int64_t in_x = int64_t(x * s_.stride_x) + shift;
      if (in_x < 0 || in_x >= int64_t(s_.in_width))
        zero_run(out + i, run);
      else
        copy_run(in + size_t(in_x) * s_.batch + b, out + i, run);
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
  return choose_spmm(isa, weight_.nr(), weight_.pattern(), out_shape_.positions() * batch, weight_.storage())
      ->name;
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
