#include "kernels/select/select.h"

namespace tfjs_sparse {
namespace {

template <bool kFloats, typename KeyAt>
void bracket(KeyAt key_at, size_t n, int32_t low, int32_t high, bool ends, int32_t* collected,
             size_t capacity, BracketTally* tally) {
  BracketTally t;
  for (size_t i = 0; i < n; ++i) {
    const int32_t key = key_at(i);
    t.nan |= kFloats && (key > kInfinityKey || key < -kInfinityKey);
    t.below += ends ? key < low : key <= low;
    t.at_low += ends && key == low;
    t.at_high += ends && key == high;
    if (key > low && key < high) {
      if (t.inside < capacity) collected[t.inside] = key;
      ++t.inside;
    }
  }
  *tally = t;
}

}  // namespace

void select_bracket_magnitudes__scalar(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                       int32_t* collected, size_t capacity, BracketTally* tally) {
  const float* values = static_cast<const float*>(words);
  bracket<true>([=](size_t i) { return magnitude_key(values[i]); }, n, low, high, ends, collected, capacity,
                tally);
}

void select_bracket_scores__scalar(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                   int32_t* collected, size_t capacity, BracketTally* tally) {
  const float* values = static_cast<const float*>(words);
  bracket<true>([=](size_t i) { return score_key(values[i]); }, n, low, high, ends, collected, capacity,
                tally);
}

void select_bracket_keys__scalar(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                 int32_t* collected, size_t capacity, BracketTally* tally) {
  const int32_t* keys = static_cast<const int32_t*>(words);
  bracket<false>([=](size_t i) { return keys[i]; }, n, low, high, ends, collected, capacity, tally);
}

}  // namespace tfjs_sparse
