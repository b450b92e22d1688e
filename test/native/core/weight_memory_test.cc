#include "core/weight_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace tfjs_sparse {
namespace {

/// Below, at and above what shares a page, and what has pages of its own.
constexpr size_t kSizes[] = {1, 64, 65535, 65536, 300001, 1 << 20, (1 << 20) + 1, 2 << 20, 3000000, 5 << 20};

TEST(WeightMemory, is_zeroed_aligned_and_nobody_elses) {
  // Twice, so that memory that was written comes back.
  for (int round = 0; round < 2; ++round) {
    std::vector<WeightBuffer<uint8_t>> buffers;
    for (int i = 0; i < 3; ++i)
      for (const size_t size : kSizes) buffers.emplace_back(size);
    for (size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffers[i].data()) % 64, 0u);
      for (size_t b = 0; b < buffers[i].bytes(); ++b) ASSERT_EQ(buffers[i].data()[b], 0) << i << ", " << b;
      std::memset(buffers[i].data(), static_cast<int>(i + 1), buffers[i].bytes());
    }
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t b = 0; b < buffers[i].bytes(); ++b)
        ASSERT_EQ(buffers[i].data()[b], i + 1) << i << ", " << b;
    // What is left keeps its values when its neighbours go.
    buffers.erase(buffers.begin() + 5, buffers.end() - 3);
    for (const WeightBuffer<uint8_t>& left : buffers)
      for (size_t b = 1; b < left.bytes(); ++b) ASSERT_EQ(left.data()[b], left.data()[0]);
  }
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
TEST(WeightMemory, puts_small_weights_side_by_side_and_large_ones_at_the_start_of_a_page) {
  constexpr uintptr_t kLargePage = uintptr_t{2} << 20;
  const auto address = [](WeightBuffer<uint8_t>& buffer) {
    return reinterpret_cast<uintptr_t>(buffer.data());
  };
  WeightBuffer<uint8_t> small(100000), next(70000), large(3000000);
  EXPECT_EQ(address(next), address(small) + (100000 + 63) / 64 * 64);
  EXPECT_EQ(address(large) % kLargePage, 0u);
  // Nobody is left in the page: the next weight begins one.
  small = WeightBuffer<uint8_t>();
  next = WeightBuffer<uint8_t>();
  WeightBuffer<uint8_t> first(80000);
  EXPECT_EQ(address(first) % kLargePage, 0u);
}
#endif

TEST(WeightMemory, of_nothing_has_no_bytes) {
  EXPECT_EQ(WeightBuffer<float>().bytes(), 0u);
  EXPECT_EQ(WeightBuffer<float>(0).bytes(), 0u);
  EXPECT_EQ(WeightBuffer<float>(3).bytes(), 12u);
}

TEST(WeightMemory, is_taken_by_several_threads) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&wrong, t] {
      for (size_t i = 0; i < 30; ++i) {
        const size_t size = 65536 + 4096 * i;
        WeightBuffer<uint8_t> one(size), two(size);
        std::memset(one.data(), static_cast<int>(t), size);
        std::memset(two.data(), static_cast<int>(t + 100), size);
        for (size_t b = 0; b < size; ++b) wrong[t] += one.data()[b] != t || two.data()[b] != t + 100;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(wrong.size()));
}

}  // namespace
}  // namespace tfjs_sparse
