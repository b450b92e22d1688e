#include "session/conv.h"

#include <algorithm>

#include "session/channels.h"
#include "session/layout.h"

namespace tfjs_sparse {

namespace {

/// The input, staged or as it lies: row y of a channel's padded plane begins at data + channel · plane_floats
/// + y · row_floats.
struct Image {
  const float* data;
  size_t plane_floats, row_floats;
};

/// Input k is tap (ky, kx) of a channel; column m is an output position and batch element. A panel row is a
/// piece of one output row after the other, each a shifted run of a row of the image.
class ConvSource final : public PanelSource {
 public:
  ConvSource(const Image& image, const WindowShape& window, size_t channels, Isa isa)
      : image_(image),
        window_(window),
        stage_(stage_shape(window)),
        channels_(channels),
        fill_(choose_stage(isa).fill) {}

  void fill(size_t k0, size_t count, size_t m0, size_t width, float* panel) const override {
    // The pieces are the same for every input.
    PanelPiece pieces[kSpmmMaxMr];
    size_t piece_count = 0;
    const size_t out_row = window_.out_width * window_.batch;
    const size_t end = std::min(window_.out_height * out_row, m0 + width);
    for (size_t m = m0; m < end;) {
      const size_t y = m / out_row, offset = m % out_row, length = std::min(end - m, out_row - offset);
      pieces[piece_count++] = {y * window_.stride_y * image_.row_floats + offset, m - m0, length};
      m += length;
    }
    // A tap of all channels is a constant distance.
    for (const size_t k_end = k0 + count; k0 < k_end;) {
      const size_t tap = k0 / channels_, channel = k0 % channels_;
      const size_t run = std::min(k_end - k0, channels_ - channel);
      const size_t row = tap / window_.kernel_width * window_.dilation_y;
      const size_t column = tap % window_.kernel_width * window_.dilation_x;
      fill_(
          image_.data + channel * image_.plane_floats + row * image_.row_floats + stage_shift(stage_, column),
          image_.plane_floats, run, pieces, piece_count, panel, width);
      k0 += run;
      panel += run * width;
    }
  }

  const float* direct(size_t, size_t, size_t, size_t*) const override { return nullptr; }

 private:
  const Image image_;
  const WindowShape window_;
  const StageShape stage_;
  const size_t channels_;
  const FillFunction fill_;
};

/// Every tap of every output lies inside the input.
bool has_padding(const WindowShape& w) {
  return w.pad_top != 0 || w.pad_left != 0 ||
         (w.out_height - 1) * w.stride_y + (w.kernel_height - 1) * w.dilation_y >= w.in_height ||
         (w.out_width - 1) * w.stride_x + (w.kernel_width - 1) * w.dilation_x >= w.in_width;
}

}  // namespace

ConvStep::ConvStep(ValueShape in, ValueShape out, WindowShape window, ColumnsWeight weight,
                   ActivationCall activation, bool adds)
    : Step(in, out),
      window_(window),
      weight_(std::move(weight)),
      activation_(adds ? ActivationCall{} : activation),
      added_activation_(activation),
      adds_(adds),
      in_place_(window.stride_x == 1 && !has_padding(window)) {}

std::string ConvStep::kernel(Isa isa, size_t batch) const {
  return spmm_kernel(weight_.of(columns(batch)), isa, columns(batch)).name;
}

WindowShape ConvStep::window_of(size_t batch) const {
  WindowShape window = window_;
  window.batch = batch;
  return window;
}

size_t ConvStep::staged_rows() const {
  return (window_.out_height - 1) * window_.stride_y + (window_.kernel_height - 1) * window_.dilation_y + 1;
}

size_t ConvStep::shared_floats(size_t batch) const {
  if (in_place_) return 0;
  // What no memory holds must not come out small.
  constexpr size_t kBeyondMemory = size_t{1} << 50;
  const size_t reach = (window_.kernel_width - 1) * window_.dilation_x;
  const double bound = double(in_shape_.channels) * double(staged_rows()) * double(batch) *
                       double(out_shape_.width + reach) * double(std::min(window_.stride_x, reach + 1));
  if (bound > double(kBeyondMemory >> 8)) return kBeyondMemory;
  return in_shape_.channels * staged_rows() * stage_shape(window_of(batch)).row_floats;
}

void ConvStep::run(const StepContext& context) const {
  const WindowShape window = window_of(context.batch);
  const PackedSpmm& weight = weight_.of(columns(context.batch));
  const bool finite =
      !weight.has_zeros() || all_finite(context.in.data, in_shape_.channels,
                                        in_shape_.positions() * context.batch, context.in.stride);
  Image image{context.in.data, context.in.stride, window.in_width * window.batch};
  if (!in_place_) {
    const StageShape stage = stage_shape(window);
    const StageFunction function = choose_stage(context.isa).stage;
    const size_t rows = staged_rows();
    image = {context.shared, rows * stage.row_floats, stage.row_floats};
    for_each_channel(in_shape_.channels, in_shape_.channels * image.plane_floats, context,
                     [&](size_t c, size_t) {
                       function(stage, context.in.data + c * context.in.stride, 0, rows,
                                context.shared + c * image.plane_floats);
                     });
  }
  const Residual residual{adds_ ? context.inputs[1] : Buffer{}, added_activation_};
  run_spmm(weight, weight.bias(), activation_, ConvSource(image, window, in_shape_.channels, context.isa),
           columns(context.batch), finite, context, adds_ ? &residual : nullptr);
}

}  // namespace tfjs_sparse
