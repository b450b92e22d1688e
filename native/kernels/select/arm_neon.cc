#include "kernels/vec/keys/arm_neon.h"
// clang-format off: Keys comes first
#include "kernels/select/generic.h"
// clang-format on

namespace tfjs_sparse {

void select_bracket_magnitudes__neon(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                     int32_t* collected, size_t capacity, BracketTally* tally) {
  bracket<FromMagnitudes>(words, n, low, high, ends, collected, capacity, tally);
}

void select_bracket_scores__neon(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                 int32_t* collected, size_t capacity, BracketTally* tally) {
  bracket<FromScores>(words, n, low, high, ends, collected, capacity, tally);
}

void select_bracket_keys__neon(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                               int32_t* collected, size_t capacity, BracketTally* tally) {
  bracket<FromKeys>(words, n, low, high, ends, collected, capacity, tally);
}

}  // namespace tfjs_sparse
