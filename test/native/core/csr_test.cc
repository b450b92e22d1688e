#include "core/csr.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/dense_csr/dense_csr.h"
#include "support.h"

namespace tfjs_sparse {
namespace {

struct Csr {
  std::vector<int32_t> row_offsets, col_indices;
  std::vector<float> values;
};

Csr from_dense(const DenseView& dense) {
  Csr csr;
  csr.row_offsets.assign(dense.rows + 1, 77);
  const RunParts run = ThreadPool::shared().run_parts(1);
  const size_t nnz = csr_count(Isa::kScalar, dense, run, csr.row_offsets.data());
  csr.col_indices.assign(nnz, 77);
  csr.values.assign(nnz, 77);
  std::vector<int32_t> next(dense.rows);
  csr_fill(Isa::kScalar, dense, run, {csr.row_offsets.data(), csr.col_indices.data(), csr.values.data()},
           next.data());
  return csr;
}

Status validate(size_t rows, size_t cols, std::vector<int32_t> offsets, std::vector<int32_t> indices) {
  return csr_validate(rows, cols, offsets.data(), indices.data(), indices.size());
}

TEST(Csr, round_trips_and_transposes) {
  std::mt19937_64 random(test::seed());
  for (const auto& [rows, cols] :
       {std::pair<size_t, size_t>{0, 0}, {0, 3}, {3, 0}, {1, 1}, {5, 9}, {40, 33}}) {
    std::vector<float> dense(rows * cols);
    for (float& v : dense) v = random() % 3 == 0 ? static_cast<float>(random() % 100 + 1) : 0.0f;
    const Csr csr = from_dense({dense.data(), rows, cols, false, 0});
    EXPECT_TRUE(validate(rows, cols, csr.row_offsets, csr.col_indices).ok());
    std::vector<float> back(dense.size(), 9.0f);
    const CsrView view = {rows, cols, csr.row_offsets.data(), csr.col_indices.data(), csr.values.data()};
    csr_to_dense(view, back.data());
    EXPECT_EQ(back, dense);

    Csr flipped = {std::vector<int32_t>(cols + 1, 77), std::vector<int32_t>(csr.values.size()),
                   std::vector<float>(csr.values.size())};
    std::vector<int32_t> next(cols);
    csr_transpose(view, {flipped.row_offsets.data(), flipped.col_indices.data(), flipped.values.data()},
                  next.data());
    // The dense matrix, read as transposed, gives the same.
    const Csr kernel = from_dense({dense.data(), cols, rows, true, 0});
    EXPECT_EQ(kernel.row_offsets, flipped.row_offsets);
    EXPECT_EQ(kernel.col_indices, flipped.col_indices);
    EXPECT_EQ(kernel.values, flipped.values);
  }
}

TEST(CsrValidate, names_the_first_fault) {
  const auto message = [](const Status& status) {
    EXPECT_EQ(status.code, StatusCode::kCsr);
    return status.message;
  };
  EXPECT_TRUE(validate(2, 3, {0, 2, 3}, {0, 2, 1}).ok());
  EXPECT_TRUE(validate(2, 3, {0, 0, 0}, {}).ok());
  EXPECT_TRUE(validate(0, 0, {0}, {}).ok());
  EXPECT_EQ(message(validate(2, 3, {1, 2, 3}, {0, 2, 1})), "rowOffsets[0]: expected 0, received 1");
  EXPECT_EQ(message(validate(2, 3, {0, 2, 1}, {0, 2, 1})), "rowOffsets[2]: expected at least 2, received 1");
  EXPECT_EQ(message(validate(2, 3, {0, 4, 3}, {0, 2, 1})), "rowOffsets[1]: expected at most 3, received 4");
  EXPECT_EQ(message(validate(2, 3, {0, 1, 2}, {0, 2, 1})),
            "rowOffsets[2]: expected 3 (the number of values), received 2");
  EXPECT_EQ(message(validate(2, 3, {0, 2, 3}, {0, 3, 1})),
            "colIndices[1] (row 0): expected a column in [0, 3), received 3");
  EXPECT_EQ(message(validate(2, 3, {0, 2, 3}, {0, 0, 1})),
            "colIndices[1] (row 0): expected more than 0, received 0");
  EXPECT_EQ(message(validate(2, 3, {0, 2, 3}, {0, 2, -1})),
            "colIndices[2] (row 1): expected a column in [0, 3), received -1");
}

}  // namespace
}  // namespace tfjs_sparse
