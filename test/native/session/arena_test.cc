#include "session/arena.h"

#include <random>

#include "numbers.h"

namespace tfjs_sparse {
namespace {

TEST(PlaceBuffers, literal) {
  // A chain: two buffers take turns, the third lies where the first was.
  std::vector<size_t> offsets;
  EXPECT_EQ(place_buffers({{0, 0, 32}, {0, 1, 16}, {1, 2, 32}}, &offsets), 48u);
  EXPECT_EQ(offsets, (std::vector<size_t>{0, 32, 0}));
  EXPECT_EQ(place_buffers({}, &offsets), 0u);
  EXPECT_TRUE(offsets.empty());
}

TEST(PlaceBuffers, never_lets_two_buffers_in_use_overlap) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 2000; ++round) {
    std::vector<Lifetime> buffers(random() % 20);
    size_t sum = 0;
    for (Lifetime& buffer : buffers) {
      buffer.first = random() % 12;
      buffer.last = buffer.first + random() % 5;
      buffer.floats = random() % 200;
      sum += (buffer.floats + 15) / 16 * 16;
    }
    std::vector<size_t> offsets;
    const size_t total = place_buffers(buffers, &offsets);
    ASSERT_EQ(offsets.size(), buffers.size());
    EXPECT_LE(total, sum);
    for (size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(offsets[i] % 16, 0u);
      EXPECT_LE(offsets[i] + buffers[i].floats, total);
      for (size_t j = 0; j < i; ++j) {
        const bool together = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
        const bool apart =
            offsets[i] + buffers[i].floats <= offsets[j] || offsets[j] + buffers[j].floats <= offsets[i];
        ASSERT_TRUE(!together || apart) << "round " << round << ": " << i << " and " << j;
      }
    }
  }
}

}  // namespace
}  // namespace tfjs_sparse
