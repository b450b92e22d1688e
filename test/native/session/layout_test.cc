#include "session/layout.h"

#include "numbers.h"

namespace tfjs_sparse {
namespace {

using namespace test;

const ValueShape kShapes[] = {{1, 1, 1}, {1, 4, 5},  {7, 1, 1},  {40, 1, 1},
                              {3, 4, 5}, {16, 1, 9}, {9, 16, 16}};

TEST(ImportRows, turns_every_layout_and_export_rows_turns_it_back) {
  for (const Isa isa : isas_to_test())
    for (const ValueShape& shape : kShapes)
      for (const size_t batch : {1, 2, 8, 9, 17}) {
        const size_t columns = shape.positions() * batch, stride = buffer_stride(columns);
        const std::vector<float> rows = normal(shape.features() * batch, batch);
        Guarded memory(buffer_floats(shape.channels, columns)), back(rows.size(), 1);
        const Buffer buffer{memory.data(), stride};
        import_rows(isa, rows.data(), shape, batch, buffer);
        for (size_t c = 0; c < shape.channels; ++c)
          for (size_t p = 0; p < shape.positions(); ++p)
            for (size_t b = 0; b < batch; ++b)
              ASSERT_EQ(memory[c * stride + p * batch + b],
                        rows[(b * shape.positions() + p) * shape.channels + c]);
        export_rows(isa, buffer, shape, batch, back.data());
        EXPECT_TRUE(memory.intact() && back.intact());
        EXPECT_TRUE(same_bits({back.data(), back.data() + back.size()}, rows));
        // Between the channels lies padding that nobody wrote.
        for (size_t c = 0; c < shape.channels; ++c)
          for (size_t i = columns; i < stride; ++i) ASSERT_TRUE(memory.untouched(c * stride + i));

        std::vector<float> features(rows.size());
        gather_features(buffer, shape, batch, features.data());
        Guarded again(memory.size());
        scatter_features(features.data(), shape, batch, {again.data(), stride});
        for (size_t c = 0; c < shape.channels; ++c)
          for (size_t i = 0; i < columns; ++i) {
            ASSERT_EQ(features[c * columns + i], memory[c * stride + i]);
            ASSERT_EQ(again[c * stride + i], memory[c * stride + i]);
          }
      }
}

TEST(AllFinite, looks_at_the_columns_and_not_at_the_padding) {
  for (const size_t columns : {1, 5, 16, 17}) {
    const size_t stride = columns + 3;
    for (const float bad : {kNan, -kNan, kInfinity, -kInfinity})
      for (size_t at = 0; at < 4 * stride; ++at) {
        std::vector<float> data(4 * stride, 3.4e38f);
        data[at] = bad;
        EXPECT_EQ(all_finite(data.data(), 4, columns, stride), at % stride >= columns) << at;
        EXPECT_FALSE(all_finite(data.data(), 4, stride, stride));
      }
  }
  const float denormal = 1e-44f;
  EXPECT_TRUE(all_finite(&denormal, 1, 1, 1));
  EXPECT_TRUE(all_finite(nullptr, 0, 0, 0));
}

TEST(BufferStride, is_whole_lines_and_a_plain_vector_for_one_column) {
  EXPECT_EQ(buffer_stride(1), 1u);
  for (size_t columns = 2; columns <= 5000; ++columns) {
    const size_t stride = buffer_stride(columns);
    ASSERT_EQ(stride % 16, 0u);
    ASSERT_GE(stride, columns);
    ASSERT_LT(stride, columns + 32);
  }
}

}  // namespace
}  // namespace tfjs_sparse
