#include "kernels/spmv/spmv.h"

#include <algorithm>

#include "numbers.h"
#include "session/stored_weights.h"
#include "stored.h"

namespace tfjs_sparse {
namespace {

using namespace test;

/// Streams of slices, made at random without any weight behind them: what the kernel has to stand.
struct Streams {
  std::vector<uint32_t> groups;
  std::vector<uint16_t> offsets;
  std::vector<uint32_t> places;
  std::vector<float> values;  // as the storage holds them
  bool streamed = false;
};

struct Case {
  std::vector<uint32_t> groups;
  size_t k = 300;
  float min = -kInfinity, max = kInfinity;
  size_t offset = 0;
};

class SpmvKernels : public testing::TestWithParam<SpmvKernel> {
 protected:
  const SpmvKernel& kernel() const { return GetParam(); }
  bool is_dense() const { return kernel().pattern == kSpmvDense; }

  size_t group() const { return kernel().steps(); }
  size_t steps_of(const Streams& streams, size_t slice, const Case& c) const {
    return is_dense() ? c.k : streams.groups[slice] * group();
  }

  Streams random_streams(const Case& c) const {
    std::mt19937_64 random(seed() + c.k);
    Streams streams;
    streams.streamed = c.k % 2 == 0;
    const size_t rows = kernel().rows, window = std::min<size_t>(c.k, kernel().columns);
    for (const uint32_t groups : c.groups) {
      streams.groups.push_back(groups);
      for (size_t g = 0, first = 0; g < groups && !is_dense(); ++g) {
        const size_t before = first, left = c.k - window - before;
        first += random() % (left + 1) / (groups - g);
        streams.offsets.push_back(static_cast<uint16_t>(first - before));
        // Windows may lie in any order behind their group's first.
        for (size_t step = 1; step < group(); ++step)
          streams.offsets.push_back(static_cast<uint16_t>(random() % (c.k - window - first + 1)));
        for (size_t r = 0; r < rows; ++r) {
          uint32_t word = 0;
          for (size_t step = 0; step < group(); ++step)
            word |= static_cast<uint32_t>(random() % window) << (step * kernel().column_bits);
          streams.places.push_back(word);
        }
      }
      for (size_t i = steps_of(streams, streams.groups.size() - 1, c) * rows; i > 0; --i)
        streams.values.push_back(random() % 4 == 0 ? 0.0f : float(random() % 2001) / 1000 - 1);
    }
    streams.values = storable(std::move(streams.values), kernel().storage);
    return streams;
  }

  void run(const Streams& streams, const std::vector<float>& scales, const SpmvCall& call) const {
    const StoredWeights stored(streams.values, kernel().storage);
    // In memory that ends with them: the address sanitizer sees the first element too many.
    const std::vector<uint8_t> values(static_cast<const uint8_t*>(stored.at(0)),
                                      static_cast<const uint8_t*>(stored.at(stored.size())));
    const SpmvSlices slices{streams.groups.size(), streams.groups.data(), streams.offsets.data(),
                            streams.places.data(), values.data(),         scales.data(),
                            streams.streamed};
    kernel().function(call, slices);
  }

