#include "kernels/transpose/transpose.h"

#include "numbers.h"

namespace tfjs_sparse {
namespace {

using namespace test;

TEST(Transpose, literal) {
  const std::vector<float> in = {1, 2, 3, 4, 5, 6};
  for (const Isa isa : isas_to_test()) {
    std::vector<float> out(6);
    choose_transpose(isa)(in.data(), 3, out.data(), 2, 2, 3);
    EXPECT_EQ(out, (std::vector<float>{1, 4, 2, 5, 3, 6}));
  }
}

TEST(Transpose, moves_every_float_and_writes_nothing_else) {
  size_t count;
  const TransposeKernel* kernels = transpose_kernels(&count);
  for (size_t i = 0; i < count; ++i) {
    if (!runs_here(kernels[i].isa)) continue;
    for (const size_t rows : {0, 1, 2, 7, 8, 9, 15, 16, 17, 24, 33})
      for (const size_t cols : {0, 1, 3, 7, 8, 9, 16, 23, 40})
        for (const size_t extra : {0, 5, 4096}) {
          // Rows of `out` a multiple of 4 KB apart lie in one set of the L1 cache.
          const size_t in_stride = cols + extra % 4096, out_stride = extra == 4096 ? 1024 : rows + 2 * extra;
          const Exact in(normal(rows * in_stride, rows * 100 + cols), extra % 4096);
          Guarded out(cols * out_stride, extra % 4096);
          kernels[i].function(in.data(), in_stride, out.data(), out_stride, rows, cols);
          EXPECT_TRUE(out.intact());
          for (size_t c = 0; c < cols; ++c)
            for (size_t r = 0; r < out_stride; ++r) {
              if (r < rows)
                ASSERT_EQ(out[c * out_stride + r], in[r * in_stride + c]) << kernels[i].name;
              else
                ASSERT_TRUE(out.untouched(c * out_stride + r)) << kernels[i].name;
            }
        }
  }
}

TEST(ChooseTranspose, gives_a_kernel_that_the_instruction_set_includes) {
  size_t count;
  const TransposeKernel* kernels = transpose_kernels(&count);
  for (int i = 0; i < kIsaCount; ++i) {
    const Isa isa = static_cast<Isa>(i);
    const TransposeFunction chosen = choose_transpose(isa);
    ASSERT_NE(chosen, nullptr);
    for (size_t k = 0; k < count; ++k)
      EXPECT_TRUE(kernels[k].function != chosen || kernels[k].isa >= isa) << kernels[k].name;
  }
  EXPECT_EQ(choose_transpose(Isa::kScalar), transpose_f32__scalar);
}

}  // namespace
}  // namespace tfjs_sparse
