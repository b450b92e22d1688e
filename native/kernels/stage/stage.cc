#include "kernels/stage/stage.h"

#include <algorithm>

namespace tfjs_sparse {

namespace {
constexpr StageKernel kKernels[] = {
#define STAGE_KERNEL(isa, suffix) {Isa::isa, #suffix, stage_f32__##suffix, fill_panel_f32__##suffix},
#include "kernels/stage/kernels.inc"
#undef STAGE_KERNEL
};
}  // namespace

const StageKernel& choose_stage(Isa isa) {
  for (const StageKernel& kernel : kKernels)
    if (kernel.isa == isa) return kernel;
  return kKernels[sizeof(kKernels) / sizeof(kKernels[0]) - 1];
}

StageShape stage_shape(const WindowShape& w) {
  const size_t reach = (w.kernel_width - 1) * w.dilation_x;
  StageShape stage{w.in_height, w.in_width, w.batch, w.stride_x, w.pad_top, w.pad_left, 0, 0, 0, 0};
  stage.phases = std::min(w.stride_x, reach + 1);
  stage.phase_places = w.out_width + reach / w.stride_x;
  stage.phase_floats = (stage.phase_places * w.batch + 2 * kStageSlack - 1) / kStageSlack * kStageSlack;
  stage.row_floats = stage.phases * stage.phase_floats;
  return stage;
}

}  // namespace tfjs_sparse
