#pragma once
// A plane laid out for windows: padding stands in it as zeros, and the columns of each residue modulo the
// stride stand together. Then every tap of a row of outputs is one contiguous run:
//
//   output column x, tap kx  ->  column x·stride + kx·dilation of the padded row
//                            ->  phase (kx·dilation) mod stride, place x + (kx·dilation) / stride in it
//
// Kernels read whole registers: a phase goes on for kStageSlack floats after its last column.
#include <cstddef>
#include <cstdint>

#include "kernels/window/window.h"

namespace tfjs_sparse {

/// A register of any ISA, less one float, and room to begin the next phase on a whole one.
inline constexpr size_t kStageSlack = 16;

struct StageShape {
  size_t in_height, in_width, batch;
  size_t stride_x, pad_top, pad_left;
  size_t phases;        ///< residues that some tap needs, the first of the stride's
  size_t phase_places;  ///< columns of a phase
  size_t phase_floats;  ///< floats from phase to phase
  size_t row_floats() const { return phases * phase_floats; }
};

StageShape stage_shape(const WindowShape& window);

/// Floats from the first place of a staged row to where tap kx of output column 0 reads.
inline size_t stage_shift(const StageShape& stage, size_t tap_column) {
  return tap_column % stage.stride_x * stage.phase_floats + tap_column / stage.stride_x * stage.batch;
}

}  // namespace tfjs_sparse
