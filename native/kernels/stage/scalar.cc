// The specification: element by element.
#include "kernels/stage/stage.h"

namespace tfjs_sparse {

void stage_f32__scalar(const StageShape& s, const float* in, size_t first, size_t count, float* out) {
  for (size_t i = 0; i < count * s.row_floats; ++i) {
    const size_t y = first + i / s.row_floats, phase = i % s.row_floats / s.phase_floats;
    const size_t float_of_phase = i % s.phase_floats, b = float_of_phase % s.batch;
    const size_t x = float_of_phase / s.batch * s.stride_x + phase;  // of the padded row
    const bool inside = y >= s.pad_top && y - s.pad_top < s.in_height && x >= s.pad_left &&
                        x - s.pad_left < s.in_width && float_of_phase < s.phase_places * s.batch;
    out[i] = inside ? in[((y - s.pad_top) * s.in_width + x - s.pad_left) * s.batch + b] : 0;
  }
}

void fill_panel_f32__scalar(const float* base, size_t stride, size_t count, const PanelPiece* pieces,
                            size_t piece_count, float* panel, size_t width) {
  for (size_t i = 0; i < count; ++i)
    for (size_t p = 0; p < piece_count; ++p)
      for (size_t j = 0; j < pieces[p].length; ++j)
        panel[i * width + pieces[p].at + j] = base[i * stride + pieces[p].from + j];
}

}  // namespace tfjs_sparse
