#include "kernels/depthwise/depthwise.h"

#include <algorithm>

#include "kernels/stage/stage.h"

namespace tfjs_sparse {

namespace {
constexpr DepthwiseKernel kKernels[] = {
#define DEPTHWISE_KERNEL(isa, suffix) {Isa::isa, #suffix, depthwise_f32__##suffix},
#include "kernels/depthwise/kernels.inc"
#undef DEPTHWISE_KERNEL
};

/// Half an L1 cache.
constexpr size_t kStripFloats = 4096;
/// Output rows that a kernel makes at a time.
constexpr size_t kRows = 4;

/// Input rows of so many output rows.
size_t strip_input(const WindowShape& s, size_t rows) {
  return (rows - 1) * s.stride_y + (s.kernel_height - 1) * s.dilation_y + 1;
}
}  // namespace

const DepthwiseKernel& choose_depthwise(Isa isa) {
  for (const DepthwiseKernel& kernel : kKernels)
    if (kernel.isa == isa) return kernel;
  return kKernels[sizeof(kKernels) / sizeof(kKernels[0]) - 1];
}

bool depthwise_is_staged(const WindowShape& s) {
  // Far beyond any model; dilations of a million would overflow sizes.
  constexpr size_t kMostReach = 4096;
  return s.kernel_width <= kDepthwiseMostColumns && strip_input(s, 1) <= kMostReach &&
         (s.kernel_width - 1) * s.dilation_x < kMostReach && s.stride_y <= kMostReach &&
         s.stride_x <= kMostReach;
}

size_t depthwise_strip_rows(const WindowShape& s) {
  // The rows that two strips share are staged twice: not more of them than others.
  const size_t fitting = kStripFloats / stage_shape(s).row_floats, shared = strip_input(s, 1);
  const size_t rows = (std::max(fitting, 2 * shared) - shared) / s.stride_y;
  return std::min(s.out_height, (rows + kRows) / kRows * kRows);
}

size_t depthwise_scratch_floats(const WindowShape& s) {
  if (!depthwise_is_staged(s)) return 0;
  // A batch that no memory holds must not come out small.
  constexpr size_t kBeyondMemory = size_t{1} << 50;
  if (double(s.out_width + s.in_width) * double(s.batch) > double(kBeyondMemory >> 24)) return kBeyondMemory;
  return strip_input(s, depthwise_strip_rows(s)) * stage_shape(s).row_floats + kStageSlack;
}

}  // namespace tfjs_sparse