  void check_outputs(const Case& c, const Streams& streams, const std::vector<float>& scales,
                     const std::vector<float>& bias, const std::vector<float>& x, const float* y) const {
    const size_t rows = kernel().rows;
    size_t begin = 0;
    for (size_t slice = 0; slice < streams.groups.size(); begin += steps_of(streams, slice++, c))
      for (size_t r = 0; r < rows; ++r) {
        const size_t output = slice * rows + r;
        Sum sum({scales.empty() ? bias[output] : 0, 0});
        size_t first = 0;
        for (size_t s = begin; s < begin + steps_of(streams, slice, c); ++s) {
          size_t column = s - begin;
          if (!is_dense()) {
            const size_t step = s % group();
            if (step == 0) first += streams.offsets[s];
            const uint32_t word = streams.places[s / group() * rows + r];
            column = first + (step == 0 ? 0 : streams.offsets[s]) +
                     (word >> (step * kernel().column_bits) & ((1u << kernel().column_bits) - 1));
          }
          const float value = streams.values[s * rows + r];
          if (value != 0) sum.add(value, {x[column], 0});
        }
        ASSERT_TRUE(close(y[output], ended(sum, scales, output, bias[output]).clamped(c.min, c.max)))
            << "slice " << slice << ", " << r;
      }
  }
  void check(const Case& c) {
    std::vector<float> x = normal(std::max<size_t>(c.k, kernel().columns), 1);
    check(c, random_streams(c), x);
  }
  void check(const Case& c, const Streams& streams, const std::vector<float>& x_values) {
    if (!runs_here(kernel().isa)) GTEST_SKIP() << isa_name(kernel().isa);
    const size_t rows = kernel().rows;
    const std::vector<float> bias = normal(streams.groups.size() * rows, 2);
    const std::vector<float> scales = some_scales(bias.size(), kernel().storage);
    const Exact x(x_values, c.offset);
    Guarded y(bias.size(), c.offset);
    run(streams, scales, {x.data(), bias.data(), y.data(), c.k, c.min, c.max});
    check_outputs(c, streams, scales, bias, x_values, y.data());
    EXPECT_TRUE(y.intact());
  }
};

TEST_P(SpmvKernels, literal) {
  if (!runs_here(kernel().isa)) GTEST_SKIP() << isa_name(kernel().isa);
  // Output r takes r times the input in place r mod 3, then once the last of three.
  const size_t rows = kernel().rows, k = is_dense() ? 3 : kernel().columns;
  std::vector<float> x(k), bias(rows, 0.5f), y(rows);
  x[0] = 1;
  x[1] = 10;
  x[2] = 100;
  Streams streams;
  streams.groups = {1};
  if (is_dense()) {
    for (size_t i = 0; i < 3; ++i)
      for (size_t r = 0; r < rows; ++r)
        streams.values.push_back((i == r % 3 ? float(r) : 0) + (i == 2 ? 1 : 0));
  } else {
    streams.offsets.assign(group(), 0);
    streams.values.assign(group() * rows, 0.0f);
    for (size_t r = 0; r < rows; ++r) {
      streams.places.push_back(static_cast<uint32_t>(r % 3 | 2 << kernel().column_bits));
      streams.values[r] = float(r);
      streams.values[rows + r] = 1;
    }
  }
  const float scale = is_scaled(kernel().storage) ? 0.25f : 1;
  run(streams, std::vector<float>(rows, scale), {x.data(), bias.data(), y.data(), k, -kInfinity, kInfinity});
  for (size_t r = 0; r < rows; ++r) EXPECT_EQ(y[r], 0.5f + scale * (float(r) * x[r % 3] + 100)) << r;
}

TEST_P(SpmvKernels, every_count_of_groups) {
  for (uint32_t groups = 0; groups <= 5; ++groups) check({{groups, 0, groups + 1, 3}});
}
TEST_P(SpmvKernels, every_k) {
  for (size_t k = 1; k <= 35; ++k) check({{1, 2}, k});
}
TEST_P(SpmvKernels, k_zero) {
  Streams streams;
  streams.groups = {0, 0};
  check({{0, 0}, 0, 0.0f}, streams, std::vector<float>(kernel().columns));
}
TEST_P(SpmvKernels, k_eq_window) { check({{2}, kernel().columns}); }
TEST_P(SpmvKernels, k_lt_window) {
  if (!is_dense()) check({{2, 1}, size_t{kernel().columns} - 1});
}
// A dense kernel has no windows: to it, k is only the length of the rows.
TEST_P(SpmvKernels, far_windows) { check({{3, 2}, is_dense() ? 999u : 60000u}); }
TEST_P(SpmvKernels, streamed_or_not_is_the_same) {
  if (!runs_here(kernel().isa)) GTEST_SKIP() << isa_name(kernel().isa);
  Streams streams = random_streams({{5, 4}, 501});
  const std::vector<float> x = normal(501, 1), bias(2u * kernel().rows, 0.5f), scales(bias.size(), 2.0f);
  std::vector<float> y[2];
  for (std::vector<float>& out : y) {
    out.resize(bias.size());
    run(streams, scales, {x.data(), bias.data(), out.data(), 501, -kInfinity, kInfinity});
    streams.streamed = !streams.streamed;
  }
  EXPECT_TRUE(same_bits(y[0], y[1]));
}
TEST_P(SpmvKernels, all_zero) {
  Streams streams = random_streams({{2, 1}});
  std::fill(streams.values.begin(), streams.values.end(), 0.0f);
  check({{2, 1}}, streams, normal(300, 3));
}
TEST_P(SpmvKernels, clamp_low) { check({{2, 1}, 300, 0.25f}); }
TEST_P(SpmvKernels, clamp_high) { check({{2, 1}, 300, -kInfinity, 0.25f}); }
TEST_P(SpmvKernels, unaligned) {
  for (const size_t offset : {1, 3, 15}) check({{2, 1}, 299, 0, 6, offset});
}
TEST_P(SpmvKernels, several_vectors) {
  if (!runs_here(kernel().isa)) GTEST_SKIP() << isa_name(kernel().isa);
  // Every way to divide vectors among passes, slices in pairs and one left over; inputs of one block, and of
  // more than one of the stored weights and of those made floats.
  for (const size_t k : {1, 5, 67, 300, 2051})
    for (size_t count = 1; count <= 9; count += k > 300 ? 4 : 1) {
      const Case c{{1, 0, 2}, k, -1};
      const Streams streams = random_streams(c);
      const size_t rows = kernel().rows, n = streams.groups.size() * rows, x_stride = k + kernel().columns,
                   y_stride = n + 5;
      const std::vector<float> bias = normal(n, 2), scales = some_scales(n, kernel().storage);
      const Exact x(normal(count * x_stride, count), 1);
      Guarded y(count * y_stride, 1);
      SpmvCall call{x.data(), bias.data(), y.data(), k, c.min, c.max};
      call.count = count;
      call.x_stride = x_stride;
      call.y_stride = y_stride;
      run(streams, scales, call);
      EXPECT_TRUE(y.intact());
      for (size_t v = 0; v < count; ++v)
        check_outputs(c, streams, scales, bias, {x.data() + v * x_stride, x.data() + (v + 1) * x_stride},
                      y.data() + v * y_stride);
    }
}
TEST_P(SpmvKernels, every_place) {
  if (is_dense()) return check({{0}, 1});
  // Each place of the window in each lane and step: the permute's index, bit by bit.
  const size_t rows = kernel().rows, places = kernel().columns;
  Streams streams;
  streams.groups.assign(places, 1);
  for (size_t g = 0; g < places; ++g) {
    streams.offsets.insert(streams.offsets.end(), {3, 0, 1});
    streams.offsets.resize((g + 1) * group(), 2);
    for (size_t r = 0; r < rows; ++r) {
      uint32_t word = 0;
      for (size_t step = 0; step < group(); ++step)
        word |= static_cast<uint32_t>((g + r + step) % places) << (step * kernel().column_bits);
      streams.places.push_back(word);
    }
  }
  streams.values.assign(places * group() * rows, 1.0f);
  check({streams.groups, places + 5}, streams, normal(places + 5, 4));
}
TEST_P(SpmvKernels, nan_in) {
  // Kept weights only: the session takes the scalar kernel when a slot is empty and an input not finite.
  Case c{{2, 1}, 64};
  Streams streams = random_streams(c);
  for (float& value : streams.values) value = value == 0 && kernel().isa != Isa::kScalar ? 1.0f : value;
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    std::vector<float> x = normal(64, 5);
    x[1] = bad;
    x[40] = kInfinity;
    check(c, streams, x);
    c.min = 0;
    check(c, streams, x);
  }
}

std::vector<SpmvKernel> all_kernels() {
  size_t count;
  const SpmvKernel* kernels = spmv_kernels(&count);
  return {kernels, kernels + count};
}
INSTANTIATE_TEST_SUITE_P(Spmv, SpmvKernels, testing::ValuesIn(all_kernels()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ChooseSpmv, takes_the_widest_slices_that_the_outputs_fill) {
  for (const Isa isa : isas_to_test())
    for (const SpmvPattern pattern : {kSpmvSparse, kSpmvDense, kSpmvNarrow})
      for (size_t i = 0; i <= 3 * 130; ++i) {
        const size_t n = i / 3;
        const SpmvKernel* kernel = choose_spmv(isa, pattern, n, kStorages[i % 3]);
        ASSERT_NE(kernel, nullptr);
        EXPECT_EQ(kernel->isa, isa);
        const bool only_wide = pattern == kSpmvNarrow && kernel->pattern == kSpmvSparse;
        if (only_wide) {
          EXPECT_EQ(kernel, choose_spmv(isa, kSpmvSparse, n, kStorages[i % 3]));
        } else {
          EXPECT_EQ(kernel->pattern, pattern);
        }
        EXPECT_EQ(kernel->storage, kStorages[i % 3]);
        size_t narrowest = 64;
        for (const SpmvKernel& other : all_kernels())
          if (other.isa == isa && other.pattern == kernel->pattern)
            narrowest = std::min<size_t>(narrowest, other.rows);
        EXPECT_TRUE(kernel->rows <= n || kernel->rows == narrowest) << kernel->name << " for " << n;
      }
  EXPECT_EQ(choose_spmv(Isa::kScalar, kSpmvNarrow, 48)->columns, 8);
  EXPECT_EQ(choose_spmv(Isa::kScalar, kSpmvDense, 48)->rows, 48);
  EXPECT_EQ(choose_spmv(Isa::kScalar, kSpmvDense, 47)->rows, 24);
}

TEST(ScalarSpmv, exists_for_every_slice_shape) {
  for (const SpmvKernel& kernel : all_kernels()) {
    const SpmvKernel* scalar = scalar_spmv(kernel);
    ASSERT_NE(scalar, nullptr) << kernel.name;
    EXPECT_EQ(scalar->isa, Isa::kScalar);
    EXPECT_EQ(scalar->storage, kernel.storage);
    EXPECT_EQ(scalar->rows, kernel.rows);
    EXPECT_EQ(scalar->columns, kernel.columns);
    EXPECT_EQ(scalar->column_bits, kernel.column_bits);
  }
}

}  // namespace
}  // namespace tfjs_sparse
