#pragma once
// select: the k-th smallest of many values, exactly, in about one read of them.
//
//   sample a few cache lines                      (stratified, jittered: sorted and periodic data are no
//   trap) bracket = [low, high] around the k-th of the sample, wide enough that a miss is rare one pass:
//   count below low, at low, at high, above; collect the keys strictly inside   (the kernel) k-th is low, or
//   high, or one of the collected keys: the same again on those, few as they are
//
// Ties at the bracket's ends are counted and never collected: an array of one or two values, or one that is
// mostly zeros, needs no more memory than a normal one. When the bracket misses the k-th, or more keys fall
// inside than the scratch memory holds, a histogram of the remaining range narrows it: at most three more
// passes, whatever the data.
#include <cstddef>
#include <cstdint>

#include "core/cpu.h"
#include "core/float_order.h"
#include "core/parts.h"

namespace tfjs_sparse {

/// What the 32-bit words of an array are: float32 to be ordered by magnitude or by value, or keys of those.
enum SelectSource : uint8_t { kMagnitudes, kScores, kKeys };

/// Outcome of one pass over n words. `low < high`.
struct BracketTally {
  size_t below = 0;    ///< keys < low; without `ends` keys <= low
  size_t at_low = 0;   ///< keys == low, where `ends` are asked for
  size_t inside = 0;   ///< low < keys < high
  size_t at_high = 0;  ///< keys == high, where `ends` are asked for
  bool nan = false;    ///< a float was NaN: the counts mean nothing
};

/// One pass: counts, and collects the keys strictly inside the bracket in order of position.
/// @param words      n 32-bit words, any alignment of 4
/// @param ends       keys equal to `low` and `high` are counted apart; else among those below and above,
/// which
///                   is faster
/// @param collected  room for `capacity` keys, not overlapping `words`
/// When `tally.inside > capacity`, what was collected is incomplete (the counts are right).
using BracketFunction = void (*)(const void* words, size_t n, int32_t low, int32_t high, bool ends,
                                 int32_t* collected, size_t capacity, BracketTally* tally);

/// Where a rank (from 1) lies after a pass.
enum class Place : uint8_t { kBelow, kAtLow, kInside, kAtHigh, kAbove };
Place place_of(size_t rank, const BracketTally& tally);

struct SelectKernel {
  Isa isa;
  SelectSource source;
  const char* name;
  BracketFunction function;
};

#define SELECT_KERNEL(isa, source, name)                                                           \
  void name(const void* words, size_t n, int32_t low, int32_t high, bool ends, int32_t* collected, \
            size_t capacity, BracketTally* tally);
#include "kernels/select/kernels.inc"
#undef SELECT_KERNEL

/// Every kernel in this binary, best first.
const SelectKernel* select_kernels(size_t* count);
const SelectKernel& choose_select(Isa isa, SelectSource source);

/// Words between two looks at the capacity: kernels store whole registers inside a chunk, never beyond the
/// capacity.
inline constexpr size_t kSelectChunk = 2048;

/// The k-th smallest and how it lies among the others.
struct Selection {
  int32_t key = 0;        ///< of the k-th smallest, see core/float_order.h
  size_t below = 0;       ///< how many are smaller
  size_t equal = 0;       ///< how many are equal, itself among them
  bool nan = false;       ///< a NaN was met: nothing else is set
  unsigned narrowed = 0;  ///< how many brackets missed, so that a histogram had to narrow the range
};

/// Up to here a partial sort does the whole work.
inline constexpr size_t kSelectSmall = 4096;

/// Keys of n floats that a first pass may collect: a sixteenth, and no fewer than a short array may need.
size_t select_capacity(size_t n);

/// Keys that a selection expects the k-th smallest between. low < guess <= high.
struct Bracket {
  int32_t low;
  int32_t guess;  ///< about the k-th
  int32_t high;
  bool tied;  ///< the guess was an end of it: many values tie with the k-th
};

/// From a sample of more than kSelectSmall values.
/// @param scratch  SamplePlaces::kMax words
Bracket sample_bracket(RankOrder order, const float* values, size_t n, size_t k, int32_t* scratch);

/// Words of scratch memory for a selection among n values: a sixteenth of them and a constant.
size_t select_scratch(size_t n);

/// Values from which a pass is split: at a quarter of it, threads gain nothing over their waking.
inline constexpr size_t kSplitFrom = size_t{1} << 18;
/// Parts of a split pass. Few, so that sorted data, where all keys inside the bracket lie in one part, still
/// find room in its share; and because a pass is bound by memory, which four threads exhaust.
inline constexpr size_t kPassParts = 4;

/// The k-th smallest (k from 1 to n) by magnitude or value.
/// @param scratch  select_scratch(n) words, not overlapping `values`
/// @param run      splits the first pass; nullptr runs it whole
Selection select_kth(Isa isa, RankOrder order, const float* values, size_t n, size_t k, int32_t* scratch,
                     const RunParts* run = nullptr);

/// The same among keys, none of a NaN. `scratch` holds select_key_scratch(n) words.
size_t select_key_scratch(size_t n);
Selection select_kth_key(Isa isa, const int32_t* keys, size_t n, size_t k, int32_t* scratch);

}  // namespace tfjs_sparse
