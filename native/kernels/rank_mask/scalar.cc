#include "kernels/rank_mask/rank_mask.h"

namespace tfjs_sparse {
namespace {

template <typename KeyOf>
void rank_mask_pass(KeyOf key_of, const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                    InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  RankMaskTally t;
  for (size_t i = 0; i < n && t.inside <= capacity; ++i) {
    const int32_t key = key_of(values[i]);
    mask[i] = key >= bracket.guess;
    t.nan |= key > kInfinityKey || key < -kInfinityKey;
    t.up_to_low += key <= bracket.low;
    if (key > bracket.low && key < bracket.high) {
      if (t.inside < capacity) inside[t.inside] = {key, static_cast<uint32_t>(i)};
      ++t.inside;
    }
  }
  *tally = t;
}

}  // namespace

void rank_mask_magnitudes__scalar(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                                  InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  rank_mask_pass(magnitude_key, values, n, bracket, mask, inside, capacity, tally);
}

void rank_mask_scores__scalar(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                              InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  rank_mask_pass(score_key, values, n, bracket, mask, inside, capacity, tally);
}

}  // namespace tfjs_sparse
