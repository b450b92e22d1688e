#include "kernels/vec/keys/arm_neon.h"
// clang-format off: Keys comes first
#include "kernels/rank_mask/generic.h"
// clang-format on

namespace tfjs_sparse {

void rank_mask_magnitudes__neon(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                                InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  rank_mask_pass<ByMagnitude>(values, n, bracket, mask, inside, capacity, tally);
}

void rank_mask_scores__neon(const float* values, size_t n, const Bracket& bracket, uint8_t* mask,
                            InsideKey* inside, size_t capacity, RankMaskTally* tally) {
  rank_mask_pass<ByScore>(values, n, bracket, mask, inside, capacity, tally);
}

}  // namespace tfjs_sparse
