#include "kernels/stage/stage.h"

#include <algorithm>

#include "numbers.h"
#include "windows.h"

namespace tfjs_sparse {
namespace {

using namespace test;

std::vector<float> stage(Isa isa, const StageShape& s, const std::vector<float>& plane, size_t first,
                         size_t count) {
  const StageKernel& kernel = choose_stage(isa);
  EXPECT_EQ(kernel.isa, isa);
  const Exact in(plane, 1);
  Guarded out(count * s.row_floats, 1);
  kernel.stage(s, in.data(), first, count, out.data());
  EXPECT_TRUE(out.intact()) << isa_name(isa);
  std::vector<float> rows(count * s.row_floats);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = out[i];
  return rows;
}

TEST(Stage, literal) {
  // A row of five, one column of padding on the left, stride 2: columns 1 3 5 of the padded row are phase 1.
  WindowShape w{1, 5, 1, 3, 1, 3, 1, 2, 1, 1, 0, 1, 1};
  const StageShape s = stage_shape(w);
  ASSERT_EQ(s.phases, 2u);
  for (const Isa isa : isas_to_test()) {
    const std::vector<float> row = stage(isa, s, {1, 2, 3, 4, 5}, 0, 1);
    EXPECT_EQ(std::vector<float>(row.begin(), row.begin() + 4), (std::vector<float>{0, 2, 4, 0}));
    const auto odd = row.begin() + long(s.phase_floats);
    EXPECT_EQ(std::vector<float>(odd, odd + 4), (std::vector<float>{1, 3, 5, 0}));
  }
}

TEST(Stage, every_tap_of_every_output_stands_where_its_shift_says) {
  std::mt19937_64 random(seed());
  for (int i = 0; i < 300; ++i) {
    const WindowShape w = random_shape(&random);
    const StageShape s = stage_shape(w);
    const size_t rows = (w.out_height - 1) * w.stride_y + (w.kernel_height - 1) * w.dilation_y + 1;
    const std::vector<float> plane = normal(w.in_height * w.in_width * w.batch, uint64_t(i));
    for (const Isa isa : isas_to_test()) {
      const std::vector<float> staged = stage(isa, s, plane, 0, rows);
      for (size_t y = 0; y < w.out_height; ++y)
        for (size_t x = 0; x < w.out_width; ++x)
          for (size_t b = 0; b < w.batch; ++b) {
            std::vector<float> want(w.kernel_height * w.kernel_width, 0.0f);
            for_each_tap(w, y, x, b, [&](size_t tap, size_t at) { want[tap] = plane[at]; });
            for (size_t tap = 0; tap < want.size(); ++tap) {
              const size_t row = y * w.stride_y + tap / w.kernel_width * w.dilation_y;
              const size_t shift = stage_shift(s, tap % w.kernel_width * w.dilation_x);
              ASSERT_EQ(staged[row * s.row_floats + shift + x * w.batch + b], want[tap])
                  << isa_name(isa) << " " << text(w);
            }
          }
      // Any run of rows is the same rows, and the whole is the specification's.
      if (rows > 1) {
        const std::vector<float> tail = stage(isa, s, plane, 1, rows - 1);
        ASSERT_TRUE(std::equal(tail.begin(), tail.end(), staged.begin() + long(s.row_floats)));
      }
      ASSERT_EQ(staged, stage(Isa::kScalar, s, plane, 0, rows)) << isa_name(isa) << " " << text(w);
    }
  }
}

TEST(FillPanel, pieces_stand_side_by_side_and_nothing_behind_the_last) {
  const std::vector<float> image = normal(3 * 200 + kStageSlack, 1);
  for (size_t first = 1; first <= 24; ++first)
    for (const size_t count : {1, 3}) {
      const PanelPiece pieces[] = {{5, 0, first}, {100, first, 25 - first}};
      for (const Isa isa : isas_to_test()) {
        Guarded panel(count * 25, 1);
        choose_stage(isa).fill(image.data(), 200, count, pieces, 2, panel.data(), 25);
        EXPECT_TRUE(panel.intact());
        for (size_t i = 0; i < count; ++i)
          for (size_t j = 0; j < 25; ++j)
            ASSERT_EQ(panel[i * 25 + j], image[i * 200 + (j < first ? 5 + j : 100 + j - first)])
                << isa_name(isa) << " " << first;
      }
    }
}

}  // namespace
}  // namespace tfjs_sparse
