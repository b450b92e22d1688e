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

#include "core/cpu.h"
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
  size_t row_floats;    ///< phases · phase_floats
};

StageShape stage_shape(const WindowShape& window);

/// Floats from the first place of a staged row to where tap kx of output column 0 reads. Static: one for each
/// instruction set that calls it.
static inline size_t stage_shift(const StageShape& stage, size_t tap_column) {
  return tap_column % stage.stride_x * stage.phase_floats + tap_column / stage.stride_x * stage.batch;
}

/// Rows [first, first + count) of the padded plane, row_floats each.
/// @param in  in_height · in_width · batch floats
using StageFunction = void (*)(const StageShape& stage, const float* in, size_t first, size_t count,
                               float* out);

/// A run of a panel row: `length` floats at `at`, which lie `from` floats behind the base.
struct PanelPiece {
  size_t from, at, length;
};
/// Row i of a panel, i < count: its pieces, in rising order and without gaps, from base + i · stride. Reads
/// up to kStageSlack - 1 floats past a piece; writes nothing behind the last row.
using FillFunction = void (*)(const float* base, size_t stride, size_t count, const PanelPiece* pieces,
                              size_t piece_count, float* panel, size_t width);

struct StageKernel {
  Isa isa;
  const char* name;
  StageFunction stage;
  FillFunction fill;
};

#define STAGE_KERNEL(isa, suffix)                                                                         \
  void stage_f32__##suffix(const StageShape& stage, const float* in, size_t first, size_t count,          \
                           float* out);                                                                   \
  void fill_panel_f32__##suffix(const float* base, size_t stride, size_t count, const PanelPiece* pieces, \
                                size_t piece_count, float* panel, size_t width);
#include "kernels/stage/kernels.inc"
#undef STAGE_KERNEL

const StageKernel& choose_stage(Isa isa);

}  // namespace tfjs_sparse
