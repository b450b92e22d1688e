#include "kernels/vec/arm_neon.h"
// clang-format off: Vec comes first
#include "kernels/stage/generic.h"
// clang-format on

namespace tfjs_sparse {

void stage_f32__neon(const StageShape& stage, const float* in, size_t first, size_t count, float* out) {
  stage_rows(stage, in, first, count, out);
}

void fill_panel_f32__neon(const float* base, size_t stride, size_t count, const PanelPiece* pieces,
                          size_t piece_count, float* panel, size_t width) {
  fill_panel(base, stride, count, pieces, piece_count, panel, width);
}

}  // namespace tfjs_sparse
